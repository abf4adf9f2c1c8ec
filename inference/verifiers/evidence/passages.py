"""The passages of a problem and where words stand in them. Knows nothing about steps.

Fuzzy places come from rapidfuzz's partial_ratio_alignment over words that are folded first.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rapidfuzz import fuzz

from inference.verifiers.evidence.words import Words, words_of

MAX_PASSAGES = 60
MAX_CHARS = 120_000
LEAST_SCORE = 50.0

_LAST_NUMBER = re.compile(r"(?:^|[^0-9A-Za-z]|[A-Za-z])(\d{1,4})$")
_LAST_LETTER = re.compile(r"(?:^|[^0-9A-Za-z])([A-Za-z])$")


@dataclass(frozen=True, slots=True)
class Passage:
    """One passage: what steps may call it, its title ("" for none) and its text."""

    id: str
    title: str
    text: str

    @property
    def called(self) -> str:
        return f"passage {self.id}" if len(self.id) <= 12 else f"passage {self.id[:11]}…"


@dataclass(frozen=True, slots=True)
class Spot:
    """Where one part of a quote is like a passage: a range of words and the likeness of the two, 0 to 100."""

    first: int
    last: int
    score: float


@dataclass(frozen=True, slots=True)
class Place:
    """Where a whole quote is most like one passage, part by part; `score` is that of its worst part."""

    passage: Passage
    parts: tuple[Spot, ...]
    score: float


def passages_of(data: Mapping[str, Any]) -> tuple[Passage, ...]:
    """Return the passages of a problem's data; ValueError says which field is wrong and what was expected."""
    rows = data.get("passages")
    if not isinstance(rows, Sequence) or isinstance(rows, str) or not rows:
        raise ValueError("passages: expected a list of {id, title, text}")
    if len(rows) > MAX_PASSAGES:
        raise ValueError(f"passages: at most {MAX_PASSAGES} are read, got {len(rows)}")
    found = tuple(_passage(row, number) for number, row in enumerate(rows, 1))
    if sum(len(each.text) for each in found) > MAX_CHARS:
        raise ValueError(f"passages: at most {MAX_CHARS:,} characters are read")
    return found


def _passage(row: Any, number: int) -> Passage:
    if not isinstance(row, Mapping) or not isinstance(row.get("text"), str):
        raise ValueError(f"passages, number {number}: expected an object with a field text")
    return Passage(str(row.get("id") or number), str(row.get("title") or ""), row["text"])


def named(passages: Sequence[Passage], name: str) -> Passage | None:
    """Return the passage that a step calls `name` ("2", "B"): by its id, the end of it, or its place in the row."""
    wanted = name.casefold()
    for passage in passages:
        if passage.id.casefold() == wanted:
            return passage
    ends = [(_LAST_NUMBER if name.isdigit() else _LAST_LETTER).search(passage.id) for passage in passages]
    if any(ends):
        found = (each for each, end in zip(passages, ends, strict=True) if end and end[1].casefold() == wanted)
        return next(found, None)
    at = int(name) - 1 if name.isdigit() else ord(wanted[0]) - ord("a")
    return passages[at] if 0 <= at < len(passages) else None


def find(passage: Passage, parts: Sequence[str]) -> Place:
    """Return where the parts are most like the passage, in order; an exact place is taken first."""
    words, found, at = words_of(passage.text), [], 0
    for part in parts:
        place = _exactly(words, part, at) or _nearly(words, part, at) or Spot(0, 0, 0.0)
        found.append(place)
        if place.last and place.last < len(words.words):
            at = words.starts[place.last] - 1
    return Place(passage, tuple(found), min((each.score for each in found), default=0.0))


def exactly(passage: Passage, parts: Sequence[str]) -> Place | None:
    """Return where the parts stand word by word, in order, in the passage; None where they do not."""
    words, found, at = words_of(passage.text), [], 0
    for part in parts:
        place = _exactly(words, part, at)
        if place is None:
            return None
        found.append(place)
        at = words.starts[place.last - 1] + len(words.words[place.last - 1].text)
    return Place(passage, tuple(found), 100.0)


def _exactly(words: Words, part: str, at: int) -> Spot | None:
    place = words.joined.find(f" {part} ", max(0, at - 1))
    if place < 0:
        return None
    return Spot(words.at(place + 1), words.at(place + len(part)) + 1, 100.0)


def _nearly(words: Words, part: str, at: int) -> Spot | None:
    rest = words.joined[at:]
    if len(part) >= len(rest):
        score = fuzz.ratio(part, rest.strip())
        return Spot(words.at(at + 1), len(words.words), score) if score >= LEAST_SCORE else None
    near = fuzz.partial_ratio_alignment(part, rest, score_cutoff=LEAST_SCORE)
    if near is None:
        return None
    # The window is as long as the part, so it may begin or end within a word: most of the word must lie in it.
    first, last = words.at(at + near.dest_start), words.at(at + near.dest_end - 1)
    if at + near.dest_start > words.starts[first] + len(words.words[first].text) / 2 and first < last:
        first += 1
    return Spot(first, last + 1, near.score)
