"""What people's submitted items add up to: ratings, active seconds, right answers on known items. Asks nothing."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar

from annotations.trust import Share
from inference.intervals import Estimate
from inference.ratios import LEAST_GROUPS, Part, ratio, ratio_difference

Key = TypeVar("Key", bound=Hashable)
Parts = dict[tuple[int, int], list[float]]
MANY = 64


@dataclass(frozen=True, slots=True, order=True)
class Aids:
    """What the page showed while an item was labelled; `aided` is None where aids were not compared."""

    reference: str = ""
    evidence: str = ""
    prelabels: str = ""
    aided: bool | None = None

    @classmethod
    def read(cls, told: str) -> Aids:
        said = json.loads(told)
        reference, evidence, prelabels = (str(said.get(name) or "") for name in ("reference", "evidence", "prelabels"))
        return cls(reference, evidence, prelabels, said.get("aided"))


class Whose(NamedTuple):
    """Whose work, in which queue, with which aids."""

    user: int
    queue: int
    aids: Aids


@dataclass(slots=True)
class Tally:
    """Sums over submitted items. `blocks` holds (seconds, ratings) and `known` (right, known) by a part of the items.

    Each person's items fall into a few dozen parts by chance, so that the parts can be drawn in place of the items.
    `tenths` counts ratings by their active seconds, in tenths (from 10 s on in whole seconds).
    """

    items: int = 0
    blocks: defaultdict[tuple[int, int], list[float]] = field(default_factory=lambda: defaultdict(lambda: [0.0, 0.0]))
    known: defaultdict[tuple[int, int], list[float]] = field(default_factory=lambda: defaultdict(lambda: [0.0, 0.0]))
    tenths: Counter[int] = field(default_factory=Counter)

    def take(self, more: Tally) -> None:
        """Add another tally to this one."""
        self.items += more.items
        self.tenths.update(more.tenths)
        for mine, theirs in ((self.blocks, more.blocks), (self.known, more.known)):
            for part, sums in theirs.items():
                _add(mine[part], sums)

    @property
    def ratings(self) -> int:
        return round(sum(ratings for _, ratings in self.blocks.values()))

    @property
    def seconds(self) -> float:
        return sum(seconds for seconds, _ in self.blocks.values())

    @property
    def mean(self) -> Estimate | None:
        """Active seconds a rating: all seconds by all ratings, with a bootstrap interval over items."""
        return ratio(list(_fewer(self.blocks).values()))

    @property
    def gold(self) -> Share:
        """Ratings of known items that are right."""
        right, known = (round(sum(part[at] for part in self.known.values())) for at in (0, 1))
        return Share(right, known)

    def quantile(self, share: float) -> float | None:
        """Return the seconds that this share of single ratings did not exceed, None without one."""
        places = (self.tenths.total() - 1) * share
        if places < 0:
            return None
        low = _at(self.tenths, int(places))
        return (low + (_at(self.tenths, -int(-places // 1)) - low) * (places - int(places))) / 10

    @property
    def median(self) -> float | None:
        return self.quantile(0.5)

    @property
    def slow(self) -> float | None:
        """The seconds that nine of ten ratings did not exceed."""
        return self.quantile(0.9)


def _fewer(parts: Parts) -> dict[Hashable, Part]:
    """Return the parts, those of all people together where there are many: each is a part of the items by chance."""
    found: defaultdict[Hashable, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for (user, block), (above, below) in parts.items():
        sums = found[block if len(parts) > MANY else (user, block)]
        sums[0] += above
        sums[1] += below
    return {name: (above, below) for name, (above, below) in found.items()}


def _at(tenths: Counter[int], place: int) -> int:
    """Return the value at a place, from 0, of the counted values in order."""
    passed = 0
    for value in sorted(tenths):
        passed += tenths[value]
        if place < passed:
            return value
    return max(tenths)


@dataclass(frozen=True, slots=True)
class Sums:
    """What the database added up, by person, queue and aids."""

    tallies: Mapping[Whose, Tally]

    @classmethod
    def read(cls, work: Iterable[tuple[Any, ...]], words: Iterable[tuple[Any, ...]]) -> Sums:
        """Read the rows of desksql.WORK and, of desksql.WORDS, those of single ratings and of parts."""
        found: defaultdict[Whose, Tally] = defaultdict(Tally)
        marked: dict[int, Whose] = {}
        for mark, user, queue, told, part, items, spent, right, known in work:
            if mark not in marked:
                marked[mark] = Whose(user, queue, Aids.read(told))
            tally = found[marked[mark]]
            tally.items += items
            tally.blocks[user, part][0] += spent
            _add(tally.known[user, part], (float(right or 0), float(known or 0)))
        for kind, mark, number, *_, n in words:
            if kind == "tenths" and number:
                found[marked[mark]].tenths[number] += n
            elif kind == "part":
                found[marked[mark]].blocks[marked[mark].user, number][1] += n
        return cls(dict(found))

    def by(self, key: Callable[[Whose], Key | None]) -> dict[Key, Tally]:
        """Return the tallies by what `key` returns; None leaves out."""
        found: defaultdict[Key, Tally] = defaultdict(Tally)
        for whose, tally in self.tallies.items():
            if (name := key(whose)) is not None:
                found[name].take(tally)
        return dict(found)

    def all(self) -> Tally:
        return self.by(lambda whose: True).get(True, Tally())


def _add(sums: list[float], more: Sequence[float]) -> None:
    sums[0] += more[0]
    sums[1] += more[1]


@dataclass(frozen=True, slots=True)
class Compared:
    """Items with aids against items without, of the same people.

    The differences (with minus without) have bootstrap intervals: people are drawn where `people` reach LEAST_GROUPS,
    else items, and the interval then holds for these people alone.
    """

    aided: Tally
    unaided: Tally
    people: int
    seconds: Estimate | None
    accuracy: Estimate | None

    @property
    def by_people(self) -> bool:
        return self.people >= LEAST_GROUPS


def compared(sums: Sums) -> Compared | None:
    """Hold items with aids against those without; None where either is missing."""
    arms = sums.by(lambda whose: whose.aids.aided)
    if not (arms.keys() >= {True, False} and arms[True].ratings and arms[False].ratings):
        return None
    aided, unaided = arms[True], arms[False]
    people = len({user for user, _ in aided.blocks} | {user for user, _ in unaided.blocks})
    together = people >= LEAST_GROUPS
    seconds = ratio_difference(_pairs(aided.blocks, unaided.blocks, together))
    accuracy = ratio_difference(_pairs(aided.known, unaided.known, together))
    return Compared(aided, unaided, people, seconds, accuracy)


def _pairs(aided: Parts, unaided: Parts, by_people: bool) -> list[tuple[Part, Part]]:
    """Return what each group has with and without aids; a group is a person, or a part of a person's items."""
    groups: defaultdict[Hashable, list[float]] = defaultdict(lambda: [0.0] * 4)
    for start, parts in ((0, aided), (2, unaided)):
        for (user, block), (above, below) in parts.items():
            sums = groups[user if by_people else (user, block)]
            sums[start] += above
            sums[start + 1] += below
    return [((a, b), (c, d)) for a, b, c, d in groups.values()]
