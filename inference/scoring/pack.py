"""Token paths that share beginnings, laid side by side so that every shared token is read once. Knows no model.

A packed sequence is the tree of its paths in depth-first order: each token sees its own ancestors and itself, and its
position counts along its path, so the hidden states are those of reading every path alone (tree attention, as in
SpecInfer, arXiv:2305.09781). A tree of steps shrinks several-fold, since its leaf paths repeat their first steps.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray


@dataclass(slots=True)
class Pack:
    """Tokens of several paths: id, position along its path, and the index of its parent token (-1: none).

    `places` maps (path index, step index) to the index of the step's last token in this pack.
    """

    ids: list[int] = field(default_factory=list)
    positions: list[int] = field(default_factory=list)
    parents: list[int] = field(default_factory=list)
    places: dict[tuple[int, int], int] = field(default_factory=dict)

    def chain(self, token: int, length: int) -> list[int]:
        """Return `token` and the tokens before it on its path, `length` of them, from the last to the first."""
        found = []
        while length > 0 and token >= 0:
            found.append(token)
            token, length = self.parents[token], length - 1
        return found

    def mask(self) -> NDArray[np.bool_]:
        """Return (tokens, tokens): row i is true at token i and its ancestors."""
        count = len(self.ids)
        seen = np.zeros((count, count), dtype=np.bool_)
        for i, parent in enumerate(self.parents):
            if parent >= 0:
                seen[i, : parent + 1] = seen[parent, : parent + 1]
            seen[i, i] = True
        return seen


def packs(paths: Sequence[Sequence[int]], ends: Sequence[Sequence[int]], budget: int) -> Iterator[Pack]:
    """Yield packs that hold every path whole, of at most `budget` tokens unless a single path is longer.

    `ends[i]` holds, for each step of path i, the index of its last token. ValueError for a budget below 1.
    """
    if budget < 1:
        raise ValueError(f"budget: expected at least 1 token, got {budget}")
    pack = Pack()
    before: Sequence[int] = ()
    trail: list[int] = []
    for i in sorted(range(len(paths)), key=lambda i: tuple(paths[i])):
        ids = paths[i]
        shared = common(before, ids)
        if pack.ids and len(pack.ids) + len(ids) - shared > budget:
            yield pack
            pack, shared = Pack(), 0
        trail = trail[:shared]
        for position in range(shared, len(ids)):
            pack.parents.append(trail[-1] if trail else -1)
            trail.append(len(pack.ids))
            pack.ids.append(ids[position])
            pack.positions.append(position)
        pack.places.update({(i, step): trail[end] for step, end in enumerate(ends[i])})
        before = ids
    if pack.ids:
        yield pack


def common(one: Sequence[int], other: Sequence[int]) -> int:
    """Return how many tokens two sequences share at their beginning."""
    for count, (a, b) in enumerate(zip(one, other, strict=False)):
        if a != b:
            return count
    return min(len(one), len(other))
