"""Asking for work: one function a kind of run. A run is cut into shards when it is made."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from django.db import transaction

from annotations import rules
from annotations.access import Access
from annotations.errors import BadInput
from annotations.imports.formats.scored import NAME_LIMIT
from annotations.jobs.making import cut, new_run, run_of_one
from annotations.models import Engine, ModelArtefact, Problem, Run, Tree
from annotations.params import read
from annotations.rules import Act
from annotations.selectors import artefacts, passrates, verified
from inference.datasets import RECIPES
from inference.planted.params import ENGINE, PlantParams
from inference.search.params import SearchParams
from inference.trainers.params import DEDUCIBILITY, HeadParams, ReplayParams
from inference.types import RunKind

DEFAULT_SHARD = 64


@transaction.atomic
def request_generation(
    *,
    access: Access,
    engine_id: int,
    params: Mapping[str, Any],
    problem_ids: Sequence[int] | None = None,
    name: str = "",
    seed: int | None = None,
    band: tuple[float, float] | None = None,
    limit: int | None = None,
    parent_run: int | None = None,
) -> Run:
    """Ask for a tree of each problem (None: all of the project). BadInput names the setting that does not fit.

    A band keeps the problems whose newest pass rate with this engine lies in it; where that leaves none it says why.
    At most `limit` of what is left is taken, the easiest first. `parent_run` is the run that this one was made after.
    """
    rules.check(access, Act.RUN)
    parent = None if parent_run is None else growing_run(access, parent_run)
    engine, search = granted(access, engine_id), read(SearchParams, params)
    artefacts.check_scorer(access, search.scorer, search.scorer_setting)
    keys = problems(access, problem_ids)
    if band is not None:
        keys = passrates.in_band(access, engine, keys, band)
    keys = keys[:limit]
    run = new_run(
        access,
        RunKind.GENERATE,
        name=name[:120] or f"Grow {len(keys)} tree{'s' * (len(keys) != 1)}",
        plugin=search.method,
        params={**vars(search)},
        engine=engine,
        parent_run=parent,
        seed=secrets.randbits(32) if seed is None else seed,
        input={"problems": len(keys), **({} if band is None else {"band": list(band)})},
    )
    _plant(run, keys, int(engine.limits.get("shard", DEFAULT_SHARD)))
    return run


def growing_run(access: Access, run_id: int) -> Run:
    """Return a run of the project that grows trees; BadInput for any other."""
    found = Run.objects.filter(project=access.project, pk=run_id, kind=RunKind.GENERATE).first()
    if found is None:
        raise BadInput(f"Run {run_id} is no run of this project that grows trees.", "parent_run")
    return found


def problems(access: Access, wanted: Sequence[int] | None) -> list[int]:
    """Return the ids of the problems to grow, easy ones first; BadInput for one that is not of this project."""
    rows = Problem.objects.filter(project=access.project).order_by("level", "id")
    if wanted is not None:
        rows = rows.filter(pk__in=wanted)
    keys = list(rows.values_list("pk", flat=True))
    unknown = sorted(set(wanted or ()) - set(keys))
    if unknown:
        raise BadInput(f"Problem {unknown[0]} is not of this project.", "problems")
    if not keys:
        raise BadInput("There is no problem yet: import or generate some first.", "problems")
    return keys


def granted(access: Access, engine_id: int | None) -> Engine:
    """Return an engine that the project may use."""
    known = Engine.objects.filter(active=True, grants__project=access.project)
    engine = None if engine_id is None else known.filter(pk=engine_id).first()
    if engine is None:
        raise BadInput("Choose an engine that is granted to this project.", "engine")
    return engine


def _plant(run: Run, problem_ids: Sequence[int], size: int) -> None:
    """Cut the run into shards of `size` empty trees, one a problem."""
    shards = cut(run, -(-len(problem_ids) // size))
    trees = [
        Tree(project_id=run.project_id, problem_id=key, run=run, shard=shards[at // size], seed=run.seed)
        for at, key in enumerate(problem_ids)
    ]
    Tree.objects.bulk_create(trees, batch_size=2000)


@transaction.atomic
def request_scoring(*, access: Access, model_id: int | None = None) -> Run:
    """Ask for PRM scores of all trees, by a model of the project or (None) its newest."""
    rules.check(access, Act.RUN)
    models = ModelArtefact.objects.filter(project=access.project, kind="prm-head", active=True).order_by("-id")
    model = models.filter(pk=model_id).first() if model_id is not None else models.first()
    if model is None:
        raise BadInput("There is no PRM to score with: train one first.", "model")
    name = f"Score with {model.name}"
    return run_of_one(access, RunKind.SCORE, name=name, plugin="prm", params={"model_id": model.pk})


@transaction.atomic
def request_training(*, access: Access, params: Mapping[str, Any]) -> Run:
    """Ask for a new PRM head from the current labels, or a deducibility scorer from the project's right solutions."""
    rules.check(access, Act.RUN)
    head = read(HeadParams, params)
    name, plugin = "Train a PRM", artefacts.HEAD_KIND
    if head.objective == DEDUCIBILITY:
        verified.check_right_solutions(access)
        name, plugin = "Train a deducibility scorer", artefacts.DEDUCER_KIND
    return run_of_one(access, RunKind.TRAIN, name=name, plugin=plugin, params={**vars(head)}, seed=head.seed)


@transaction.atomic
def request_replay(*, access: Access, params: Mapping[str, Any]) -> Run:
    """Ask for the learning curve of the labels that the project has."""
    rules.check(access, Act.RUN)
    replay = read(ReplayParams, params)
    fields: dict[str, Any] = {"name": "Replay labels", "plugin": artefacts.HEAD_KIND, "seed": replay.seed}
    return run_of_one(access, RunKind.REPLAY, params=replay.as_dict(), **fields)


@transaction.atomic
def request_planting(*, access: Access, params: Mapping[str, Any], engine_id: int | None = None) -> Run:
    """Ask for labelled trees of planted errors, made by rule or by an engine that goes wrong."""
    rules.check(access, Act.IMPORT)
    planting = read(PlantParams, params)
    fields: dict[str, Any] = {"name": "Plant errors", "plugin": "planted", "seed": planting.seed}
    if planting.by != ENGINE and engine_id is not None:
        raise BadInput("Errors made by rule take no engine.", "engine")
    if planting.by == ENGINE:
        rules.check(access, Act.RUN)
        engine = granted(access, engine_id)
        fields |= {"engine": engine, "name": f"Plant errors by {engine.name}"[:120]}
    return run_of_one(access, RunKind.PLANT, params=planting.as_dict(), **fields)


@transaction.atomic
def request_import(
    *,
    access: Access,
    path: Path,
    name: str,
    format: str | None,  # noqa: A002 the page's word
    scorer: str = "",
) -> Run:
    """Ask to import a file that lies on the server already; `scorer` made the scores of rows that name none."""
    rules.check(access, Act.IMPORT)
    scorer = scorer.replace("\x00", "").strip()
    if len(scorer) > NAME_LIMIT:
        raise BadInput(f"A scorer's name has at most {NAME_LIMIT} characters.", "scorer")
    given = {"path": str(path), "name": name, "format": format, "scorer": scorer}
    return run_of_one(access, RunKind.IMPORT, name=f"Import {name}"[:120], input=given)


@transaction.atomic
def request_export(*, access: Access, recipe: str, options: Mapping[str, Any]) -> Run:
    """Ask for a data set by a recipe; BadInput names the option that does not fit."""
    rules.check(access, Act.EXPORT)
    if recipe not in RECIPES:
        raise BadInput(f"{recipe!r} is not a recipe; expected one of {', '.join(RECIPES)}.", "recipe")
    try:
        clean = RECIPES[recipe].options.read(options).as_dict()
    except ValueError as error:
        raise BadInput(f"{error}.", "options") from None
    return run_of_one(
        access, RunKind.EXPORT, name=f"Export {recipe}", plugin=recipe, params={"recipe": recipe, "options": clean}
    )
