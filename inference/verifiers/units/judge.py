"""A link between two sides to a verdict: dimensions first, then values as they are shown. Knows nothing about text.

Text that can be read in several ways ("1/2 h", "J/mol K", "oz") is false only when it is false in all of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from itertools import islice, product

from inference.verifiers.units.extract import Link, Side, read
from inference.verifiers.units.quantity import Notes, Reading, Sized, Unlike, Unread
from inference.verifiers.units.table import CELSIUS, FAHRENHEIT, KELVIN, words
from inference.verifiers.units.tokens import Token

MAX_READINGS = 16
EXACT = 1e-9
ROUGHLY = 0.02
# What decimals and constants before may be off by, so that it is no error of this step.
CARRIED = 2e-3
# Beside these a number without a unit may have been converted on the way.
_CONVERSIONS = (3.6, 2.54, 1.609, 2.205, 2.2, 4.184, 1.8)
_PERIODS = frozenset(("day", "days", "week", "weeks", "year", "years"))
_PERHAPS = frozenset(("°", "deg", "degree", "degrees", "C", "F"))


class Outcome(IntEnum):
    """The order is the order of trust: of several readings the best counts."""

    UNKNOWN = 0
    UNLIKE = 1
    DIFFERS = 2
    CLOSE = 3
    BARE = 4
    ROUNDED = 5
    EQUAL = 6


@dataclass(frozen=True, slots=True)
class Judged:
    """What came of a link: the outcome, the sizes under the reading that counted, and why where nothing is known."""

    outcome: Outcome
    left: Sized | None = None
    right: Sized | None = None
    why: str = ""
    sums: Unlike | None = None
    meant: str = ""


def judge(link: Link, tokens: Sequence[Token]) -> Judged:
    """Return the best outcome of a link over its readings; the first reading where several are as good."""
    left, right = link.left, link.right
    if left is None:
        return Judged(Outcome.UNKNOWN, why="a name has no value here")
    for side in (left, right):
        if isinstance(side.size, Unread):
            return Judged(Outcome.UNKNOWN, why=str(side.size))
    temperatures = _temperatures(left, right, tokens)
    if temperatures is not None:
        return temperatures
    found = [_under(reading, left, right, link.relation, tokens) for reading in _readings(left, right)]
    best = max(found, key=lambda judged: (judged.outcome >= Outcome.CLOSE) * judged.outcome)
    why = _doubt(best, link, left, right) if best.outcome in (Outcome.UNLIKE, Outcome.DIFFERS) else ""
    return replace(best, outcome=Outcome.UNKNOWN, why=why) if why else best


def _doubt(judged: Judged, link: Link, left: Side, right: Side) -> str:
    """Return why a link that does not hold need not be an error, "" when nothing speaks for it."""
    x, y = judged.left, judged.right
    if x is None or y is None:
        return ""
    if left.notes.divisions > 1 or right.notes.divisions > 1:
        return "two divisions in a row can be read in two ways"
    if right.notes.operators and right.notes.first is not None and _near(right.notes.first.value, x.value):
        return "a running calculation"
    if judged.outcome is Outcome.UNLIKE and not link.ended:
        return "the words after it may belong to it"
    if not _near(x.number, y.number):
        return ""
    kinds = {word: words()[word][0].dims for word in left.notes.words}
    if len(set(kinds.values())) < len({(words()[word][0].factor, dims) for word, dims in kinds.items()}):
        return "its numbers agree; one of them may convert a unit"
    if left.notes.loose and judged.outcome is Outcome.DIFFERS:
        return "its numbers agree; one without a unit may convert"
    if _PERIODS & set(right.notes.words) and judged.outcome is Outcome.UNLIKE:
        return "its numbers agree; a period may be meant"
    return ""


def _near(x: float, y: float) -> bool:
    return abs(x - y) <= CARRIED * max(abs(x), abs(y))


def _readings(left: Side, right: Side) -> Iterator[Reading]:
    held = dict.fromkeys(word for word in left.notes.words + right.notes.words if len(words()[word]) > 1)
    meanings = [dict(zip(held, chosen, strict=True)) for chosen in
                islice(product(*(range(len(words()[word])) for word in held)), MAX_READINGS)]  # fmt: skip
    cuts = ((False, False), (False, True), (True, False)) if len(meanings) < MAX_READINGS / 2 else ((False, False),)
    for fractions, below in cuts:
        for chosen in meanings:
            yield Reading(chosen, fractions, below)


def _under(reading: Reading, left: Side, right: Side, relation: str, tokens: Sequence[Token]) -> Judged:
    sizes = []
    for side in (left, right):
        size, notes, end = read(tokens, side.begin, side.end, reading)
        if isinstance(size, Unlike):
            return Judged(Outcome.UNLIKE, sums=size)
        if isinstance(size, Unread) or end != side.end:
            return Judged(Outcome.UNKNOWN, why=str(size) if isinstance(size, Unread) else "it can be read in two ways")
        sizes.append((size, notes))
    (x, of_x), (y, of_y) = sizes
    meant = ", ".join(f"{word} is {words()[word][at].name}" for word, at in reading.meanings.items() if at)
    return Judged(_compare(x, of_x, y, of_y, relation), x, y, meant=meant)


def _compare(x: Sized, of_x: Notes, y: Sized, of_y: Notes, relation: str) -> Outcome:
    if of_x.unitless != of_y.unitless:
        return _half_bare(x, of_x, y, of_y, relation)
    if x.dims != y.dims:
        return Outcome.UNKNOWN if of_x.loose or of_y.loose else Outcome.UNLIKE
    return agreement(x.value, of_x, y.value, of_y, relation)


def _half_bare(x: Sized, of_x: Notes, y: Sized, of_y: Notes, relation: str) -> Outcome:
    """One side has no units at all ("120 / 2 = 60 km/h"): only its arithmetic can be held against the other."""
    if of_x.unitless and of_y.single and y.value and not of_x.single:
        number = y.value / of_y.factor
        outcome = agreement(x.value * of_y.factor, of_x, y.value, of_y, relation)
        if outcome >= Outcome.CLOSE:
            return Outcome.BARE
        ratio = x.value / number
        converted = any(abs(ratio / each - 1) < 0.02 or abs(ratio * each - 1) < 0.02 for each in _CONVERSIONS)
        return Outcome.DIFFERS if 1 / 3 < ratio < 3 and not converted else Outcome.UNKNOWN
    return Outcome.UNKNOWN


def bare_agreement(left: Side, right: Side) -> Outcome:
    """Return how the bare numbers of two single quantities agree, their units left aside."""
    if not isinstance(left.size, Sized) or not isinstance(right.size, Sized):
        return Outcome.UNKNOWN
    if not left.notes.single or not right.notes.single:
        return Outcome.UNKNOWN
    x, y = (side.size.value / side.notes.factor for side in (left, right) if isinstance(side.size, Sized))
    return Outcome.ROUNDED if abs(x - y) <= EXACT * max(abs(x), abs(y)) else Outcome.DIFFERS


def agreement(x: float, of_x: Notes, y: float, of_y: Notes, relation: str) -> Outcome:
    """Return how two values of one dimension agree, given how they are written."""
    difference, size = abs(x - y), max(abs(x), abs(y))
    if difference <= EXACT * size:
        return Outcome.EQUAL
    exact = _is_plain_sum(of_x) and _is_plain_sum(of_y) and set(of_x.words) == set(of_y.words)
    for value, shown, notes in ((x, y, of_y), (y, x, of_x)):
        if notes.single:
            outcome = _as_shown(value, shown, notes, exact=exact)
            if outcome is not None:
                return outcome
    if relation == "≈" and difference <= ROUGHLY * size:
        return Outcome.ROUNDED
    if not exact and difference <= CARRIED * size and _has_decimals(of_x, of_y):
        return Outcome.CLOSE
    return Outcome.DIFFERS


def _as_shown(value: float, shown: float, notes: Notes, *, exact: bool) -> Outcome | None:
    """Return whether `shown` is `value` rounded to the places that it shows; None where it is not."""
    step = abs(notes.factor) * 10.0**-notes.places
    off = abs(value - shown) / step
    if abs(value) / step < 1e15 and abs(value / step - round(value / step)) > 1e-6:
        if off <= 0.5 + 1e-6:
            return Outcome.ROUNDED
        if off < 1 and off * step <= 0.05 * abs(shown):
            return Outcome.CLOSE
    digits = notes.numbers[-1].replace(".", "").lstrip("0")
    zeros = len(digits) - len(digits.rstrip("0"))
    if not exact and zeros and len(digits) - zeros >= 2 and off <= 0.5 * 10**zeros:
        return Outcome.CLOSE
    return None


def _is_plain_sum(notes: Notes) -> bool:
    return notes.operators <= {"+", "-"}


def _has_decimals(*sides: Notes) -> bool:
    return any("." in number for notes in sides for number in notes.numbers)


def _temperatures(left: Side, right: Side, tokens: Sequence[Token]) -> Judged | None:
    """Judge sides with °C or °F, which count from another zero; None where they may be read like other units."""
    held = {*left.notes.words, *right.notes.words}
    x, y = left.size, right.size
    if not isinstance(x, Sized) or not isinstance(y, Sized):
        return None
    if not held & {CELSIUS, FAHRENHEIT}:
        doubtful = held & _PERHAPS and x.dims != y.dims and KELVIN in (x.dims, y.dims)
        return Judged(Outcome.UNKNOWN, why="the zero of a temperature is not clear") if doubtful else None
    if x.dims == y.dims and x.dims[4] == 0:
        return None
    if x.dims == y.dims == KELVIN and len(held) == 1:
        return None
    if left.notes.single and right.notes.single and x.dims == y.dims == KELVIN:
        return _absolute(left, right)
    if left.notes.operators <= {"-"} and x.dims == y.dims == KELVIN and len(set(left.notes.words)) == 1:
        return None
    return Judged(Outcome.UNKNOWN, why="temperatures with another zero are compared only when they stand alone")


def _absolute(left: Side, right: Side) -> Judged:
    zeros = {"K": 0.0, "kelvin": 0.0, "kelvins": 0.0, CELSIUS: 273.15, FAHRENHEIT: 459.67 * 5 / 9}
    sizes = []
    for side in (left, right):
        assert isinstance(side.size, Sized)  # noqa: S101 the caller has looked
        zero = zeros.get(side.notes.words[0])
        if zero is None:
            return Judged(Outcome.UNKNOWN, why="the zero of a temperature is not clear")
        sizes.append(Sized(side.size.value + zero, KELVIN))
    x, y = sizes
    off = abs(x.value - y.value)
    slack = 0.16 + 0.5 * right.notes.factor * 10.0**-right.notes.places
    outcome = Outcome.EQUAL if off < EXACT * x.value else Outcome.ROUNDED if off <= slack else Outcome.DIFFERS
    return Judged(outcome, x, y)
