"""One slice of work by the kind of run. A slice of growing trees is one round; the other kinds are done in one."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction

from annotations import devices, leases
from annotations.checking import check_what_came
from annotations.devices import Share
from annotations.leases import Claim
from annotations.models import Run
from annotations.reviewing.fold import fold
from annotations.tasks.check import check_slice
from annotations.tasks.generate import engine_of, grow_slice
from annotations.tasks.passrate import rate_slice
from inference.engines.cards import card
from inference.types import RunKind

if TYPE_CHECKING:
    from annotations.tasks.loop import WorkLoop


class Finished(Enum):
    """Whether the shard has ended with this slice."""

    YES = 1
    NO = 0


def _grow(claim: Claim, loop: WorkLoop) -> Finished:
    return Finished.NO if grow_slice(claim, loop) else Finished.YES


def _rate(claim: Claim, loop: WorkLoop) -> Finished:
    return Finished.NO if rate_slice(claim, loop) else Finished.YES


def _check(claim: Claim, loop: WorkLoop) -> Finished:
    return Finished.NO if check_slice(claim, loop) else Finished.YES


def _whole(
    module: str,
    name: str,
    then: Callable[[Run, dict[str, Any]], object] | None = None,
    *,
    draws: bool = False,
    computes: bool = False,
) -> Callable[[Claim, WorkLoop], Finished]:
    """Return a slice that calls `name(run=…, progress=…)` of a task module, stores its report and calls `then`.

    With `draws` it may load the run's engine by calling `engine`. One that `computes` runs on the machine's
    accelerator, if it has one, and waits until engines have left it room.
    """

    def do(claim: Claim, loop: WorkLoop) -> Finished:
        work: Callable[..., dict[str, Any]] = getattr(import_module(module), name)
        if not draws or claim.run.engine is None:
            loop.resident.free_engine()

        def progress(said: dict[str, object]) -> None:
            loop.tick()
            Run.objects.filter(pk=claim.run.pk).update(report={"progress": said})

        if computes:
            loop.borrow(Share(card(settings.TRAIN_DEVICE), settings.TRAIN_MEMORY / 100, str(claim.run)))
        loading = {"engine": partial(engine_of, claim, loop)} if draws else {}
        try:
            report = work(run=claim.run, progress=progress, **loading)
        finally:
            if computes:
                devices.give_back(loop.name)
        with transaction.atomic():
            leases.hold(claim)
            Run.objects.filter(pk=claim.run.pk).update(report=report)
            if then is not None:
                then(claim.run, report)
        fold(claim.run.project_id)
        return Finished.YES

    return do


SLICES: dict[str, Callable[[Claim, WorkLoop], Finished]] = {
    RunKind.GENERATE: _grow,
    RunKind.SCORE: _whole("annotations.tasks.score", "run_score", computes=True),
    RunKind.TRAIN: _whole("annotations.tasks.train", "run_train", computes=True),
    RunKind.IMPORT: _whole("annotations.tasks.imports", "run_import", then=check_what_came),
    RunKind.EXPORT: _whole("annotations.tasks.exports", "run_export"),
    RunKind.PLANT: _whole("annotations.tasks.plant", "run_plant", then=check_what_came, draws=True),
    RunKind.REPLAY: _whole("annotations.tasks.replay", "run_replay", computes=True),
    RunKind.PASSRATE: _rate,
    RunKind.PROBLEMS: _whole("annotations.tasks.problems", "run_problems"),
    RunKind.POLICY: _whole("annotations.tasks.policy", "run_policy", computes=True),
    RunKind.CHECK: _check,
}
