"""Rows against the reference's rows. Knows nothing about databases or SQL.

Rows are compared as a multiset; where the reference orders them, rows that its order leaves equal may come in any
order, and a LIMIT that cuts through such a tie may keep any of them.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from inference.verifiers.sql.running import Cell, Row

TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True)
class Expected:
    """What a reference allows: groups of rows that may come in any order, and the window [start, stop) of them all."""

    groups: tuple[tuple[Row, ...], ...]
    width: int
    start: int = 0
    stop: int | None = None
    sure_order: bool = True

    @property
    def total(self) -> int:
        return sum(len(group) for group in self.groups)

    def window(self) -> tuple[int, int]:
        stop = self.total if self.stop is None else min(self.stop, self.total)
        return min(self.start, stop), stop

    def rows(self) -> tuple[Row, ...]:
        """Return one order of the rows that is right."""
        low, high = self.window()
        return tuple(row for group in self.groups for row in group)[low:high]

    @property
    def is_cut(self) -> bool:
        """Whether the window ends inside a group, so that several results are right."""
        low, high = self.window()
        at = 0
        for group in self.groups:
            if any(at < edge < at + len(group) for edge in (low, high)) and len(set(map(_key, group))) > 1:
                return True
            at += len(group)
        return False


def difference(ours: Sequence[Row], width: int, expected: Expected) -> str:
    """Return how our rows differ, "" when they do not: columns, rows, or only their order."""
    if width != expected.width:
        return f"{_count(width, 'column')} instead of {expected.width}"
    if fits(ours, expected):
        return ""
    theirs = expected.rows()
    if not alike(ours, theirs):
        if len(ours) != len(theirs):
            return f"{_count(len(ours), 'row')} instead of {len(theirs)}"
        return "other rows"
    return "the same rows in another order"


def fits(ours: Sequence[Row], expected: Expected) -> bool:
    """Whether our rows, in their order, are a result that the reference allows."""
    low, high = expected.window()
    if len(ours) != high - low:
        return False
    at = taken = 0
    for group in expected.groups:
        count = max(0, min(high, at + len(group)) - max(low, at))
        segment = ours[taken : taken + count]
        whole = count == len(group)
        if count and not (alike(segment, group) if whole else _within(segment, group)):
            return False
        at, taken = at + len(group), taken + count
    return True


def alike(one: Sequence[Row], two: Sequence[Row]) -> bool:
    """Whether two lists hold the same rows, each as often."""
    if len(one) != len(two):
        return False
    pairs = zip(sorted(one, key=_key), sorted(two, key=_key), strict=True)
    return all(len(a) == len(b) and all(same(x, y) for x, y in zip(a, b, strict=True)) for a, b in pairs)


def same(one: Cell, two: Cell) -> bool:
    """Whether two cells are equal: 1 and 1.0 are, floats within 1e-9, text only to the letter."""
    if isinstance(one, int | float) and isinstance(two, int | float):
        return one == two or math.isclose(one, two, rel_tol=TOLERANCE, abs_tol=1e-12)
    return type(one) is type(two) and one == two


def _within(part: Sequence[Row], whole: Sequence[Row]) -> bool:
    return not Counter(map(_key, part)) - Counter(map(_key, whole))


def _key(row: Row) -> tuple[tuple[int, str], ...]:
    return tuple(_order(cell) for cell in row)


def _order(cell: Cell) -> tuple[int, str]:
    if cell is None:
        return 0, ""
    if isinstance(cell, int | float):
        return 1, f"{cell + 0.0:.9e}"
    return (2, cell) if isinstance(cell, str) else (3, cell.hex())


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
