"""When two values count as equal: exactly, as floats, or as a sensible rounding. Knows nothing about text.

Two expressions with variables are compared at fixed rational points (polynomial identity testing; Schwartz 1980): an
identity holds at every point, and three agreeing points make a coincidence negligible.
"""

from __future__ import annotations

import math
from fractions import Fraction

from inference.verifiers.claims.evaluate import NoValue, Value, evaluate
from inference.verifiers.claims.trees import Expr, literal, names

APPROXIMATE = 0.02
ROUNDED_INPUTS = 2e-3
FLOAT = 1e-9
_POINTS = (7, 3, 11, 5, 13, 2, 17, 19, 23, 29, 31, 37)


def agreement(x: Value, y: Value, left: Expr, right: Expr, *, approximate: bool) -> str:
    """Return how x and y agree: "exact", "float", "rounded", "approximate", or "" when they differ."""
    if x == y:
        return "exact"
    difference, size = abs(_float(x) - _float(y)), max(abs(_float(x)), abs(_float(y)))
    if difference <= FLOAT * max(1.0, size):
        both_exact = isinstance(x, int | Fraction) and isinstance(y, int | Fraction)
        if not both_exact:
            return "float"
    for side in (left, right):
        shown = literal(side)
        places = decimals(shown.text) if shown is not None else 0
        if shown is not None and (places or approximate) and difference <= 1.0000001 * 10.0**-places:
            return "rounded"
    if approximate and difference <= APPROXIMATE * size:
        return "approximate"
    if (has_decimals(left) or has_decimals(right)) and difference <= ROUNDED_INPUTS * size:
        return "rounded"
    return ""


def _float(value: Value) -> complex:
    try:
        return complex(value)
    except OverflowError:
        raise NoValue("the numbers are too large to compare") from None


def decimals(text: str) -> int:
    """Return how many decimals a literal shows."""
    return len(text.partition(".")[2])


def has_decimals(tree: Expr) -> bool:
    """Whether a tree holds a literal with decimals, which may be rounded already."""
    return (tree.op == "num" and "." in tree.text) or any(has_decimals(arg) for arg in tree.args)


def compare(x: Value, relation: str, y: Value) -> bool | None:
    """Return whether an inequality holds (floats get the benefit of 1e-9), or None for complex values."""
    if isinstance(x, complex) or isinstance(y, complex):
        return None
    exact = isinstance(x, int | Fraction) and isinstance(y, int | Fraction)
    slack = 0.0 if exact else FLOAT * max(1.0, abs(_float(x)))
    difference = x - y if exact else (_float(x) - _float(y)).real
    if relation == "≠":
        return difference != 0
    if relation in "<>" and slack:
        return difference < slack if relation == "<" else difference > -slack
    return {"<": difference < 0, ">": difference > 0, "≤": difference <= slack, "≥": difference >= -slack}[relation]


def identical(left: Expr, right: Expr) -> int:
    """Return at how many of three points the sides agree, or -1 when they differ at one or have too few values."""
    variables = sorted(names(left) | names(right))
    agreed = 0
    for attempt in range(6):
        try:
            point = {name: _coordinate(name, index, attempt) for index, name in enumerate(variables)}
            x, y = evaluate(left, point), evaluate(right, point)
            if abs(_float(x) - _float(y)) > FLOAT * max(1.0, abs(_float(x)), abs(_float(y))):
                return -1
        except NoValue:
            continue
        agreed += 1
        if agreed == 3:
            return 3
    return agreed if agreed >= 2 else -1


def _coordinate(name: str, index: int, attempt: int) -> Value:
    if name == "e" and attempt < 2:
        return math.e
    top = _POINTS[(index * 5 + attempt * 3) % len(_POINTS)] + index // len(_POINTS) + 12 * attempt
    return Fraction(top, _POINTS[(index + attempt + 5) % len(_POINTS)])
