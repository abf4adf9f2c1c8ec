"""What a step says of its reaction equations: that they are balanced, and how many atoms stand on a side.

An equation that is written without coefficients need not be balanced yet; one is refuted only when the step says that
it is, or when it has coefficients and the step does not speak of balancing it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from inference.types import VerdictKind
from inference.verifiers.chemistry.elements import NAMES, SYMBOLS
from inference.verifiers.chemistry.equations import Equation, balance, equations
from inference.verifiers.chemistry.findings import Finding, atom_table, finding, is_conditional

MAX_SAID = 12
_BALANCED = re.compile(
    r"\b(?P<no>un|not (?:yet |quite )?|isn't (?:yet )?|never )?(?P<word>balanced)(?![-\w])(?P<noun> [\w\s-]{0,40}?"
    r"(?:equation|reaction))?",
    re.I,
)
_UNDERWAY = re.compile(
    r"\b(?:unbalanced|not (?:yet )?balanced|skeleton|before balancing|to balance|balance (?!is|d)|balancing|first|"
    r"start|begin|next|word equation|half[- ]reaction|half[- ]equation|partial|attempt|try|instead of|wrong|incorrect|"
    r"oxidation|reduction)\b",
    re.I,
)
_WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_SIDE = re.compile(
    r"\b(?P<number>\d{1,4}|" + "|".join(_WORDS) + r")\s(?P<name>[A-Za-z]{1,10})(?:\satoms?)?,?\s"
    r"(?:(?:atoms?\s)?(?:on|at|in|among) the )(?P<side>left|right|reactants?|products?)\b",
    re.I,
)
_NEAR = 160


@dataclass(frozen=True, slots=True)
class Said:
    """That an equation is balanced or not, at text[start:end], and which equation of the step is meant."""

    positive: bool
    start: int
    end: int
    equation: Equation | None


def balancing(step: str, prefix: Sequence[str]) -> Iterator[Finding]:
    """Yield what can be said of the equations in a step and of the sentences about them."""
    found = equations(step)
    said = list(_said(step, found))
    for each in said:
        earlier = _last_equation(prefix) if each.equation is None and not found else None
        yield from _judged(step, each, earlier)
    meant = {id(each.equation) for each in said}
    for equation in found:
        if id(equation) not in meant:
            yield _written(step, equation)
    yield from _sides(step, found, prefix)


def number_of(word: str) -> int:
    return int(word) if word.isdigit() else _WORDS.index(word.lower())


def symbol_of(word: str) -> str | None:
    """Return the symbol of "carbon", "hydrogens" or "Na"; None for anything else."""
    name = word.lower()
    return NAMES.get(name) or NAMES.get(name.removesuffix("s")) or (word if word in SYMBOLS else None)


def _said(step: str, found: Sequence[Equation]) -> Iterator[Said]:
    for match in islice(_BALANCED.finditer(step), MAX_SAID):
        if is_conditional(step, match.start()):
            continue
        after = next((each for each in found if 0 <= each.start - match.end() <= _NEAR), None)
        before = next((each for each in reversed(found) if each.end <= match.start()), None)
        noun_first = match["noun"] is not None and after is not None and ". " not in step[match.end() : after.start]
        yield Said(match["no"] is None, match.start(), match.end(), after if noun_first else before)


def _judged(step: str, said: Said, earlier: tuple[str, Equation] | None) -> Iterator[Finding]:
    text, equation = (step, said.equation) if said.equation is not None else earlier or (step, None)
    if equation is None:
        return
    counted = balance(equation)
    holds = said.positive != bool(counted.wrong)
    kind = VerdictKind.SUPPORTED if holds else VerdictKind.REFUTED
    detail = f"not balanced: {counted.text}" if counted.wrong else "balanced: as many atoms of each on both sides"
    start, end = said.start, said.end
    if said.equation is not None:
        start, end = min(start, equation.start), max(end, equation.end)
    table = atom_table(counted, text[equation.start : equation.end])
    yield finding(step, start, end, kind, detail, table)


def _written(step: str, equation: Equation) -> Finding:
    """The finding on an equation of which nothing is said."""
    counted = balance(equation)
    table = atom_table(counted, step[equation.start : equation.end])
    kind, detail = VerdictKind.SUPPORTED, "balanced: as many atoms of each on both sides"
    if counted.wrong:
        finished = equation.has_coefficients and not _UNDERWAY.search(step)
        kind = VerdictKind.REFUTED if finished else VerdictKind.UNDECIDED
        detail = f"not balanced: {counted.text}"
        detail += "" if finished else "; the step does not say that it is"
    return finding(step, equation.start, equation.end, kind, detail, table)


def _last_equation(prefix: Sequence[str]) -> tuple[str, Equation] | None:
    for text in reversed(prefix[-20:]):
        found = equations(text)
        if found:
            return text, found[-1]
    return None


def _sides(step: str, found: Sequence[Equation], prefix: Sequence[str]) -> Iterator[Finding]:
    """Claims such as "4 hydrogen atoms on the left": false when it is so in no equation in sight."""
    matches = [each for each in islice(_SIDE.finditer(step), MAX_SAID) if symbol_of(each["name"])]
    if not matches:
        return
    last = _last_equation(prefix)
    candidates = [(step, each) for each in found] + ([last] if last else [])
    for match in matches:
        counts = [_on_side(equation, match) for _, equation in candidates]
        if not counts or is_conditional(step, match.start()):
            continue
        claimed, symbol = number_of(match["number"]), symbol_of(match["name"])
        holds = claimed in counts
        text, equation = candidates[counts.index(claimed) if holds else 0]
        kind = VerdictKind.SUPPORTED if holds else VerdictKind.REFUTED
        detail = f"{symbol} stands {counts[0] if not holds else claimed} times on that side"
        table = atom_table(balance(equation), text[equation.start : equation.end])
        yield finding(step, match.start(), match.end(), kind, detail, table)


def _on_side(equation: Equation, match: re.Match[str]) -> object:
    symbol = symbol_of(match["name"])
    row = next((row for row in balance(equation).rows if row[0] == symbol), None)
    left = match["side"].lower().startswith(("left", "reactant"))
    return 0 if row is None else row[1] if left else row[2]
