"""Each table of the quality page as a file: its header and its rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from annotations.pages import qualitytables
from annotations.pages.qualitystate import QualityState

if TYPE_CHECKING:
    from annotations.desk.measuring import Quality
    from annotations.trust import Share
    from inference.agreement import Measure

Table = tuple[Sequence[str], Iterable[Sequence[Any]]]
MEASURED = ("value", "low", "high", "units")
SHARED = ("right", "of", "share", "low", "high")


def people(quality: Quality, state: QualityState, agree: int, most: int) -> Table:
    header = (
        "annotator", "items", "ratings", "median_seconds", *(f"gold_items_{name}" for name in SHARED),
        *(f"gold_ratings_{name}" for name in SHARED), *(f"equal_to_others_{name}" for name in MEASURED),
    )  # fmt: skip
    return header, [
        (each.name, each.items, each.ratings, each.seconds, *_share(each.gold_items), *_share(each.gold_ratings),
         *_measure(each.others))
        for each in quality.persons()
    ]  # fmt: skip


def measures(quality: Quality, state: QualityState, agree: int, most: int) -> Table:
    found = quality.agreement(agree, most)
    named = {
        "alpha_of_ratings": found.steps,
        "alpha_of_first_errors": found.first_errors,
        "equal_pairs_of_ratings": found.equal,
        "items_with_equal_first_errors": found.unanimous,
    }
    return ("measure", *MEASURED, "reason"), [(name, *_measure(each), each.reason) for name, each in named.items()]


def pairs(quality: Quality, state: QualityState, agree: int, most: int) -> Table:
    names = quality.names
    return ("first", "second", *(f"kappa_{name}" for name in MEASURED), "reason"), [
        (names[pair.first], names[pair.second], *_measure(pair.kappa), pair.kappa.reason) for pair in quality.pairs()
    ]


def confusion(quality: Quality, state: QualityState, agree: int, most: int) -> Table:
    header = ("first", "says", "second", "says_instead", "steps")
    pair = qualitytables.chosen(quality, quality.pairs(), state)
    if pair is None:
        return header, []
    counts = quality.confusion(pair.first, pair.second)
    names, rated = (quality.names[pair.first], quality.names[pair.second]), qualitytables.RATED
    return header, [
        (names[0], row, names[1], column, counts[at][to])
        for at, row in enumerate(rated)
        for to, column in enumerate(rated)
    ]


def drift(quality: Quality, state: QualityState, agree: int, most: int) -> Table:
    who = quality.names.get(state.person or 0, "everybody")
    person = state.person if state.person in quality.names else None
    return (
        "annotator",
        state.by,
        "items",
        "ratings",
        "median_seconds",
        *(f"gold_ratings_{name}" for name in SHARED),
    ), [
        (who, each.name, each.items, each.ratings, each.seconds, *_share(each.gold_ratings))
        for each in quality.drift(person, state.by)
    ]


def protocol(quality: Quality, state: QualityState, agree: int, most: int) -> Table:
    found = quality.agreement(agree, most).outcomes
    ended = sorted(((kind.value, after, n) for (kind, after), n in found.items()), key=str)
    return ("outcome", "after", "items"), ended


FILES: dict[str, Callable[[Quality, QualityState, int, int], Table]] = {
    "people": people,
    "agreement": measures,
    "pairs": pairs,
    "confusion": confusion,
    "drift": drift,
    "protocol": protocol,
}


def _share(share: Share) -> tuple[Any, ...]:
    ends = (share.low, share.high) if share.of else (None, None)
    return (share.hits, share.of, share.value, *ends)


def _measure(found: Measure) -> tuple[Any, ...]:
    return (found.value, found.low, found.high, found.units)
