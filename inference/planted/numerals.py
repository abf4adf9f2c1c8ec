"""Numbers as they are written: read exactly, and written in the manner of another. Knows nothing about steps."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction

from inference.verifiers.claims.evaluate import NoValue, number

MOST_PLACES = 4
LARGEST = 10_000_000
_COUNTED = (
    "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen",
    "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty",
)  # fmt: skip
_SPELT: dict[str, tuple[Fraction, ...]] = {
    **{word: (Fraction(value),) for value, word in enumerate(_COUNTED, 1)},
    **{word: (Fraction(value),) for word, value in {"thirty": 30, "forty": 40, "fifty": 50, "sixty": 60}.items()},
    **dict.fromkeys(("twice", "double", "doubles", "both", "pair"), (Fraction(2),)),
    **dict.fromkeys(("thrice", "triple", "triples"), (Fraction(3),)),
    **dict.fromkeys(("half", "halves"), (Fraction(2), Fraction(1, 2))),
    **dict.fromkeys(("third", "thirds"), (Fraction(3), Fraction(1, 3))),
    **dict.fromkeys(("quarter", "quarters", "fourth"), (Fraction(4), Fraction(1, 4))),
    **dict.fromkeys(("fifth", "fifths"), (Fraction(5), Fraction(1, 5))),
    **dict.fromkeys(("tenth", "tenths"), (Fraction(10), Fraction(1, 10))),
    "dozen": (Fraction(12),),
}
_WORD = re.compile(r"[a-z]++")


def exact(text: str) -> Fraction | None:
    """Return the value of "1,200", "7.50", "3/4" or "$12", None for anything else."""
    plain = text.strip().lstrip("$").replace(",", "").rstrip(".")
    top, slash, bottom = plain.partition("/")
    if not re.fullmatch(r"-?\d{1,18}(?:\.\d{1,12})?|\.\d{1,12}", top) or (slash and not bottom.isdecimal()):
        return None
    try:
        value = Fraction(number(top.lstrip("-"))) * (-1 if top.startswith("-") else 1)
        return value / int(bottom) if slash else value
    except (NoValue, ZeroDivisionError):
        return None


def spelt(text: str) -> Iterator[tuple[Fraction, str]]:
    """Yield the numbers that a text spells out, each with its word; "half" stands for 2 and for 1/2."""
    for match in _WORD.finditer(text.lower()):
        for value in _SPELT.get(match.group(), ()):
            yield value, match.group()


def written(value: Fraction, like: str) -> str | None:
    """Return a value as `like` was written (thousands with commas, prices with cents).

    None where that would look wrong: not above 0, too large, or more than four decimals.
    """
    if not 0 < value <= LARGEST:
        return None
    form = "," if "," in like or value >= 10_000 else ""
    if value.denominator == 1:
        return f"{value.numerator:{form}d}"
    places = next((many for many in range(1, MOST_PLACES + 1) if (value * 10**many).denominator == 1), None)
    if places is None:
        return None
    cents = len(like.partition(".")[2])
    return f"{float(value):{form}.{max(places, cents if cents == 2 else 0)}f}"
