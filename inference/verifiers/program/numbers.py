"""Numbers as people write them: $1,250.50, 25%, 3/4, 2 1/2, twelve. Knows nothing about steps or programs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

MAX_DIGITS = 30
PERCENT = "%"

_NUMBER = re.compile(
    r"(?<![\w.])(?P<minus>[-\u2212](?=[\d.$]))?(?P<money>\\?\$|[£€])?\s?"
    r"(?:(?P<whole>\d{1,3}(?:,\d{3})++(?!\d)|\d++)(?P<part>\.\d++)?+|(?P<tenths>\.\d++))"
    r"(?:(?P<mixed>[ ]\d{1,6}/\d{1,6}(?!\d|[./]\d))|\s?/\s?(?P<bottom>\d{1,9})(?!\d|\.\d))?+"
    r"(?P<percent>\s?\\?%|\s(?:percent|per cent)\b)?"
)
_ORDINAL = re.compile(r"(?:st|nd|rd|th)\b")
_FRACTION = re.compile(r"\\[dtc]?frac\{(\d{1,9})\}\{(\d{1,9})\}")
_MARK = re.compile(r"<<[^<>\n]{0,200}>>")
_WORD = re.compile(r"[a-z]++")
_COUNTED = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty",
)  # fmt: skip
_TENS = ("thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_SPELT: dict[str, tuple[Fraction, ...]] = {
    **{word: (Fraction(value),) for value, word in enumerate(_COUNTED)},
    **{word: (Fraction(10 * tens),) for tens, word in enumerate(_TENS, 3)},
    "hundred": (Fraction(100),), "thousand": (Fraction(1000),), "million": (Fraction(10**6),),
    "dozen": (Fraction(12),),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Number:
    """text[start:end] is a number: its value as written (25 for 25%), the decimals that it shows, its sign.

    `mark` is "%" or the sign of a currency, "" for neither.
    """

    text: str
    value: Fraction
    places: int
    mark: str
    start: int
    end: int


def levelled(text: str) -> str:
    """Return the text, of the same length, with \\frac{3}{4} as 3/4 and calculator marks <<3*4=12>> as blanks."""
    text = _MARK.sub(lambda match: " " * len(match.group()), text)
    return _FRACTION.sub(lambda match: f"{match[1]}/{match[2]}".rjust(len(match.group())), text)


def numbers(text: str) -> Iterator[Number]:
    """Yield the numbers of a levelled text in order; ordinals (4th) and numbers too long to mean anything are none."""
    for match in _NUMBER.finditer(text):
        found = _read(match)
        if found is not None and not _ORDINAL.match(text, match.end()):
            yield found


def number_at(text: str, start: int) -> Number | None:
    """Return the number that begins at `start`, None where none does."""
    match = _NUMBER.match(text, start)
    return _read(match) if match is not None else None


def _read(match: re.Match[str]) -> Number | None:
    if match.end() - match.start() > 2 * MAX_DIGITS:
        return None
    part = match["part"] or match["tenths"] or ""
    value = Fraction((match["whole"] or "0").replace(",", "") + part)
    top, _, bottom = (match["mixed"] or "")[1:].partition("/")
    if (bottom and not int(bottom)) or (match["bottom"] and not int(match["bottom"])):
        return None
    if bottom:
        value += Fraction(int(top), int(bottom))
    elif match["bottom"]:
        value /= int(match["bottom"])
    mark = PERCENT if match["percent"] else (match["money"] or "").lstrip("\\")
    places = max(len(part) - 1, 0) if value.denominator == 1 or part else -1
    return Number(
        match.group().strip(), -value if match["minus"] else value, places, mark, match.start(), match.end()
    )  # fmt: skip


def known(texts: Iterable[str]) -> frozenset[Fraction]:
    """Return every value that the texts give, in digits or in words; 20% gives 20 and 1/5, 3/4 also 3 and 4."""
    return frozenset().union(*map(_values, texts))


@lru_cache(maxsize=4096)
def _values(text: str) -> frozenset[Fraction]:
    text = levelled(text[:20_000])
    found: set[Fraction] = set()
    for number in numbers(text):
        found |= {abs(number.value), *([abs(number.value) / 100] if number.mark == PERCENT else [])}
        if "/" in number.text:
            found |= {Fraction(int(digits)) for digits in re.findall(r"\d{1,9}", number.text)}
    for word in _WORD.findall(text.lower()):
        found.update(_SPELT.get(word, ()))
    return frozenset(found)
