"""Tidy layout of a tree from left to right. Knows only numbers and parents: no rows, no colours."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """Where a step is drawn, in units of one level (x) and one leaf (y); `folded` steps hide what lies below them."""

    x: int
    y: float
    folded: bool = False


def tidy(
    roots: Sequence[int], children: Mapping[int, Sequence[int]], path: Iterable[int], limit: int
) -> dict[int, Place]:
    """Return the places of the steps that are drawn, at most about `limit` of them.

    1. Unfold level by level, those on `path` first, until the limit is reached; the rest stays folded.
    2. Leaves (and folds) take one line each in reading order; a parent stands midway between its first and last child.
    """
    opened = _opened(roots, children, path, limit)
    places: dict[int, Place] = {}
    line = 0
    waiting = [(root, 0, False) for root in reversed(roots)]
    while waiting:
        seq, level, done = waiting.pop()
        below = children.get(seq, ()) if seq in opened else ()
        if done:
            places[seq] = Place(level, (places[below[0]].y + places[below[-1]].y) / 2)
        elif below:
            waiting.append((seq, level, True))
            waiting.extend((child, level + 1, False) for child in reversed(below))
        else:
            places[seq] = Place(level, float(line), bool(children.get(seq)))
            line += 1
    return places


def _opened(roots: Sequence[int], children: Mapping[int, Sequence[int]], path: Iterable[int], limit: int) -> set[int]:
    opened = set(path)
    drawn = len(roots) + sum(len(children.get(seq, ())) for seq in opened)
    level = list(roots)
    while level and drawn < limit:
        following: list[int] = []
        for seq in level:
            below = children.get(seq, ())
            if seq not in opened:
                if drawn + len(below) > limit:
                    continue
                opened.add(seq)
                drawn += len(below)
            following.extend(below)
        level = following
    return opened
