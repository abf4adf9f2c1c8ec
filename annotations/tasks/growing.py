"""What the end of a round means for a tree's rows and a shard's figures, whichever way its trees grow."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from annotations import store
from annotations.leases import Claim
from annotations.models import RunShard
from inference.engines.base import EngineInfo, Usage
from inference.search import RoundStats, SearchParams, SearchTree, finished
from inference.search.labels import count_labels, label_steps
from inference.search.tree import BadDraw
from inference.types import TreeState
from inference.verifiers.figures import Figures, added

# A shard of hundreds of rounds keeps the figures of its newest ones.
KEPT_ROUNDS = 200
PART_SECONDS = 10
"""Trees that go on independently have no rounds in common: their figures are summed over parts of this length."""


def change_of(tree: SearchTree, params: SearchParams) -> store.TreeChange:
    """Return what a tree's row and nodes are now; its labels and their counts, if it has ended."""
    nodes = tree.changed()
    seen: dict[str, Any] = {
        "nodes": nodes,
        "depths": {node.seq: tree.nodes[node.seq - 1].depth for node in nodes},
        "node_count": len(tree.nodes),
        "correct_paths": tree.correct,
        "wrong_paths": tree.wrong,
        "stored": tree.stored,
        "faults": [_faulty(draw) for draw in tree.faults],
    }
    if not finished(tree, params):
        return store.TreeChange(tree=tree.header(TreeState.GROWING), state=TreeState.GROWING, **seen)
    labels = label_steps(tree.frozen().nodes, params)
    return store.TreeChange(
        tree=tree.header(TreeState.DONE),
        state=TreeState.DONE,
        stats=asdict(count_labels(labels)),
        ratings={label.seq: label.rating for label in labels if label.rating is not None},
        **seen,
    )


def _faulty(draw: BadDraw) -> store.Faulty:
    drawn = draw.completion
    return store.Faulty(
        draw.number, draw.after, draw.fault.value, draw.text, drawn.tokens, drawn.logprob, drawn.finish.value
    )


def note_figures(
    claim: Claim,
    parts: Sequence[tuple[RoundStats, Usage]],
    info: EngineInfo,
    tools: Figures,
    *,
    timed: bool = False,
) -> None:
    """Add figures to the shard, each as a round of its own or (`timed`) to the part of the run's time it falls into.

    `tools` is what its verifiers have done meanwhile. Only the holder of the fence gets here.
    """
    done: dict[str, Any] = dict(RunShard.objects.values_list("checkpoint", flat=True).get(pk=claim.shard.pk))
    rounds: list[dict[str, Any]] = done.get("rounds", [])
    sums: dict[str, float] = done.get("sums", {})
    for stats, used in parts:
        figures = {
            name: round(value, 3) if isinstance(value, float) else value
            for name, value in {**asdict(used), **asdict(stats)}.items()
        }
        part = int(time.time()) // PART_SECONDS if timed else None
        if part is not None and rounds and rounds[-1].get("part") == part:
            rounds[-1] |= {name: rounds[-1].get(name, 0) + value for name, value in figures.items()}
        else:
            rounds.append(figures if part is None else {"part": part, **figures})
        sums |= {name: sums.get(name, 0) + value for name, value in figures.items()}
        sums["rounds"] = sums.get("rounds", 0) + 1
    engine = {"device": info.device, "dtype": info.dtype, "max_batch": info.max_batch}
    checked = added(done.get("tools", {}), tools)
    checkpoint = {"rounds": rounds[-KEPT_ROUNDS:], "sums": sums, "engine": engine, "tools": checked}
    RunShard.objects.filter(pk=claim.shard.pk).update(checkpoint=checkpoint)
