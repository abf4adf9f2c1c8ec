"""Growing trees: one slice is one round of all trees of a shard, in one engine batch, stored as it ends."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from django.db import transaction

from annotations import leases, store
from annotations.errors import BadInput
from annotations.leases import Claim
from annotations.models import RunShard, Tree
from inference.engines.base import Engine
from inference.search import RoundStats, SearchParams, SearchTree, finished, resume_tree, run_round
from inference.search.labels import count_labels, label_steps
from inference.types import TreeState

if TYPE_CHECKING:
    from annotations.tasks.loop import WorkLoop

LOAD_SECONDS = 600.0
# A shard of hundreds of rounds keeps the figures of its newest ones.
KEPT_ROUNDS = 200


def grow_slice(claim: Claim, loop: WorkLoop) -> bool:
    """Grow the shard's trees by one round and store it; return whether any tree has rounds left."""
    rows = list(
        Tree.objects.filter(shard=claim.shard, state=TreeState.GROWING).select_related("problem").order_by("id")
    )
    if not rows:
        return False
    params = SearchParams.from_mapping(claim.run.params)
    engine = engine_of(claim, loop)
    trees = [resume_tree(tree, params) for tree in store.read_trees(rows)]
    stats = run_round(trees, engine, loop.resident.check, params, loop.tick)
    changes = [_change(tree, params) for tree in trees]
    with transaction.atomic():
        leases.hold(claim)
        store.store_round(project_id=claim.run.project_id, run_id=claim.run.pk, changes=changes)
        _checkpoint(claim, stats, engine)
    return any(change.state is TreeState.GROWING for change in changes)


def engine_of(claim: Claim, loop: WorkLoop) -> Engine:
    """Return the run's engine, loaded."""
    row = claim.run.engine
    if row is None:
        raise BadInput("The run names no engine.", "engine")
    if loop.resident.holds(row):
        return loop.resident.engine(row)
    with loop.patient(LOAD_SECONDS):
        return loop.resident.engine(row)


def _change(tree: SearchTree, params: SearchParams) -> store.TreeChange:
    if not finished(tree, params):
        return store.TreeChange(tree=tree.frozen(), nodes=tree.changed(), state=TreeState.GROWING)
    whole = tree.frozen(TreeState.DONE)
    labels = label_steps(whole.nodes, params)
    return store.TreeChange(
        tree=whole,
        nodes=tree.changed(),
        state=TreeState.DONE,
        stats=asdict(count_labels(labels)),
        ratings={label.seq: label.rating for label in labels if label.rating is not None},
    )


def _checkpoint(claim: Claim, stats: RoundStats, engine: Engine) -> None:
    """Append this round's figures to the shard; only the holder of the fence gets here."""
    done: dict[str, Any] = dict(RunShard.objects.values_list("checkpoint", flat=True).get(pk=claim.shard.pk))
    figures = {name: round(value, 3) if isinstance(value, float) else value for name, value in asdict(stats).items()}
    rounds = [*done.get("rounds", []), figures][-KEPT_ROUNDS:]
    sums = {name: done.get("sums", {}).get(name, 0) + value for name, value in figures.items()}
    sums["rounds"] = done.get("sums", {}).get("rounds", 0) + 1
    info = engine.info
    checkpoint = {"rounds": rounds, "sums": sums, "engine": {"device": info.device, "dtype": info.dtype}}
    RunShard.objects.filter(pk=claim.shard.pk).update(checkpoint=checkpoint)
