"""Figures of quality from submitted sessions: accuracy on gold, speed, drift, agreement. Knows nothing about pages.

It needs numpy, which takes a fifth of a second to load: pages import this module where they need it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from annotations.selectors.quality import ALL, WORK, Said, Session
from annotations.trust import Share
from inference.agreement import (
    Measure,
    OutcomeKind,
    Ratings,
    cohen_kappa,
    confusion,
    krippendorff_alpha,
    percent_agreement,
    unanimous,
    until_agree,
    with_others,
)
from inference.types import Rating

CODES = (Rating.CORRECT, Rating.NEUTRAL, Rating.INCORRECT)
# A matrix of pairs shows so many people, those with most ratings.
MOST_PEOPLE = 12
ITEMS_A_STRETCH = 50
Whole = NDArray[np.int64]
WEEK, STRETCH = "week", "items"
COLUMNS = 5
EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class Words:
    """The newest rating of each person on each step, as columns; `session` counts the sessions that were asked for.

    `seconds` are those of all that he said of the step in that session, 0 where they were not measured.
    """

    node: Whole
    session: Whole
    user: Whole
    item: Whole
    code: Whole
    seconds: NDArray[np.float64]

    @classmethod
    def read(cls, text: str, sessions: Sequence[Session]) -> Words:
        """Keep the newest word of each; one that takes his rating back leaves none."""
        table = np.fromstring(text, sep=" ").reshape(-1, COLUMNS) if text else np.zeros((0, COLUMNS))
        event, node, session, code = (table[:, at].astype(np.int64) for at in range(COLUMNS - 1))
        ids = np.array([each.id for each in sessions], dtype=np.int64)
        order = np.argsort(ids)
        session = order[np.searchsorted(ids, session, sorter=order)] if len(ids) else session
        user = np.array([each.user for each in sessions], dtype=np.int64)[session]
        item = np.array([each.item for each in sessions], dtype=np.int64)[session]
        last = _last_of_each(node, user, event)
        spent = _together(node, session, table[:, -1])
        read = cls(node, session, user, item, code, spent)
        return read.of(last[code[last] >= 0])

    def of(self, chosen: Whole | NDArray[np.bool_]) -> Words:
        return Words(*(getattr(self, name)[chosen] for name in self.__slots__))


def _last_of_each(node: Whole, user: Whole, event: Whole) -> Whole:
    """Return the places of each person's newest word on each step."""
    order = np.lexsort((event, user, node))
    ends = np.ones(len(order), dtype=bool)
    ends[:-1] = (np.diff(node[order]) != 0) | (np.diff(user[order]) != 0)
    return order[ends]


def _together(node: Whole, session: Whole, seconds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return for each word the seconds of all words on its step in its session."""
    key = node * (session.max(initial=0) + 1) + session
    _, place = np.unique(key, return_inverse=True)
    total = np.bincount(place, weights=seconds)
    return np.asarray(total[place], dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Person:
    """One annotator: what he did, how he met what was known, and how often others say the same."""

    id: int
    name: str
    items: int
    ratings: int
    seconds: float | None
    gold_items: Share
    gold_ratings: Share
    others: Measure


@dataclass(frozen=True, slots=True)
class Pair:
    first: int
    second: int
    kappa: Measure


@dataclass(frozen=True, slots=True)
class Stretch:
    """A week, or fifty items in a row, of one person or of all: when it began, how many items and ratings."""

    name: str
    items: int
    ratings: int
    seconds: float | None
    gold_ratings: Share


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far people agree: on steps (nominal alpha, equal pairs), on first errors (nominal alpha, all equal)."""

    steps: Measure
    equal: Measure
    first_errors: Measure
    unanimous: Measure
    outcomes: Counter[tuple[OutcomeKind, int]]


class Quality:
    """The figures of what was asked for; each is worked out when it is asked."""

    def __init__(self, said: Said, items: str = WORK) -> None:
        self.sessions = said.sessions
        self.words = Words.read(said.ratings, said.sessions)
        self.names = {session.user: session.username for session in said.sessions}
        self._held = [each for each in said.sessions if items == ALL or each.work == (items == WORK)]
        counts = Counter(self.words.user.tolist())
        most = sorted(self.names, key=lambda user: (-counts[user], self.names[user]))
        self.people = sorted(most, key=lambda user: self.names[user].lower())
        self.shown = [user for user in self.people if user in most[:MOST_PEOPLE]]
        self._at = {user: at for at, user in enumerate(self.people)}
        self.steps = self._steps()
        self.first_errors = self._first_errors()

    def _steps(self) -> Ratings:
        """Units are steps, drawn with the other steps of their item."""
        items = np.array(sorted({each.item for each in self._held}), dtype=np.int64)
        words = self.words.of(np.isin(self.words.item, items))
        nodes, unit = np.unique(words.node, return_inverse=True)
        group = np.zeros(len(nodes), dtype=np.int64)
        group[unit] = words.item
        rater = np.searchsorted(np.array(sorted(self._at), dtype=np.int64), words.user)
        places = np.array([self._at[user] for user in sorted(self._at)], dtype=np.int64)
        return Ratings.of(
            unit, places[rater], words.code, codes=len(CODES), units=len(nodes), raters=len(self.people), group=group
        )

    def _first_errors(self) -> Ratings:
        """Units are paths; the code is the depth of the first error, 0 for none."""
        named = [each for each in self._held if each.first_error is not None]
        _, unit = np.unique(np.array([each.item for each in named], dtype=np.int64), return_inverse=True)
        depths = [each.first_error or 0 for each in named]
        rater = [self._at[each.user] for each in named]
        return Ratings.of(unit, rater, depths, codes=max(depths, default=0) + 1, raters=len(self.people))

    def agreement(self, agree: int, most: int) -> Agreement:
        return Agreement(
            krippendorff_alpha(self.steps),
            percent_agreement(self.steps),
            krippendorff_alpha(self.first_errors),
            unanimous(self.first_errors),
            self._outcomes(agree, most),
        )

    def _outcomes(self, agree: int, most: int) -> Counter[tuple[OutcomeKind, int]]:
        """Return how many items end how; those whose people named the same in the same order are alike."""
        named: dict[int, list[int]] = {}
        for each in self._held:
            if each.first_error is not None:
                named.setdefault(each.item, []).append(each.first_error)
        ended: Counter[tuple[OutcomeKind, int]] = Counter()
        for words, items in Counter(map(tuple, named.values())).items():
            outcome = until_agree(words, agree, most)
            ended[outcome.kind, outcome.after] += items
        return ended

    def pairs(self) -> list[Pair]:
        """Return Cohen's kappa of every two people who are shown."""
        return [
            Pair(first, second, cohen_kappa(self.steps, self._at[first], self._at[second]))
            for at, first in enumerate(self.shown)
            for second in self.shown[at + 1 :]
        ]

    def confusion(self, first: int, second: int) -> list[list[int]]:
        """Return how often `first` says a code (rows) where `second` says another (columns)."""
        return [[int(n) for n in row] for row in confusion(self.steps, self._at[first], self._at[second])]

    def persons(self) -> list[Person]:
        others = with_others(self.steps)
        return [self._person(user, others[at]) for user, at in self._at.items()]

    def _person(self, user: int, others: Measure) -> Person:
        mine = [each for each in self.sessions if each.user == user]
        words = self.words.of(self.words.user == user)
        return Person(
            user, self.names[user], len(mine), len(words.code), _median(words.seconds), gold_items(mine),
            gold_ratings(mine), others,
        )  # fmt: skip

    def drift(self, user: int | None, by: str) -> list[Stretch]:
        """Return how accuracy and speed went, by week or by fifty items, of one person or of everybody (None)."""
        mine = [each for each in self.sessions if user is None or each.user == user]
        stretches = _weeks(mine) if by == WEEK else _stretches(mine)
        place_of = np.full(len(self.sessions), -1, dtype=np.int64)
        place_of[[at for at, each in enumerate(self.sessions) if user is None or each.user == user]] = range(len(mine))
        words = self.words.of(place_of[self.words.session] >= 0)
        place = place_of[words.session]
        ends = np.cumsum([len(part) for _, part in stretches])
        held = np.searchsorted(ends, place, side="right")
        return [_stretch(name, part, words.of(held == at)) for at, (name, part) in enumerate(stretches)]


def gold_items(sessions: Sequence[Session]) -> Share:
    """Return of how many known items the first error was named rightly."""
    told = [each.item_right for each in sessions if each.item_right is not None]
    return Share(sum(told), len(told))


def gold_ratings(sessions: Sequence[Session]) -> Share:
    scored = [(each.gold_right or 0, each.gold_known or 0) for each in sessions if each.gold_known is not None]
    return Share(sum(right for right, _ in scored), sum(known for _, known in scored))


def _weeks(sessions: Sequence[Session]) -> list[tuple[str, list[Session]]]:
    """Cut at Mondays of UTC; a week is named by its Monday."""
    weeks: dict[int, list[Session]] = {}
    for each in sessions:
        day = int(each.at // 86_400)
        # Day 0 was a Thursday.
        weeks.setdefault(day - (day + 3) % 7, []).append(each)
    return [((EPOCH + timedelta(days=monday)).isoformat(), part) for monday, part in weeks.items()]


def _stretches(sessions: Sequence[Session]) -> list[tuple[str, list[Session]]]:
    starts = range(0, len(sessions), ITEMS_A_STRETCH)
    parts = [list(sessions[start : start + ITEMS_A_STRETCH]) for start in starts]
    return [(f"{start + 1} to {start + len(part)}", part) for start, part in zip(starts, parts, strict=True)]


def _stretch(name: str, sessions: Sequence[Session], words: Words) -> Stretch:
    return Stretch(name, len(sessions), len(words.code), _median(words.seconds), gold_ratings(sessions))


def _median(seconds: NDArray[np.float64]) -> float | None:
    told = seconds[seconds > 0]
    return float(np.median(told)) if len(told) else None
