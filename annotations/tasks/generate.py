"""Growing trees in lockstep: a round of all trees of a shard is one engine batch, stored as it ends.

A slice is one round, or as many as begin within a fifth of a second: only a scripted engine is that fast.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from django.db import transaction

from annotations import leases, store
from annotations.errors import BadInput
from annotations.leases import Claim
from annotations.models import Tree
from annotations.tasks.flow import flow_slice
from annotations.tasks.growing import change_of, note_figures
from annotations.tasks.guiding import guide_of
from inference.engines.base import Engine, Usage
from inference.search import RoundStats, SearchParams, SearchTree, finished, resume_tree, run_round
from inference.types import TreeState
from inference.verifiers.figures import since

if TYPE_CHECKING:
    from annotations.tasks.loop import WorkLoop

LOAD_SECONDS = 600.0
STORE_SECONDS = 0.2


def grow_slice(claim: Claim, loop: WorkLoop) -> bool:
    """Grow the shard's trees and store them; return whether any tree has rounds left.

    An engine that batches continuously takes all it can of the run in one slice (annotations.tasks.flow).
    """
    engine = engine_of(claim, loop)
    if engine.info.continuous:
        return flow_slice(claim, loop, engine)
    params = SearchParams.from_mapping(claim.run.params)
    trees = _trees(claim, loop, params)
    if not trees:
        return False
    guide = guide_of(claim.run, params, loop)
    rounds: list[tuple[RoundStats, Usage]] = []
    checked = loop.resident.tool_figures()
    until = time.monotonic() + STORE_SECONDS
    while True:
        before = engine.usage
        stats = run_round(trees, engine, loop.resident.check, params, loop.tick, guide)
        rounds.append((stats, engine.usage.since(before)))
        if time.monotonic() > until or all(finished(tree, params) for tree in trees):
            break
    changes = [change_of(tree, params) for tree in trees]
    with transaction.atomic():
        leases.hold(claim)
        store.store_round(project_id=claim.run.project_id, run_id=claim.run.pk, changes=changes)
        note_figures(claim, rounds, engine.info, since(loop.resident.tool_figures(), checked))
    left = [tree for tree, change in zip(trees, changes, strict=True) if change.state is TreeState.GROWING]
    for tree in left:
        tree.mark_stored()
    loop.resident.keep_trees(claim, left)
    return bool(left)


def _trees(claim: Claim, loop: WorkLoop, params: SearchParams) -> list[SearchTree]:
    """Return the shard's growing trees: those in memory if they are as stored, else read."""
    rows = Tree.objects.filter(shard=claim.shard, state=TreeState.GROWING).order_by("id")
    kept = loop.resident.kept_trees(claim)
    if kept is None:
        return [resume_tree(tree, params) for tree in store.read_trees(rows.select_related("problem"))]
    growing = {str(key) for key in rows.values_list("pk", flat=True)}
    return [tree for tree in kept if tree.key in growing]


def engine_of(claim: Claim, loop: WorkLoop) -> Engine:
    """Return the run's engine, loaded."""
    row = claim.run.engine
    if row is None:
        raise BadInput("The run names no engine.", "engine")
    if loop.resident.holds(row):
        return loop.resident.engine(row)
    with loop.patient(LOAD_SECONDS):
        return loop.resident.engine(row, loop.borrow)
