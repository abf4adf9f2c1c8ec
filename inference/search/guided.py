"""Paths scored by a guide: a PRM, deducibility, or their own likelihood. Knows nothing about how a method uses them.

A guide's score p in [0, 1] stands in the tree as the value `2p - 1`, so that values mean the same for every method.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from math import exp
from typing import Any

from inference.scoring.reduce import reduce
from inference.search.params import LIKELIHOOD, SearchParams
from inference.search.tree import SearchNode, SearchTree
from inference.search.wants import Rate, RateJob

UNKNOWN = 0.5
"""The score of a path on which there is nothing to score: an answer without steps."""


def step_scores(tree: SearchTree, ends: Sequence[SearchNode]) -> Generator[Rate, Any, dict[int, Sequence[float]]]:
    """Have every path to one of `ends` scored once; return its steps' scores, in order, by the end's seq."""
    paths = {end.seq: tuple([node.text for node in tree.chain(end) if not node.terminal]) for end in ends}
    asked = [steps for steps in dict.fromkeys(paths.values()) if steps]
    if not asked:
        return {}
    scores = yield Rate([RateJob(tree.problem, steps) for steps in asked])
    told = dict(zip(asked, scores, strict=True))
    for steps, numbers in told.items():
        if len(numbers) != len(steps):
            raise ValueError(f"{len(numbers)} scores came for {len(steps)} steps")
    return {seq: told.get(steps, ()) for seq, steps in paths.items()}


def path_scores(
    tree: SearchTree, ends: Sequence[SearchNode], params: SearchParams
) -> Generator[Rate, Any, dict[int, float]]:
    """Return, by seq, the score in [0, 1] of the path to `ends` and to every node on the way.

    "likelihood": the geometric mean of the path's token probabilities, the answer's included. Otherwise the scores of
    the steps, reduced as `path_score` says; an answer is worth the steps before it. A path with a refuted step is
    worth 0 whatever the guide says.
    """
    told: dict[int, Sequence[float]] = {}
    if params.guide != LIKELIHOOD:
        told = yield from step_scores(tree, ends)
    found: dict[int, float] = {}
    for end in ends:
        chain = tree.chain(end)
        for done, node in enumerate(chain, start=1):
            if node.seq not in found:
                found[node.seq] = _score(chain[:done], told.get(end.seq, ()), params)
    return found


def give(tree: SearchTree, node: SearchNode, score: float) -> None:
    """Visit a node with what its path was scored."""
    tree.visit(node, 2 * score - 1)


def _score(chain: Sequence[SearchNode], numbers: Sequence[float], params: SearchParams) -> float:
    if any(node.refuted for node in chain):
        return 0.0
    if params.guide == LIKELIHOOD:
        tokens = sum(node.tokens for node in chain)
        return exp(min(sum(node.logprob for node in chain) / max(tokens, 1), 0.0))
    steps = len(chain) - chain[-1].terminal
    return reduce(numbers[:steps], params.path_score) if steps else UNKNOWN
