"""The largest value of a linear function, exact: the simplex method with Bland's rule, which never cycles.

R. G. Bland, "New finite pivoting rules for the simplex method", Mathematics of Operations Research 2, 1977. The table
holds whole numbers over one common denominator, as in E. H. Bareiss' elimination (1968), which is several times
faster than a table of fractions.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import lcm

Numbers = Sequence[Fraction]


def largest(costs: Numbers, rows: Sequence[Numbers], bounds: Numbers) -> Fraction:
    """Return max costs . x over x >= 0 with rows . x <= bounds; bounds are >= 0, and the maximum must be finite.

    Raises ArithmeticError when it is not.
    """
    width, count = len(costs), len(rows)
    table = [_slacked([*row, bound], at, count) for at, (row, bound) in enumerate(zip(rows, bounds, strict=True))]
    scale = lcm(*[cost.denominator for cost in costs])
    table.append([*[-int(cost * scale) for cost in costs], *[0] * (count + 1)])
    basis, below = list(range(width, width + count)), 1
    while True:
        entering = next((at for at in range(width + count) if table[-1][at] < 0), None)
        if entering is None:
            return Fraction(table[-1][-1], below * scale)
        ratios = [
            (Fraction(line[-1], line[entering]), basis[at], at)
            for at, line in enumerate(table[:-1])
            if line[entering] > 0
        ]
        if not ratios:
            raise ArithmeticError("the maximum is not finite")
        leaving = min(ratios)[2]
        below = _pivot(table, leaving, entering, below)
        basis[leaving] = entering


def _slacked(row: Numbers, at: int, count: int) -> list[int]:
    """Return a constraint in whole numbers with a slack variable of its own."""
    scale = lcm(*[value.denominator for value in row])
    *left, bound = [int(value * scale) for value in row]
    return [*left, *[int(slack == at) for slack in range(count)], bound]


def _pivot(table: list[list[int]], leaving: int, entering: int, below: int) -> int:
    """Turn the table so that a variable enters the basis; return the new common denominator."""
    top = table[leaving]
    head = top[entering]
    for at, line in enumerate(table):
        if at != leaving:
            factor = line[entering]
            table[at] = [(head * value - factor * above) // below for value, above in zip(line, top, strict=True)]
    return head
