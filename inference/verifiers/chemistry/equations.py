"""Reaction equations in a step, and whether atoms and charges balance. Knows nothing about what is claimed of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice, product

from inference.verifiers.chemistry.formulas import Formula, formulas

MAX_EQUATIONS = 20
MAX_SPECIES = 12
MAX_READINGS = 32
_REACH = 300
CHARGE = "charge"
_ARROW = re.compile(
    r"<?[-\u2013\u2014=]{1,4}>|[→⟶⇌⇋↔⇄⟷⟹]|\\(?:long)?(?:left)?rightarrow|\\rightleftharpoons|\\to(?![a-z])"
    r"|\\xrightarrow\{[^{}]{0,40}\}|(?<=\s)=(?=\s)"
)
_EDGE = re.compile(r"[\n;:?!]|,\s|\.\s|\s=\s")
_PLUS = re.compile(r"(?<=\s)\+|\+(?=[\dA-Z(\[])")
_COEFFICIENT = re.compile(r"(\d{1,4}(?:\.\d{1,4}|/\d{1,3})?|½|\\frac\{(\d{1,3})\}\{(\d{1,3})\})\s*+(?=[A-Z(\[\\e])")
_WRAP = re.compile(r"\\(?:ce|mathrm|text)\{|\$|\\[()\[\],]|\*\*|`")


@dataclass(frozen=True, slots=True)
class Species:
    """A coefficient and the readings of its formula."""

    coefficient: Fraction
    readings: tuple[Formula, ...]

    @property
    def text(self) -> str:
        return self.readings[0].text


@dataclass(frozen=True, slots=True)
class Equation:
    """Both sides of an equation that stands in text[start:end]."""

    left: tuple[Species, ...]
    right: tuple[Species, ...]
    start: int
    end: int

    @property
    def has_coefficients(self) -> bool:
        return any(each.coefficient != 1 for each in self.left + self.right)


@dataclass(frozen=True, slots=True)
class Balance:
    """How often each element (and the charge) stands left and right, in the order of their first mention."""

    rows: tuple[tuple[str, Fraction, Fraction], ...]

    @property
    def wrong(self) -> tuple[tuple[str, Fraction, Fraction], ...]:
        return tuple(row for row in self.rows if row[1] != row[2])

    @property
    def text(self) -> str:
        """Return "O: 2 left, 3 right" for each that is wrong."""
        return "; ".join(f"{name}: {left} left, {right} right" for name, left, right in self.wrong)


def equations(text: str) -> list[Equation]:
    """Return the reaction equations of a text in order, MAX_EQUATIONS at most."""
    bare = _WRAP.sub(lambda found: " " * len(found[0]), text)
    arrows = list(islice(_ARROW.finditer(bare), 4 * MAX_EQUATIONS))
    found: list[Equation] = []
    for at, arrow in enumerate(arrows):
        low = arrows[at - 1].end() if at else 0
        high = arrows[at + 1].start() if at + 1 < len(arrows) else len(bare)
        equation = _equation(bare, max(low, arrow.start() - _REACH), arrow, min(high, arrow.end() + _REACH))
        if equation is not None and len(found) < MAX_EQUATIONS:
            found.append(equation)
    return found


def _equation(text: str, low: int, arrow: re.Match[str], high: int) -> Equation | None:
    left, right = _left(text, low, arrow.start()), _right(text, arrow.end(), high)
    if left is None or right is None:
        return None
    (before, start), (after, end) = left, right
    if arrow[0] == "=" and (len(before) + len(after) < 3 or not (_molecules(before) and _molecules(after))):
        # "N + 2 B = 3 N" may be algebra.
        return None
    return Equation(before, after, start, end)


def _molecules(side: Sequence[Species]) -> bool:
    return any(sum(count for _, count in each.readings[0].atoms) > 1 for each in side)


def _left(text: str, low: int, high: int) -> tuple[tuple[Species, ...], int] | None:
    """Read the species before an arrow; the first may have prose before it."""
    edges = [found.end() for found in _EDGE.finditer(text, low, high)]
    low = max(edges, default=low)
    pieces = _pieces(text, low, high)
    last = [species(text[begin:end]) for begin, end in pieces[1:]]
    begin, end = pieces[0]
    for start in _word_starts(text, begin, end):
        first = species(text[start:end])
        if first is not None:
            everything = (first, *last)
            return None if None in everything else (tuple(each for each in everything if each is not None), start)
    return None


def _right(text: str, low: int, high: int) -> tuple[tuple[Species, ...], int] | None:
    """Read the species after an arrow; behind the last there may be prose."""
    high = min((found.start() for found in _EDGE.finditer(text, low, high)), default=high)
    pieces = _pieces(text, low, high)
    found: list[Species] = []
    for at, (begin, end) in enumerate(pieces):
        whole = species(text[begin:end])
        if whole is not None:
            found.append(whole)
            stop = end
            continue
        if at < len(pieces) - 1:
            return None
        for stop in _word_ends(text, begin, end):
            part = species(text[begin:stop])
            if part is not None:
                return (*found, part), _trimmed(text, stop)
        return None
    return (tuple(found), _trimmed(text, stop)) if found else None


def _trimmed(text: str, end: int) -> int:
    """Return where a species ends without the full stop or brace of the sentence."""
    while end and (text[end - 1].isspace() or text[end - 1] in ".,;}"):
        end -= 1
    return end


def _pieces(text: str, low: int, high: int) -> list[tuple[int, int]]:
    cuts = [low]
    for found in islice(_PLUS.finditer(text, low, high), MAX_SPECIES):
        cuts += [found.start(), found.end()]
    cuts.append(high)
    return list(zip(cuts[::2], cuts[1::2], strict=True))


def _word_starts(text: str, begin: int, end: int) -> Iterator[int]:
    """Yield where a species at the end of text[begin:end] may begin, the longest of three words first."""
    starts = [found.start() for found in re.finditer(r"\S++", text[begin:end])]
    yield from (begin + at for at in starts[-3:])


def _word_ends(text: str, begin: int, end: int) -> Iterator[int]:
    ends = [found.end() for found in islice(re.finditer(r"\S++", text[begin:end]), 3)]
    yield from (begin + at for at in reversed(ends))


def species(text: str) -> Species | None:
    """Return a coefficient with a formula ("2 H2O(l)"), None for anything else."""
    text = text.strip().rstrip(".,;}").strip()
    if text.count("{") > text.count("}"):
        text += "}"
    found = _COEFFICIENT.match(text)
    try:
        coefficient = _fraction(found) if found else Fraction(1)
    except ZeroDivisionError:
        return None
    readings = formulas(text[found.end() :] if found else text)
    return Species(coefficient, readings) if readings and coefficient > 0 else None


def _fraction(found: re.Match[str]) -> Fraction:
    if found[1] == "½":
        return Fraction(1, 2)
    return Fraction(int(found[2]), int(found[3])) if found[2] else Fraction(found[1])


def balance(equation: Equation) -> Balance:
    """Return the balance of an equation, that of the first reading in which it is balanced, else of the first."""
    everything = equation.left + equation.right
    first: Balance | None = None
    for chosen in islice(product(*(each.readings for each in everything)), MAX_READINGS):
        made = _count(everything, chosen, len(equation.left))
        if not made.wrong:
            return made
        first = first or made
    return first or Balance(())


def _count(everything: Sequence[Species], chosen: Sequence[Formula], split: int) -> Balance:
    totals: dict[str, list[Fraction]] = {}
    for at, (each, formula) in enumerate(zip(everything, chosen, strict=True)):
        for symbol, count in (*formula.atoms, *([(CHARGE, formula.charge)] if formula.charge else [])):
            totals.setdefault(symbol, [Fraction(0), Fraction(0)])[at >= split] += each.coefficient * count
    charged = totals.pop(CHARGE, None)
    rows = [(symbol, left, right) for symbol, (left, right) in totals.items()]
    return Balance((*rows, *([(CHARGE, charged[0], charged[1])] if charged else [])))
