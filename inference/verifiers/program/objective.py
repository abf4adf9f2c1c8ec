"""What a step sets out to find, without what it found: its words, with each computation and its value left blank.

Masked are the whole of each equation chain and every number in the words that takes part in one, also a number that
the problem gives: which numbers a step takes and what it does with them is what may be wrong in it, and a program that
is shown "48 * 2" computes 48 * 2 again. Numbers that take no part stay, for the words need them ("after 3 days"). Words
of the set-up ("twice as many") stay too; a step that is wrong in them only is restated with its error.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from inference.verifiers.claims.words import words
from inference.verifiers.program.numbers import PERCENT, known, levelled, numbers
from inference.verifiers.program.said import Said, compound, read_step

MAX_CHARS, MAX_NUMBERS, MAX_SAID, MAX_STEPS = 2000, 60, 4, 60
BLANK, LEFT_OUT = "[?]", "__"

_LABEL = re.compile(r"\s*+(?:Step\s\d{1,3}\s?[:.)-]|\d{1,3}[.)]\s|[-*•]\s)\s*+", re.I)
_WORD = re.compile(r"[^\W\d_]{3,}")
_EMPTY = words(
    "the and for then now thus hence therefore that this there are was were has have had gives get gets makes make "
    "equals equal means mean know can will would our his her its their next first finally since because adding times "
    "about approximately step frac text"
)
_LATEX_END = re.compile(r"\$(?!\s?\d)")
_NAMED = re.compile(r"\b[A-Za-z]\s?=\s?\[")
_SPACES = re.compile(r"\s++")


@dataclass(frozen=True, slots=True)
class Objective:
    """`text` holds a blank for each of `said`, in order; `unclear` says why nothing can be asked, "" when it can."""

    text: str
    said: tuple[Said, ...]
    unclear: str = ""


@lru_cache(maxsize=4096)
def objective(problem: str, prefix: tuple[str, ...], step: str) -> Objective:
    """Return what `step`, which follows the steps `prefix` of `problem`, sets out to find and what it says it found.

    Bounded: a step of more than MAX_CHARS characters or MAX_NUMBERS numbers is unclear.
    """
    if len(step) > MAX_CHARS:
        return Objective("", (), f"the step is longer than {MAX_CHARS} characters")
    label = _LABEL.match(step)
    text = levelled(" " * label.end() + step[label.end() :] if label else step)
    if sum(1 for _ in numbers(text)) > MAX_NUMBERS:
        return Objective("", (), f"the step holds more than {MAX_NUMBERS} numbers")
    reading = read_step(text, given((problem, *prefix)))
    masked = _masked(text, reading.spans, reading.masked)
    return Objective(masked, reading.said, _unclear(text, masked, reading.said))


def given(texts: Sequence[str]) -> frozenset[Fraction]:
    """Return the values that the problem and the earlier steps hold, the last MAX_STEPS of them."""
    return known([*texts[:1], *texts[1:][-MAX_STEPS:]])


def _unclear(text: str, masked: str, said: Sequence[Said]) -> str:
    if not said:
        return "the step states no value that a program could find"
    if len(said) > MAX_SAID:
        return f"the step states more than {MAX_SAID} values"
    if any(compound(text, each) for each in said):
        return "the step states a quantity in several units"
    if not _NAMED.search(masked) and not any(word.lower() not in _EMPTY for word in _WORD.findall(masked)):
        return "the step's words do not say what it finds"
    return ""


def _masked(text: str, spans: Sequence[tuple[int, int, Said | None]], alone: Sequence[tuple[int, int]]) -> str:
    """Return the text with blanks, numbered where there are several, with the sign of their currency or percent."""
    many = sum(said is not None for _, _, said in spans) > 1
    pieces, at, blank = [], 0, 0
    for start, end, said in sorted([*spans, *((start, end, None) for start, end in alone)], key=lambda each: each[0]):
        if start < at:
            continue
        blank += said is not None
        mark = LEFT_OUT if said is None else f"[?{blank}]" if many else BLANK
        before = text[at:start].rstrip("$ ") if _LATEX_END.match(text, end) else text[at:start]
        pieces += [before, " " if before[-1:].isalnum() else "", _signed(mark, said)]
        at = end + (_LATEX_END.match(text, end) is not None)
    return _SPACES.sub(" ", "".join([*pieces, text[at:]])).strip()


def _signed(mark: str, said: Said | None) -> str:
    if said is not None and "$" in said.text:
        return f"${mark}"
    return f"{mark}%" if said is not None and said.unit == PERCENT else mark
