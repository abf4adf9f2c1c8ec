"""What is said of a step as a small number, so that an index holds all steps of one kind in the order of a list.

The numbers are stored: words may be added at the end, none may move.
"""

from __future__ import annotations

from collections.abc import Iterable

VERDICTS = ("", "supported", "undecided", "refuted")
RATINGS = ("", "correct", "neutral", "incorrect")
SIDES = ("incorrect", "correct")
# Two scorers of a step are kept as a pair up to this many scorers; further ones are compared as the page asks.
MOST_PAIRED = 4


def _at(words: tuple[str, ...], column: str) -> str:
    return f"coalesce(array_position(ARRAY{list(words)}::text[], {column}::text), 1) - 1"


# Verdict and resolved rating of a row with these columns.
SAID_SQL = f"(4 * ({_at(VERDICTS, 'verdict')}) + {_at(RATINGS, 'rating')})"


def said(verdict: str, rating: str) -> int:
    """Return the number of a verdict and a rating; "" where there is none."""
    return 4 * VERDICTS.index(verdict) + RATINGS.index(rating)


def words_of(said: int) -> tuple[str, str]:
    """Return the verdict and the rating of a number."""
    return VERDICTS[said // 4], RATINGS[said % 4]


def scored(side: str, saids: Iterable[int]) -> list[int]:
    """Return the kinds of steps that one scorer takes for `side`."""
    return [16 * SIDES.index(side) + number for number in saids]


def paired(side: str, other: str) -> int:
    """Return the kind of steps that one scorer takes for `side` and the other for `other`."""
    return 2 * SIDES.index(side) + SIDES.index(other)
