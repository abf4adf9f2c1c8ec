"""Where in a run a sentence says that something holds: after a line, in a pass of a loop. Knows nothing about runs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

_ORDINALS = (
    "zeroth", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth",
)  # fmt: skip
_WORD = r"(?:iteration|pass|round|cycle|loop iteration)"
_LINE = re.compile(r"\b(?:(after|before|until|following|prior to)\s(?:[a-z]{1,12}\s){0,4}?)?line\s?#?(\d{1,4})\b", re.I)
_NUMBERED = re.compile(
    r"\b(?:(after|before|end of|start of|beginning of)\s(?:the\s)?)?"
    rf"(?:({'|'.join(_ORDINALS)}|last|final|next|\d{{1,3}}(?:st|nd|rd|th))\s{_WORD}\b|{_WORD}\s(?:number\s|no\.\s|#\s?)?(\d{{1,4}})\b)",
    re.I,
)
_LOOP_OVER = re.compile(
    r"\b(?:after|when|once|at the end of|by the end of)\s(?:the|this|both|all)?\s?(?:(inner|outer|for|while)\s)?"
    r"(?:loop|loops|iterations)(?:\s(?:ends|end|finishes|finish|terminates|exits|completes|is (?:done|over|finished)|"
    r"has (?:ended|finished|completed)))?\b(?!\s(?:runs|iter|variable|cond|body|start|begin))",
    re.I,
)
_BEFORE_LOOP = re.compile(r"\b(?:before|until)\s(?:the|entering the)\s(?:(inner|outer|for|while)\s)?loop\b", re.I)
_WHEN = re.compile(
    r"\b(?i:when|for|at|once|while|if|(?:iteration|pass)(?:\s(?:with|where|for|when))?)\s([A-Za-z_]\w{0,40})\s?"
    r"(?:==?|is|equals|reaches)\s?(-?\d{1,18}(?:\.\d{1,9})?|'[^'\n]{0,60}'|\"[^\"\n]{0,60}\"|True|False|None)"
    r"(?=[\s,:;.)]|$)"
)
_LOOP_WORD = re.compile(r"\b(inner|outer|nested|while|for)[\s-](?:loop|iteration|pass)", re.I)


class Where(StrEnum):
    """The kinds of places. `IN_ROUND` counts from 1, -1 is the last; `WHEN` is where a name has a value."""

    ANYWHERE = "anywhere"
    LINE = "line"
    BEFORE = "before"
    IN_ROUND = "in round"
    AFTER_ROUND = "after round"
    AHEAD_OF_ROUND = "before round"
    LOOP_END = "loop end"
    LOOP_START = "loop start"
    WHEN = "when"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a run and where it is said (offsets into the sentence). `loop` is "inner", "outer", "for", "while"."""

    where: Where
    number: int = 0
    loop: str = ""
    name: str = ""
    value: str = ""
    start: int = 0
    end: int = 0

    def words(self) -> str:
        """Return the place as it stands in a sentence: "after line 3"."""
        loop = f"the {self.loop} loop" if self.loop else "the loop"
        which = "the last pass" if self.number == -1 else f"pass {self.number}"
        return {
            Where.LINE: f"after line {self.number}",
            Where.BEFORE: f"before line {self.number}",
            Where.IN_ROUND: f"in {which} of {loop}",
            Where.AFTER_ROUND: f"after {which} of {loop}",
            Where.AHEAD_OF_ROUND: f"before {which} of {loop}",
            Where.LOOP_END: f"after {loop}",
            Where.LOOP_START: f"before {loop}",
            Where.WHEN: f"where {self.name} is {self.value}",
        }.get(self.where, "in this run")


ANYWHERE = Place(Where.ANYWHERE)


def places(sentence: str, *, from_zero: bool) -> list[Place]:
    """Return the places that a sentence names, in their order; `from_zero`: its author's first pass is number 0."""
    found = [*_lines(sentence), *_passes(sentence, from_zero), *_loops(sentence), *_conditions(sentence)]
    found.sort(key=lambda place: (place.start, -place.end))
    kept: list[Place] = []
    for place in found:
        if not kept or place.start >= kept[-1].end:
            kept.append(place)
    return kept


def counts_from_zero(text: str) -> bool:
    """Return whether somebody who wrote this counts passes from 0."""
    return any(match[3] and int(match[3]) == 0 for match in _NUMBERED.finditer(text)) or "zeroth" in text.lower()


def _lines(sentence: str) -> Iterator[Place]:
    for match in _LINE.finditer(sentence):
        before = (match[1] or "").lower() in ("before", "until", "prior to")
        yield Place(Where.BEFORE if before else Where.LINE, int(match[2]), start=match.start(), end=match.end())


def _passes(sentence: str, from_zero: bool) -> Iterator[Place]:
    for match in _NUMBERED.finditer(sentence):
        how, word = (match[1] or "").lower(), (match[2] or "").lower()
        number = _count(word) if word else int(match[3]) + from_zero
        where = Where.IN_ROUND
        if how in ("after", "end of"):
            where = Where.AFTER_ROUND
        elif how in ("before", "start of", "beginning of"):
            where = Where.AHEAD_OF_ROUND
        if number == 0:
            where = Where.UNKNOWN
        yield Place(where, number, _loop_word(sentence), start=match.start(), end=match.end())


def _count(word: str) -> int:
    """Return 2 for "second" and "2nd", -1 for "last", 0 for what names no pass."""
    if word in ("last", "final"):
        return -1
    if word in _ORDINALS:
        return _ORDINALS.index(word)
    digits = word.rstrip("stndrh")
    return int(digits) if digits.isdecimal() else 0


def _loops(sentence: str) -> Iterator[Place]:
    for pattern, where in ((_LOOP_OVER, Where.LOOP_END), (_BEFORE_LOOP, Where.LOOP_START)):
        for match in pattern.finditer(sentence):
            yield Place(where, loop=(match[1] or "").lower(), start=match.start(), end=match.end())


def _conditions(sentence: str) -> Iterator[Place]:
    for match in _WHEN.finditer(sentence):
        yield Place(Where.WHEN, name=match[1], value=match[2], start=match.start(), end=match.end())


def _loop_word(sentence: str) -> str:
    match = _LOOP_WORD.search(sentence)
    return {"nested": "inner"}.get(match[1].lower(), match[1].lower()) if match else ""
