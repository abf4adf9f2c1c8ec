"""The value of an expression: exact ints and fractions as long as possible, floats only for roots and functions.

Knows nothing about claims. Integer size, exponents and factorials are bounded, so that no input can grow a number
without end; what goes past a bound raises NoValue.
"""

from __future__ import annotations

import cmath
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from inference.verifiers.claims.trees import Expr

MAX_BITS = 20_000
MAX_FACTORIAL = 500
MAX_BINOMIAL = 2_000

Value = int | Fraction | float | complex


class NoValue(Exception):
    """The expression has no value within the bounds; the message says why."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How ambiguous signs are read. `percent` divides by 100, `degrees` multiplies by pi/180, `mixed` adds 2 1/3."""

    percent: bool = True
    degrees: bool = True
    mixed: bool = True
    markup: bool = False


PLAIN = Reading()
# 15/60 * 100 = 25%, angles in degrees without a conversion, 2\frac13 as a product, and 50 + 20% = 60 are all in use.
PERCENT_READINGS = (Reading(percent=False), Reading(markup=True))
DEGREE_READINGS = (Reading(degrees=False),)
MIXED_READINGS = (Reading(mixed=False),)

NOTHING: Mapping[str, Value] = {}


def evaluate(tree: Expr, values: Mapping[str, Value] = NOTHING, reading: Reading = PLAIN) -> Value:
    """Return the value of `tree` with `values` for its variables, or raise NoValue."""
    try:
        return _value(tree, values, reading)
    except (ZeroDivisionError, OverflowError, ValueError, TypeError, RecursionError) as error:
        raise NoValue(_REASONS.get(type(error), "the expression has no value")) from error


_REASONS: dict[type[BaseException], str] = {
    ZeroDivisionError: "it divides by zero",
    OverflowError: "the numbers are too large",
}


def _value(tree: Expr, values: Mapping[str, Value], reading: Reading) -> Value:
    op = tree.op
    if op == "num":
        return number(tree.text)
    if op == "name":
        try:
            return values[tree.text]
        except KeyError:
            raise NoValue(f"{tree.text} is not known") from None
    arithmetic = _ARITHMETIC.get(op)
    if arithmetic is not None:
        left, right = (_value(arg, values, reading) for arg in tree.args)
        if reading.markup and op in "+-" and tree.args[1].op == "percent":
            right = _bounded(left * right)
        return _bounded(arithmetic(left, right))
    if op == "pi":
        return math.pi
    if op == "i":
        return 1j
    if op == "mixed":
        left, right = (_value(arg, values, reading) for arg in tree.args)
        return _bounded(left + right if reading.mixed else left * right)
    inner = [_value(arg, values, reading) for arg in tree.args]
    return _bounded(_function(tree, inner, reading))


def number(text: str) -> int | Fraction:
    """Return a decimal literal exactly."""
    if len(text) > 1000:
        raise NoValue("the number is too long")
    return _tidy(Fraction(text)) if "." in text else int(text)


def _function(tree: Expr, args: list[Value], reading: Reading) -> Value:
    op, x = tree.op, args[0]
    if op == "neg":
        return -x
    if op == "percent":
        return x * Fraction(1, 100) if reading.percent else x
    if op == "degrees":
        return x * (math.pi / 180) if reading.degrees else x
    if op == "binom":
        return _binomial(x, args[1])
    if op == "log":
        return _logarithm(x, args[1], natural=tree.text == "bare" and not reading.mixed)
    if op in _EXACT:
        return _EXACT[op](x)
    if isinstance(x, complex):
        raise NoValue(f"{op} of a complex number")
    return _REAL[op](float(x))


def _tidy(value: Value) -> int | Fraction:
    if isinstance(value, Fraction) and value.denominator == 1:
        return value.numerator
    if isinstance(value, int | Fraction):
        return value
    raise NoValue("the value is not exact")


def _bounded(value: Value) -> Value:
    if isinstance(value, int):
        if value.bit_length() > MAX_BITS:
            raise NoValue("the numbers are too large")
        return value
    if isinstance(value, Fraction):
        if value.denominator == 1:
            return _bounded(value.numerator)
        if value.numerator.bit_length() + value.denominator.bit_length() > MAX_BITS:
            raise NoValue("the numbers are too large")
        return value
    if not cmath.isfinite(value):
        raise NoValue("the numbers are too large")
    return value


def _divide(x: Value, y: Value) -> Value:
    if isinstance(x, int | Fraction) and isinstance(y, int | Fraction):
        return Fraction(x) / y
    return x / y


def _power(x: Value, y: Value) -> Value:
    if isinstance(x, int | Fraction) and isinstance(y, int):
        bits = max(x.numerator.bit_length(), x.denominator.bit_length())
        if abs(y) * bits > MAX_BITS and bits > 1:
            raise NoValue("the power is too large")
        return x**y if y >= 0 else Fraction(x) ** y
    if isinstance(x, complex) or isinstance(y, complex):
        return complex(x) ** complex(y)
    result: float | complex = float(x) ** float(y)
    return result


_ARITHMETIC: dict[str, Callable[[Value, Value], Value]] = {
    "+": lambda x, y: x + y,
    "-": lambda x, y: x - y,
    "*": lambda x, y: x * y,
    "juxtapose": lambda x, y: x * y,
    "/": _divide,
    "^": _power,
}


def _factorial(x: Value) -> Value:
    if isinstance(x, int) and 0 <= x <= MAX_FACTORIAL:
        return math.factorial(x)
    raise NoValue("a factorial out of range")


def _binomial(n: Value, k: Value) -> Value:
    if isinstance(n, int) and isinstance(k, int) and k >= 0 and 0 <= n <= MAX_BINOMIAL:
        return math.comb(n, k)
    raise NoValue("a binomial coefficient out of range")


def _logarithm(base: Value, x: Value, *, natural: bool) -> Value:
    if isinstance(base, complex) or isinstance(x, complex):
        raise NoValue("a logarithm of a complex number")
    return math.log(x) if natural else math.log(x) / math.log(base)


def _root(x: Value) -> Value:
    if isinstance(x, int | Fraction) and x >= 0:
        above, below = math.isqrt(x.numerator), math.isqrt(x.denominator)
        if above * above == x.numerator and below * below == x.denominator:
            return Fraction(above, below)
    if isinstance(x, complex) or x < 0:
        return cmath.sqrt(x)
    return math.sqrt(x)


def _magnitude(x: Value) -> Value:
    if isinstance(x, complex):
        return abs(x)
    return -x if x < 0 else x


def _whole(x: Value, rounded: Callable[[int | Fraction | float], int]) -> Value:
    if isinstance(x, complex):
        raise NoValue("a complex number has no whole part")
    return rounded(x)


_EXACT: dict[str, Callable[[Value], Value]] = {
    "factorial": _factorial,
    "abs": _magnitude,
    "floor": lambda x: _whole(x, math.floor),
    "ceil": lambda x: _whole(x, math.ceil),
    "sqrt": _root,
}
_REAL: dict[str, Callable[[float], float]] = {
    "sin": math.sin, "cos": math.cos, "tan": math.tan, "ln": math.log, "exp": math.exp,
    "arcsin": math.asin, "arccos": math.acos, "arctan": math.atan,
    "cot": lambda x: 1 / math.tan(x), "sec": lambda x: 1 / math.cos(x), "csc": lambda x: 1 / math.sin(x),
}  # fmt: skip


def readings(ops: frozenset[str]) -> tuple[Reading, ...]:
    """Return the other readings that the operations present allow (the plain one is not among them)."""
    out: tuple[Reading, ...] = ()
    if "percent" in ops:
        out += PERCENT_READINGS
    if "degrees" in ops:
        out += DEGREE_READINGS
    if ops & {"mixed", "log"}:
        out += MIXED_READINGS
    return out


def operations(tree: Expr) -> frozenset[str]:
    """Return the names of all operations in a tree."""
    return frozenset((tree.op,)).union(*(operations(arg) for arg in tree.args))
