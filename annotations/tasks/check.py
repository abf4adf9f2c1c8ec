"""Checking stored steps as slices of a run: batches of open checks, each stored under the shard's fence.

A verdict is keyed by step, verifier, version and the way a model was asked, so a repeated or interrupted slice writes
nothing twice and goes on where it stopped. Of checks that come to the same only the first is done: what an equal step
of the project has had before is taken over with its evidence, and so is what one of this batch gets.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from django.db import transaction

from annotations import leases, store
from annotations.leases import Claim
from annotations.params import read
from annotations.store import Checked, Same
from annotations.tasks.check_end import end_shard
from annotations.tasks.check_figures import Work, note_work
from annotations.tasks.check_part import Part, Step, job_of, read_part
from annotations.tasks.generate import engine_of
from annotations.tasks.resident import CHECK_SECONDS
from inference.engines.base import Engine, Usage
from inference.prompts import readable
from inference.types import Verdict
from inference.verifiers import verifier
from inference.verifiers.again import addressed, placed
from inference.verifiers.base import Asking
from inference.verifiers.figures import since
from inference.verifiers.params import TOOLS, CheckParams
from inference.verifiers.wire import CheckJob, Draft

if TYPE_CHECKING:
    from annotations.tasks.loop import WorkLoop

SLICE_SECONDS = 5.0
BATCH = 500
LEAST_ASKED, MOST_ASKED = 16, 1024
Open = Sequence[tuple[Step, str]]


def check_slice(claim: Claim, loop: WorkLoop) -> bool:
    """Check open steps of the shard for a few seconds; return whether any is left."""
    params = read(CheckParams, claim.run.params)
    if not params.asks:
        loop.resident.free_engine()
    part = read_part(claim.run, claim.shard, params)
    until = time.monotonic() + SLICE_SECONDS
    for stage in part.stages():
        while batch := stage():
            if time.monotonic() > until:
                return True
            asked = any(TOOLS[name].asks for _, name in batch)
            engine = engine_of(claim, loop) if asked else None
            _check(claim, loop, part, batch[: _room(engine, params)], engine)
            loop.tick()
    end_shard(claim, part, params)
    return False


def _room(engine: Engine | None, params: CheckParams) -> int:
    """Return how many checks go into a batch: where a model is asked, as many as fill the engine about once."""
    if engine is None:
        return BATCH
    return max(1, min(max(engine.info.max_batch, LEAST_ASKED), MOST_ASKED) // params.programs)


def _check(claim: Claim, loop: WorkLoop, part: Part, batch: Open, engine: Engine | None) -> None:
    """Check a batch and store what was found."""
    began, before, used = time.monotonic(), loop.resident.tool_figures(), engine.usage if engine else Usage()
    sames = [part.same(step, name) for step, name in batch]
    known = store.known_verdicts(claim.run.project_id, sames)
    fresh: dict[Same, tuple[Step, str]] = {}
    for same, each in zip(sames, batch, strict=True):
        if same not in known:
            fresh.setdefault(same, each)
    jobs = _drafted(claim, loop, list(fresh.values()), engine)
    with loop.patient(len(jobs) * CHECK_SECONDS):
        verdicts = loop.resident.check(jobs)
    found = known | {
        same: replace(verdict, version=same.version) for same, verdict in zip(fresh, verdicts, strict=True)
    }
    checked = [
        _checked(each[0], found[same], same, taken_over=fresh.get(same) is not each)
        for same, each in zip(sames, batch, strict=True)
    ]
    for (step, name), one in zip(batch, checked, strict=True):
        part.learn(step, name, one.verdict.kind)
    work = Work(
        since(loop.resident.tool_figures(), before),
        checked,
        engine.usage.since(used) if engine else used,
        time.monotonic() - began,
    )
    with transaction.atomic():
        leases.hold(claim)
        store.store_checks(claim.run.project_id, claim.run.pk, checked)
        note_work(claim, work, left=part.left(), total=len(part.steps))


def _checked(step: Step, verdict: Verdict, same: Same, *, taken_over: bool) -> Checked:
    if taken_over:
        verdict = replace(verdict, claims=placed(verdict.claims, step.text), millis=0.0)
    return Checked(step.node_id, same, verdict, taken_over)


def _drafted(claim: Claim, loop: WorkLoop, fresh: Open, engine: Engine | None) -> list[CheckJob]:
    """Return the jobs of these checks, with what the model said of each where the tool asks one."""
    jobs = [job_of(step, name) for step, name in fresh]
    if engine is None:
        return jobs
    count = claim.run.params["programs"]
    asked = [
        addressed(
            cast(Asking, verifier(name)).requests(job, count),
            seed=claim.run.seed, verifier=name, node=str(step.node_id),
        )
        for (step, name), job in zip(fresh, jobs, strict=True)
    ]  # fmt: skip
    flat = [one for some in asked for one in some]
    drawn = iter([readable(one) for one in engine.generate(flat, progress=loop.tick)] if flat else [])
    drafts = iter([Draft(one.text, one.choices) for one in drawn])
    return [replace(job, drafts=tuple(next(drafts) for _ in some)) for job, some in zip(jobs, asked, strict=True)]
