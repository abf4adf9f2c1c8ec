"""Asking for tools' verdicts on stored steps: by any chain of tools, of all trees, one run's, or one kind of problem.

A run is cut into shards of whole trees. What each shard does: annotations.tasks.check.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction

from annotations import jobs, rules
from annotations.access import Access
from annotations.errors import BadInput
from annotations.models import Engine, Run, RunShard
from annotations.params import read
from annotations.rules import Act
from annotations.selectors import checks
from inference.types import Role, RunKind
from inference.verifiers.params import AUTO, CheckParams

STEPS_A_SHARD = 2_000
ASKED_A_SHARD = 400
"""Steps of a shard whose steps a model is asked about: several engines share a run."""
Trees = Iterable[tuple[int, int]]


@transaction.atomic
def request_checking(
    *,
    access: Access,
    params: Mapping[str, Any] | None = None,
    parent_run: int | None = None,
    engine_id: int | None = None,
    name: str = "",
    seed: int | None = None,
) -> Run:
    """Ask for checks by the tools of `params` (CheckParams): of all steps, or (`parent_run`) those that a run grew.

    A verdict that a step has from the same version of a tool is not asked for again. BadInput names what does not fit.
    """
    rules.check(access, Act.RUN)
    settings = read(CheckParams, params or {})
    engine = _engine(access, settings, engine_id)
    grown = None if parent_run is None else jobs.growing_run(access, parent_run)
    kinds = _kinds(access, settings)
    trees = checks.checked_trees(access.project.pk, kinds=kinds, run_id=parent_run)
    rows = list(trees.values_list("pk", "node_count"))
    if not rows:
        raise BadInput("There is no step to check: grow or import trees first.", "parent_run" if grown else "verifier")
    return _asked(
        access, settings, rows, kinds, engine=engine, parent_run=grown, name=name[:120] or _name(settings, grown),
        seed=secrets.randbits(32) if seed is None else seed,
    )  # fmt: skip


@transaction.atomic
def check_unchecked(access: Access, name: str = "Check what no tool has seen") -> Run | None:
    """Ask for checks of the steps that no tool has seen, by tools that ask no model; None where there is none."""
    settings = CheckParams()
    kinds = list(checks.known_kinds(access.project.pk, settings.chain))
    trees = checks.with_unchecked(checks.checked_trees(access.project.pk, kinds=kinds))
    rows = list(trees.values_list("pk", "node_count"))
    return _asked(access, settings, rows, kinds, name=name) if rows else None


def check_what_came(run: Run, report: Mapping[str, object]) -> Run | None:
    """Ask, for whoever asked for the run, for checks of the steps that it brought in; None where it brought none.

    Known steps count too: the run may have been repeated after a kill.
    """
    if not (report.get("nodes_new") or report.get("nodes_known")) or run.requested_by is None:
        return None
    access = Access(user=run.requested_by, project=run.project, role=Role.OWNER)
    return check_unchecked(access, f"Check what run {run.pk} brought in")


def _engine(access: Access, settings: CheckParams, engine_id: int | None) -> Engine | None:
    if settings.asks:
        return jobs.granted(access, engine_id)
    if engine_id is not None:
        raise BadInput("None of these tools asks a model: leave the engine out, or add one that does.", "engine")
    return None


def _kinds(access: Access, settings: CheckParams) -> list[str]:
    """Return the kinds of problem that are checked; BadInput where the tools know none of the project's."""
    known = list(checks.known_kinds(access.project.pk, settings.chain))
    if settings.kind:
        known = [kind for kind in known if kind == settings.kind]
    if not known:
        asked = f"of the kind {settings.kind!r}" if settings.kind else "of this project"
        raise BadInput(f"None of these tools knows problems {asked}.", "kind" if settings.kind else "verifier")
    return known


def _name(settings: CheckParams, grown: Run | None) -> str:
    by = "all tools" if settings.chain == (AUTO,) else ", ".join(settings.chain)
    return f"Check with {by}{f': {grown}' if grown else ''}"[:120]


def _asked(access: Access, settings: CheckParams, rows: Trees, kinds: list[str], **fields: Any) -> Run:
    """Write the run with its shards; `rows` are the trees in order, each with its number of nodes."""
    fields |= {"plugin": settings.verifier[:60], "params": settings.as_dict(), "input": {"kinds": kinds}}
    run = jobs.new_run(access, RunKind.CHECK, **fields)
    parts = _parts(rows, ASKED_A_SHARD if settings.asks else STEPS_A_SHARD)
    shards = jobs.cut(run, len(parts))
    for shard, part in zip(shards, parts, strict=True):
        shard.checkpoint = part
    RunShard.objects.bulk_update(shards, ["checkpoint"], batch_size=500)
    return run


def _parts(rows: Trees, size: int) -> list[dict[str, int]]:
    """Cut trees into spans of about `size` nodes: the first and the last tree's id, how many trees and nodes."""
    parts: list[dict[str, int]] = []
    for tree, nodes in rows:
        if not parts or parts[-1]["nodes"] >= size:
            parts.append({"first": tree, "last": tree, "trees": 0, "nodes": 0})
        parts[-1]["last"] = tree
        parts[-1]["trees"] += 1
        parts[-1]["nodes"] += nodes
    return parts
