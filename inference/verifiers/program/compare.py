"""Whether a value that a program gave is what a step says: exactly, as shown, or in another unit. Knows no programs.

Whole numbers and fractions must be equal. A number with decimals may be the rounding or the cut of the value to the
decimals that it shows, money to cents, and within 1 % where the step says "about". What a rounding on the way, another
unit or the other direction of a difference may explain is left open, for a refutation is a veto.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from inference.verifiers.claims.judge import show
from inference.verifiers.program.numbers import PERCENT
from inference.verifiers.program.said import Said
from inference.verifiers.program.units import factor, family, may_convert

EXACT = 1e-9
RELATIVE = 1e-2
MAX_EXACT = 200

Value = int | Fraction | float


class NoNumber(ValueError):
    """What a program gave is no number; the message says what it is."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """`equal` is None when it cannot be told; `why` says so, or how they are equal, "" when plainly."""

    equal: bool | None
    why: str = ""


def value_of(found: Any) -> Value:
    """Return a sandbox's JSON value as a number; NoNumber for anything else, booleans and infinities included."""
    if isinstance(found, dict) and isinstance(found.get("exact"), str) and len(found["exact"]) <= MAX_EXACT:
        try:
            return Fraction(found["exact"])
        except (ValueError, ZeroDivisionError):
            raise NoNumber(f"{found['exact'][:40]} is no number") from None
    if isinstance(found, bool) or not isinstance(found, int | float):
        raise NoNumber(f"{type(found).__name__} is no number")
    if isinstance(found, int) and found.bit_length() > 660:
        raise NoNumber("a number of more than 200 digits")
    if isinstance(found, float) and not math.isfinite(found):
        raise NoNumber(f"{found} is no number")
    return found


def alike(one: Value, other: Value) -> bool:
    """Whether two programs gave the same."""
    return one == other or abs(_float(one) - _float(other)) <= EXACT * max(1.0, abs(_float(one)))


def difference(one: Value, other: Value) -> Value:
    """Return how far two values are apart, exactly where both are exact."""
    if isinstance(one, float) or isinstance(other, float):
        return abs(_float(one) - _float(other))
    return abs(Fraction(one) - Fraction(other))


def compare(said: Said, value: Value, unit: str = "") -> Comparison:
    """Return how `value`, of this unit as far as its program says, compares with what the step says."""
    if _shown_as(said, value):
        if factor(unit, said.unit) not in (None, 1):
            return Comparison(None, f"the program counts {unit}, the step {said.unit}")
        return Comparison(True)
    if said.unit == PERCENT and _shown_as(said, _times(value, Fraction(100))):
        return Comparison(True, f"{show(value)} is {show(_times(value, Fraction(100)))}%")
    if unit in (PERCENT, "percent") and _shown_as(said, _times(value, Fraction(1, 100))):
        return Comparison(True, f"{show(value)}% is {show(_times(value, Fraction(1, 100)))}")
    ratio = factor(unit, said.unit)
    if ratio is not None and _shown_as(said, _times(value, ratio)):
        return Comparison(True, f"{show(value)} {unit} are {show(_times(value, ratio))} {said.unit}")
    doubt = _doubt(said, value, unit)
    return Comparison(None, doubt) if doubt else Comparison(False)


def _shown_as(said: Said, value: Value) -> bool:
    """Whether the step's number is this value as it would be written there."""
    ours, theirs = _float(said.value), _float(value)
    if alike(said.value, value):
        return True
    if said.about and abs(ours - theirs) <= RELATIVE * max(abs(ours), abs(theirs)):
        return True
    places = max(said.places, 2 if family(said.unit) == "money" and said.places >= 0 else 0)
    if places < 1 and not said.about:
        return False
    scaled, shown = abs(theirs) * 10.0**places, abs(ours) * 10.0**places
    same_sign = (ours < 0) == (theirs < 0)
    return same_sign and (abs(scaled - shown) <= 0.5 + EXACT * shown or math.floor(scaled + EXACT) == round(shown))


def _doubt(said: Said, value: Value, unit: str) -> str:
    """Return why a difference is not held against the step, "" when it is."""
    ours, theirs = _float(said.value), _float(value)
    if family(unit) and family(said.unit) and family(unit) != family(said.unit):
        return f"the program counts {unit}, the step {said.unit}"
    if ours and alike(-ours, theirs):
        return "they differ in sign only"
    whole = [each == round(each) for each in (ours, theirs)]
    if abs(ours - theirs) < 1 and whole == [True, False] and said.places == 0:
        return f"{said.text} may be {show(value)} as a whole number"
    if not all(whole) and abs(ours - theirs) <= RELATIVE * max(abs(ours), abs(theirs)):
        return f"{said.text} may come from rounded numbers"
    if ours and theirs and not (unit and said.unit):
        ratio = Fraction(theirs / ours).limit_denominator(10**6)
        if alike(ratio * Fraction(ours), theirs) and (may_convert(said.unit, ratio) or may_convert(unit, ratio)):
            return f"{show(value)} and {said.text} may be one quantity in two units"
    return ""


def _times(value: Value, by: Fraction) -> Value:
    return value * float(by) if isinstance(value, float) else value * by


def _float(value: Value) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf
