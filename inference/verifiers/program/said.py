"""What a step says that it found: the value at the end of each equation chain, or a number that is new. No truth here.

A value between two signs (a = b = c) is on the way, not at the end. A number that the problem or an earlier step gives
is no finding unless the step says nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby, islice, pairwise

from inference.verifiers.claims.chains import Link, Side
from inference.verifiers.claims.evaluate import NoValue, evaluate, operations
from inference.verifiers.claims.extract import links
from inference.verifiers.claims.parser import Unreadable, parse
from inference.verifiers.claims.trees import Expr, literal, names
from inference.verifiers.claims.words import NUMBERED
from inference.verifiers.program.numbers import PERCENT, Number, number_at, numbers
from inference.verifiers.program.units import factor, family, unit_after

MAX_SIGNS = 40

_ABOUT = re.compile(
    r"\b(?:about|approximately|around|roughly|almost|nearly)\s\$?\d|\brounded\b|\bround\w{0,3}\s(?:it\s)?(?:to|up|down|off)\b"
    r"|nearest|estimat|≈|\\approx",
    re.I,
)
_GOES_ON = re.compile(r"(?:\s*+[a-z]{2,15}+){0,2}+\s?(?:[-+*/×÷^x=≈]|\\times|\\cdot|times)\s?[-+]?\$?[\d(]")
_EQUALS = re.compile(r"(?<![<>=!])[=≈](?![=>])|\bequals\b")
_VARIABLE = re.compile(
    r"(?<![A-Za-z'])(?:[a-wyz]\s?[-+*/=^)]|x\s?[-+*/=^)])|[-+*=^(]\s?\d{0,9}(?:[a-wyz]|x(?!\s?\$?\d))(?![\w'])", re.I
)
_COPULA = re.compile(
    r"(?:\b(?:is|are|was|were|be|equals?|makes|gives|answer|total|has|have|get|gets|leaves|leaving|remain|remains|so|or|thus|therefore)\b|[=:])[^.;\d]{0,40}\Z"
)
_CLAUSE = re.compile(r"[.;:!?]\s|\n|,\s(?:so|and|then|thus|therefore|which)\b")
_LABEL = re.compile(r"(?:([A-Za-z]++)\s|(?:^|\n)\s{0,9})\Z")
_OPERATOR = re.compile(r"\s[-+*/×÷x]\s|[-+*/×÷]\s?\$?\d")
_BETWEEN = re.compile(r"\s?[A-Za-z]{0,12}+,?\s(?:and\s)?")
_CLOCK = re.compile(r"\d:\d\d")


@dataclass(frozen=True, slots=True)
class Said:
    """A value that the step states, as written at [start, end): "$12.50" is 12.5 dollars, "25%" is 25 of unit %.

    `places` are the decimals that it shows, -1 for a fraction or an expression. `about`: the step says that it rounds.
    """

    text: str
    value: Fraction | float
    places: int
    unit: str
    about: bool
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Reading:
    """What was found in a step: its values, the spans that compute them, and where they were masked for.

    `spans` are whole computations, each with its value's number in `said` or None; `masked` are single numbers.
    """

    said: tuple[Said, ...]
    spans: tuple[tuple[int, int, Said | None], ...]
    masked: tuple[tuple[int, int], ...]


def read_step(text: str, given: frozenset[Fraction]) -> Reading:
    """Return what a levelled step says, where `given` are the values that problem and earlier steps hold."""
    chains = list(_chains(text))
    taken = [(each.whole, each.end) for each in chains]
    spans = [(each.start, each.end, each.said) for each in chains if not each.fact]
    spans = sorted([*spans, *_loose(text, spans, taken)], key=lambda span: span[0])
    found = [said for _, _, said in spans if said is not None]
    taking_part = {each.value for each in found}
    for start, end, _ in spans:
        taking_part |= {abs(number.value) for number in numbers(text[start:end])}
    masked, fresh, copied = [], [], []
    last = max((each.end for each in found), default=0)
    for number in _standing_apart(text, spans):
        new = abs(number.value) not in given
        if new or abs(number.value) in taking_part:
            masked.append((number.start, number.end))
        stated = _COPULA.search(text, max(0, number.start - 60), number.start) is not None
        if new and abs(number.value) not in taking_part and not _is_part(text, number):
            if not found or (number.start > last and stated):
                fresh.append(number)
        elif stated:
            copied.append(number)
    more = fresh or ([] if spans else copied[-1:])
    apart = [(each.start, each.end, _said(text, each)) for each in more]
    spans = _once(sorted([*spans, *apart], key=lambda span: span[0]))
    alone = {(start, end) for start, end, _ in apart}
    return Reading(
        tuple(said for _, _, said in spans if said is not None), tuple(spans),
        tuple(each for each in masked if each not in alone),
    )  # fmt: skip


def _once(spans: list[tuple[int, int, Said | None]]) -> list[tuple[int, int, Said | None]]:
    """Return the spans with each value said once, where it stands first."""
    seen: set[tuple[Fraction | float, str]] = set()
    out = []
    for start, end, said in spans:
        key = (said.value, PERCENT if said.unit == PERCENT else "") if said is not None else None
        out.append((start, end, None if key is None or key in seen else said))
        seen |= {key} if key is not None else set()
    return out


def _is_part(text: str, number: Number) -> bool:
    """Whether a number is a share that something is taken of: "25% of the 80"."""
    return ("/" in number.text or number.mark == PERCENT) and text.startswith(" of ", number.end)


def compound(text: str, said: Said) -> bool:
    """Whether a value is only part of one, such as 5 or 30 in "5 hours and 30 minutes"."""
    for one, other in pairwise(numbers(text)):
        near = _BETWEEN.fullmatch(text, one.end, other.start)
        if near is None or not (one.start <= said.start < one.end or other.start <= said.start < other.end):
            continue
        units = ["dollars" if each.mark == "$" else unit_after(text, each.end) for each in (one, other)]
        if units[0] != units[1] and family(units[0]) and family(units[0]) == family(units[1]):
            return True
    return False


@dataclass(frozen=True, slots=True)
class _Chain:
    """An equation chain: where it begins, where its computation does (behind "x ="), its value, whether it is a fact.

    A fact, "1 hour = 60 minutes", computes nothing.
    """

    whole: int
    start: int
    end: int
    said: Said | None
    fact: bool


def _chains(text: str) -> Iterator[_Chain]:
    """Yield the equation chains that the claims verifier finds."""
    counted = 0

    def chain(link: Link) -> int:
        nonlocal counted
        counted += link.first
        return counted

    for _, group in groupby(links(text), key=chain):
        found = list(group)
        sides = [found[0].left, *(each.right for each in found)]
        if any(each.open == "signs" for each in found):
            continue
        if any(each.relation not in ("=", "≈") or each.modulus or each.asked for each in found):
            yield _Chain(sides[0].start, sides[0].start, _end(text, found), None, False)
            continue
        try:
            trees = [parse(side.tokens) for side in sides]
        except (Unreadable, RecursionError):
            continue
        fact = all(literal(tree) is not None for tree in trees)
        if fact and not _is_fact(sides, trees):
            continue
        start = sides[1 if trees[0].op == "name" else 0].start
        yield _Chain(sides[0].start, start, _end(text, found), None if fact else _ending(text, found, trees), fact)


def _is_fact(sides: list[Side], trees: list[Expr]) -> bool:
    """Whether bare numbers are equal (20% = 0.2) or of units that convert: "drank 1 cup = 28 cups" ends a sum."""
    units = {next((each for each in side.units if family(each)), "") for side in sides}
    try:
        values = {evaluate(tree) for tree in trees}
    except NoValue:
        return False
    return len(values) == 1 or any(factor(one, other) not in (None, 1) for one in units for other in units)


def _end(text: str, found: list[Link]) -> int:
    side = found[-1].right
    if not side.tokens:
        return side.end
    number = number_at(text, side.start)
    return max(side.tokens[-1].end, number.end if number is not None and len(side.tokens) == 1 else 0)


def _ending(text: str, found: list[Link], trees: list[Expr]) -> Said | None:
    """Return the value at the end of a chain, None where it stands for something to be solved or goes on."""
    *before, last = trees
    lone = before[0].op == "name"
    if names(last) or not (lone or any(not names(tree) for tree in before)):
        return None
    side, end = found[-1].right, _end(text, found)
    if _GOES_ON.match(text, end):
        return None
    number = number_at(text, side.start)
    if number is not None and number.end >= end:
        return _said(text, number, about=found[-1].relation == "≈")
    try:
        value = evaluate(last.args[0] if last.op == "percent" else last)
    except NoValue:
        return None
    if isinstance(value, complex):
        return None
    unit = PERCENT if "percent" in operations(last) else next((each for each in side.units if family(each)), "")
    exact = Fraction(value) if isinstance(value, int | Fraction) else value
    return Said(" ".join(text[side.start : end].split())[:60], exact, -1, unit, _hedged(text), side.start, end)


def _loose(
    text: str, spans: list[tuple[int, int, Said | None]], taken: list[tuple[int, int]]
) -> Iterator[tuple[int, int, Said | None]]:
    """Yield what ends in "= 36 months" where words stand among the numbers; its clause is the computation."""
    for match in islice(_EQUALS.finditer(text), MAX_SIGNS):
        start = match.end() + len(text[match.end() :]) - len(text[match.end() :].lstrip(" "))
        number = number_at(text, start)
        if number is None or any(one <= match.start() < other for one, other in taken):
            continue
        if _GOES_ON.match(text, number.end):
            continue
        begin = _beginning(text, match.start(), spans)
        solved = _VARIABLE.search(text, begin, match.start()) is None
        yield begin, number.end, _said(text, number) if solved else None


def _beginning(text: str, sign: int, spans: list[tuple[int, int, Said | None]]) -> int:
    """Return where the computation before a sign begins: in its clause, at another sign or the first number used."""
    window = max([0, sign - 200, *(end for _, end, _ in spans if end <= sign)])
    clause = max([window, *(each.end() for each in _CLAUSE.finditer(text, window, sign))])
    earlier = _EQUALS.search(text, clause, sign)
    if earlier is not None:
        return earlier.start()
    first = next(numbers(text[clause:sign]), None)
    computed = first is not None and ("/" in first.text or _OPERATOR.search(text, clause + first.end, sign))
    return clause + first.start if first is not None and computed else sign


def _standing_apart(text: str, spans: list[tuple[int, int, Said | None]]) -> Iterator[Number]:
    """Yield the numbers outside the spans that are quantities, not names ("day 2", "1. First", 3:00)."""
    for number in numbers(text):
        if any(start < number.end and number.start < end for start, end, _ in spans):
            continue
        label = _LABEL.search(text, max(0, number.start - 24), number.start)
        named = label is not None and (label[1] or "").lower() in NUMBERED
        listed = label is not None and label[1] is None and text[number.end : number.end + 1] in (".", ")", ":")
        clock = _CLOCK.search(text, max(0, number.start - 3), number.end + 3)
        if not (named or listed or clock):
            yield number


def _said(text: str, number: Number, *, about: bool = False) -> Said:
    unit = {PERCENT: PERCENT, "$": "dollars"}.get(number.mark) or unit_after(text, number.end)
    return Said(number.text, number.value, number.places, unit, about or _hedged(text), number.start, number.end)


def _hedged(text: str) -> bool:
    return _ABOUT.search(text) is not None
