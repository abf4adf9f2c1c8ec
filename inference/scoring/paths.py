"""Paths of a tree as texts, and the name of a step by what stands before it. Knows no model."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TextPath:
    """A problem and the steps of one path; `seqs` names each step in its tree."""

    problem: str
    steps: tuple[str, ...]
    seqs: tuple[int, ...] = ()

    def keys(self) -> list[str]:
        return step_keys(self.problem, self.steps)


def step_keys(problem: str, steps: Sequence[str]) -> list[str]:
    """Return for each step a hash of the problem and all steps up to it: equal beginnings have equal keys."""
    digest = hashlib.sha256(problem.encode()).digest()
    keys = []
    for step in steps:
        digest = hashlib.sha256(digest + step.encode()).digest()
        keys.append(digest.hex())
    return keys


def paths_to(problem: str, nodes: Mapping[int, tuple[int, str]], wanted: Iterable[int] | None = None) -> list[TextPath]:
    """Return the fewest paths that hold every wanted node of a tree (None: every node, that is its leaf paths).

    `nodes` maps seq to (parent seq, text), parent 0 for a first step. A wanted seq or a parent that is not among
    `nodes` is a KeyError.
    """
    goals = set(nodes) if wanted is None else set(wanted)
    covered: set[int] = set()
    paths = []
    # A child is created after its parent, so going down in seq meets the deeper goal first.
    for goal in sorted(goals, reverse=True):
        if goal in covered:
            continue
        seqs = _chain(nodes, goal)
        covered.update(seqs)
        paths.append(TextPath(problem, tuple(nodes[seq][1] for seq in seqs), tuple(seqs)))
    return paths[::-1]


def _chain(nodes: Mapping[int, tuple[int, str]], seq: int) -> list[int]:
    chain = []
    while seq:
        chain.append(seq)
        seq = nodes[seq][0]
    return chain[::-1]
