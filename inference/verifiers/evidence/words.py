"""A text as words to compare: case, accents, quotation marks and punctuation do not count. Knows no passages."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

_WORD = re.compile(
    r"\d++(?:,\d{3}(?!\d))*+(?:\.\d++)?+"
    r"|[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]"
    r"|[^\W\d_\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]++(?:['\u2019][^\W\d_]++)*+"
    r"|%"
)
_COUNTED = """
    zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen
    eighteen nineteen twenty
"""
_TENS = {"%": "percent", "thirty": "30", "forty": "40", "fifty": "50", "sixty": "60", "eighty": "80", "ninety": "90"}
_NUMERALS = {word: str(number) for number, word in enumerate(_COUNTED.split())} | _TENS
_ABBREVIATED = re.compile(r"(?:^|[^A-Za-z])(?:Mr|Mrs|Ms|Dr|Prof|St|Sir|[A-Z])\.[ \t]{0,2}$")
_SENTENCE_ENDS = ".!?:\n\"'\u201c\u201d\u2018\u2019([\u2026>*-\u2013\u2014"


@dataclass(frozen=True, slots=True)
class Word:
    """A word as it is compared, with its place in the original; `inside`: its capital does not begin a sentence."""

    text: str
    start: int
    end: int
    capital: bool
    inside: bool

    @property
    def number(self) -> bool:
        return self.text[0].isdigit()

    @property
    def name(self) -> bool:
        """Whether it is written like a name where not every word would be."""
        return self.capital and self.inside and self.text != "i"


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a text, and the same as one string with a space before, between and after them."""

    source: str
    words: tuple[Word, ...]
    joined: str
    starts: tuple[int, ...]

    def at(self, place: int) -> int:
        """Return the index of the word that holds or precedes a place of `joined`."""
        return max(0, bisect_right(self.starts, place) - 1)

    def text(self, first: int, last: int) -> str:
        """Return the original text from word `first` up to, not including, word `last`."""
        return self.source[self.words[first].start : self.words[last - 1].end] if last > first else ""


def fold(word: str) -> str:
    """Return a word without case, accents, thousands commas and possessive; small numerals as digits."""
    plain = word.lower().replace("\u2019", "'")
    if plain.isascii():
        return _NUMERALS.get(plain, plain.replace(",", "").removesuffix("'s"))
    split = unicodedata.normalize("NFKD", plain)
    bare = "".join(each for each in split if not unicodedata.combining(each))
    return bare.removesuffix("'s") or plain


@lru_cache(maxsize=512)
def words_of(text: str) -> Words:
    """Return the words of a text; kept, for the passages of a problem are asked for at every step."""
    found = []
    for match in _WORD.finditer(text):
        capital = match[0][0].isupper()
        inside = capital and _inside(text[max(0, match.start() - 8) : match.start()])
        found.append(Word(fold(match[0]), match.start(), match.end(), capital, inside))
    starts, at = [], 1
    for word in found:
        starts.append(at)
        at += len(word.text) + 1
    joined = f" {' '.join(word.text for word in found)} "
    return Words(text, tuple(found), joined, tuple(starts))


def _inside(before: str) -> bool:
    """Whether what comes before a word begins no sentence with it."""
    bare = before.rstrip(" \t")
    return bool(bare) and (bare[-1] not in _SENTENCE_ENDS or bool(_ABBREVIATED.search(before)))


def names_of(texts: Sequence[str]) -> frozenset[str]:
    """Return the words that some text writes with a capital inside a sentence."""
    return frozenset(word.text for text in texts for word in words_of(text).words if word.name)
