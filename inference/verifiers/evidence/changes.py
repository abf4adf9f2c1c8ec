"""What was changed between a quote and the place it is most like: numbers, names, turns of meaning, other words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

from inference.verifiers.evidence.words import Word, Words

SPELLING = 80.0
NEARBY = 25
MARGIN = 3
LOOSE = 2

_TURN_WORDS = """
    no not never none nobody nothing neither nor without cannot before after more less fewer most least first last all
    every some any only few many both either north south east west left right above below over under up down inside
    outside older younger earlier later higher lower larger smaller bigger longer shorter rose fell increased decreased
    increase decrease won lost always rarely seldom often true false
"""
_LIGHT_WORDS = """
    a an the that which who and or of to in on at by for as is was are were be been has had have it its this these so
    then also with from
"""
_TURNS = frozenset(_TURN_WORDS.split())
LIGHT = frozenset(_LIGHT_WORDS.split())
_NEGATED = "n't"


class Sort(StrEnum):
    """What kind of words a change is about; the first three make another statement of a quote."""

    NUMBER = "number"
    NAME = "name"
    TURN = "turn"
    WORD = "word"
    SMALL = "small"


TELLING = frozenset({Sort.NUMBER, Sort.NAME, Sort.TURN})


@dataclass(frozen=True, slots=True)
class Change:
    """Words `quote` (a range) of the quote that stand as `passage` (a range) in the passage."""

    sort: Sort
    quote: tuple[int, int]
    passage: tuple[int, int]


def changes(
    quote: Words, mine: tuple[int, int], passage: Words, theirs: tuple[int, int], names: frozenset[str]
) -> tuple[tuple[int, int], tuple[Change, ...]]:
    """Return the words of the passage that words `mine` of a quote stand for, near `theirs`, and what differs."""
    begin, end = max(0, theirs[0] - MARGIN), min(len(passage.words), theirs[1] + MARGIN)
    left = [word.text for word in quote.words[slice(*mine)]]
    right = [word.text for word in passage.words[begin:end]]
    blocks = _blocks(left, right)
    first, last = _edges(blocks, len(left), len(right))
    found: list[Change] = []
    for a, b, c, d in blocks:
        c, d = max(c, first), min(d, last)
        if a == b and c >= d:
            continue
        ours, other = (mine[0] + a, mine[0] + b), (begin + c, begin + max(c, d))
        sort = _sort(quote.words[slice(*ours)], passage.words[slice(*other)], _around(passage, other), names)
        found.append(Change(sort, ours, other))
    return (begin + first, begin + last), tuple(found)


def _edges(blocks: Sequence[tuple[int, int, int, int]], ours: int, theirs: int) -> tuple[int, int]:
    """Return the range of the passage's stretch that is meant: no longer at either end than the quote is there."""
    first, last = 0, theirs
    for a, b, c, d in blocks:
        if a == 0 and c == 0 and b < ours:
            first = max(0, d - (b - a))
        if b == ours and d == theirs and a > 0:
            last = min(theirs, c + (b - a))
    return first, last


def likeness(
    quote: Words, mine: tuple[int, int], passage: Words, theirs: tuple[int, int], found: Sequence[Change]
) -> float:
    """Return how alike the two are, 0 to 100, when the changes that tell are left out on both sides."""
    telling = [each for each in found if each.sort in TELLING]
    left = _without(quote, mine, [each.quote for each in telling])
    right = _without(passage, theirs, [each.passage for each in telling])
    return float(fuzz.ratio(left, right)) if left else 0.0


def _without(words: Words, span: tuple[int, int], cut: Sequence[tuple[int, int]]) -> str:
    return " ".join(words.words[at].text for at in range(*span) if not any(first <= at < last for first, last in cut))


def _blocks(left: list[str], right: list[str]) -> list[tuple[int, int, int, int]]:
    """Return the stretches that differ as ranges of both sides, neighbours joined to one."""
    found: list[tuple[int, int, int, int]] = []
    for code in Levenshtein.opcodes(left, right):
        if code.tag == "equal":
            continue
        a, b, c, d = code.src_start, code.src_end, code.dest_start, code.dest_end
        if found and found[-1][1] == a and found[-1][3] == c:
            found[-1] = (found[-1][0], b, found[-1][2], d)
        else:
            found.append((a, b, c, d))
    return found


def _around(passage: Words, span: tuple[int, int]) -> frozenset[str]:
    near = passage.words[max(0, span[0] - NEARBY) : span[1] + NEARBY]
    return frozenset(word.text for word in near)


def _sort(ours: Sequence[Word], theirs: Sequence[Word], around: frozenset[str], names: frozenset[str]) -> Sort:
    mine, other = [word.text for word in ours], [word.text for word in theirs]
    if _numbers(ours) - _numbers(theirs) and (_numbers(theirs) or not _numbers(ours) <= around):
        return Sort.NUMBER
    if _named(ours, theirs, names):
        return Sort.NAME
    if _turns(mine) != _turns(other) and len([each for each in (*mine, *other) if each not in _TURNS]) <= LOOSE:
        return Sort.TURN
    if not set(mine) - LIGHT and not set(other) - LIGHT:
        return Sort.SMALL
    close = bool(mine and other) and fuzz.ratio(" ".join(mine), " ".join(other)) >= SPELLING
    return Sort.SMALL if close and _numbers(ours) == _numbers(theirs) else Sort.WORD


def _numbers(words: Sequence[Word]) -> frozenset[str]:
    return frozenset(word.text for word in words if word.number)


def _named(ours: Sequence[Word], theirs: Sequence[Word], names: frozenset[str]) -> bool:
    """Whether a name stands where the passage has another one; "Smiths" for "Smith" is none."""
    mine = {word.text.removesuffix("s") for word in ours if _name(word, names)}
    other = {word.text.removesuffix("s") for word in theirs if _name(word, names)}
    return bool(mine - other and other - mine)


def _name(word: Word, names: frozenset[str]) -> bool:
    return word.name or (word.capital and word.text in names)


def _turns(words: Sequence[str]) -> frozenset[str]:
    """Return the words that turn a sentence's meaning; every way to say no is one."""
    found = {word for word in words if word in _TURNS}
    if any(word.endswith(_NEGATED) for word in words):
        found.add("not")
    return frozenset(found)
