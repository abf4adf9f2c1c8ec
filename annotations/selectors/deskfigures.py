"""How far the labelling desk has come: items, ratings, seconds, agreement, by queue, person and day. One message.

What is counted is submitted work: a rating counts on the day (UTC) on which its item was submitted. Ratings made
outside the desk count beside it, on the day of the word that stands. Whoever may not see how others label gets the
figures of himself and the queues' items.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from django.utils import timezone

from annotations import rules
from annotations.access import Access
from annotations.errors import NotFound
from annotations.models import User
from annotations.rules import Act
from annotations.selectors import desksql
from annotations.selectors.desktally import Sums
from annotations.selectors.together import answers
from annotations.trust import Share
from inference.desk import DeskState

# The pace is that of the last days.
PACE_DAYS = 7


@dataclass(frozen=True, slots=True)
class Asked:
    """What the figures are of: a queue or the ratings elsewhere, a person, days from `since` to `until`, both in."""

    queue: int | None = None
    elsewhere: bool = False
    person: int | None = None
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Queue:
    """A queue's items as they stand now, whatever days are asked for. `left` are places that nobody has taken.

    `held` is how many of the items each person has now; `agree` how many items that two or more submitted agree.
    """

    id: int
    name: str
    state: str
    overlap: int
    states: Mapping[str, int]
    left: int
    held: Mapping[int, int]
    lately: int
    began: datetime | None
    agree: Share

    @property
    def items(self) -> int:
        return sum(n for state, n in self.states.items() if state != "withdrawn")

    @property
    def done(self) -> int:
        return self.items - self.states.get("open", 0)

    @property
    def due(self) -> int:
        """Places that are not submitted."""
        return self.left + sum(self.held.values())

    @property
    def pace(self) -> float:
        """Submitted items a day, over the last PACE_DAYS or since the first one."""
        if self.began is None:
            return 0.0
        days = (timezone.now() - self.began).total_seconds() / 86400
        return self.lately / min(max(days, 1.0), PACE_DAYS)

    @property
    def days_left(self) -> float | None:
        """Days until all is labelled at that pace; None where nothing moves."""
        if not self.due:
            return 0.0
        return self.due / self.pace if self.pace and self.state == DeskState.OPEN else None


class Day(NamedTuple):
    """What was submitted on a day, and rated elsewhere."""

    day: date
    items: int
    ratings: int
    seconds: float
    elsewhere: int


@dataclass(frozen=True, slots=True)
class Figures:
    """All that the page says. `everybody`: the viewer may see how people label."""

    asked: Asked
    everybody: bool
    queues: list[Queue]
    people: dict[int, str]
    sums: Sums
    days: list[Day]
    elsewhere: Mapping[int, int]
    categories: list[tuple[str, int]]
    names: Mapping[str, str]
    finishes: dict[str, int]
    skips: list[tuple[str, int]]
    anchors: list[tuple[str, bool, Share]]

    @property
    def shown(self) -> list[Queue]:
        """The queues that are asked for."""
        if self.asked.elsewhere:
            return []
        return [queue for queue in self.queues if self.asked.queue in (None, queue.id)]


def figures(access: Access, asked: Asked) -> Figures:
    """Return the desk's figures; NotFound for a queue or person that the viewer may not know of."""
    rules.check(access, Act.LABEL)
    everybody = rules.can(access, Act.ADJUDICATE)
    mine = None if everybody else access.user.pk
    params = {
        "project": access.project.pk, "mine": mine, "person": mine or asked.person, "since": asked.since,
        "until": asked.until, "queue": 0 if asked.elsewhere else asked.queue,
        "elsewhere": asked.queue is None, "pace": PACE_DAYS,
    }  # fmt: skip
    found = dict(zip(desksql.ALL, answers(*((sql, params) for sql in desksql.ALL.values())), strict=True))
    queues = _queues(found)
    people = {number: _name(*names) for number, *names in found["people"]}
    if asked.queue is not None and asked.queue not in {queue.id for queue in queues}:
        raise NotFound("There is no such queue.")
    if asked.person is not None and asked.person not in people:
        raise NotFound("There is nobody like that in this project.")
    return Figures(
        asked=asked, everybody=everybody, queues=queues,
        people=people,
        sums=Sums.read(found["work"], found["words"]),
        days=_days(found["days"], found["words"], found["elsewhere"]), elsewhere=_by_person(found["elsewhere"]),
        categories=_categories(found["words"]), names=dict(found["names"]),
        finishes=dict(found["finishes"]), skips=[(str(why), int(n)) for why, n in found["skips"]],
        anchors=[(kind, seen, Share(int(agree), int(n))) for kind, seen, n, agree in found["anchors"]],
    )  # fmt: skip


def _name(username: str, first: str, last: str) -> str:
    return str(User(username=username, first_name=first, last_name=last))


def _queues(found: Mapping[str, list[tuple[Any, ...]]]) -> list[Queue]:
    states: defaultdict[int, dict[str, int]] = defaultdict(dict)
    left: defaultdict[int, int] = defaultdict(int)
    held: defaultdict[int, dict[int, int]] = defaultdict(dict)
    for queue, state, n, places in found["items"]:
        states[queue][state] = n
        left[queue] += places
    for queue, user, n in found["held"]:
        held[queue][user] = n
    lately = {queue: (n, began) for queue, n, began in found["pace"]}
    agree = {queue: Share(int(same), int(n)) for queue, n, same in found["agreement"]}
    return [
        Queue(
            number, name, state, overlap, states[number], left[number], held[number],
            *lately.get(number, (0, None)), agree.get(number, Share(0, 0)),
        )
        for number, name, state, overlap in found["queues"]
    ]  # fmt: skip


def _categories(words: list[tuple[Any, ...]]) -> list[tuple[str, int]]:
    """Return the categories of the steps rated wrong, the most frequent first; "" for none."""
    counted = [(str(key or ""), int(n)) for kind, *_, said, key, n in words if kind == "said" and said > 1]
    return sorted(counted, key=lambda pair: (-pair[1], pair[0]))


def _days(rows: list[tuple[Any, ...]], words: list[tuple[Any, ...]], elsewhere: list[tuple[Any, ...]]) -> list[Day]:
    """Return each day from the first with a rating to the last."""
    rated = {day: n for kind, *_, day, _, _, n in words if kind == "day"}
    found = {day: (int(items), int(rated.get(day, 0)), float(seconds)) for day, items, seconds in rows}
    beside: defaultdict[date, int] = defaultdict(int)
    for _, day, n in elsewhere:
        beside[day] += n
    known = found.keys() | beside.keys()
    if not known:
        return []
    first, last = min(known), max(known)
    all_days = (first + timedelta(days=at) for at in range((last - first).days + 1))
    return [Day(day, *found.get(day, (0, 0, 0.0)), beside[day]) for day in all_days]


def _by_person(rows: list[tuple[Any, ...]]) -> dict[int, int]:
    found: defaultdict[int, int] = defaultdict(int)
    for user, _, n in rows:
        found[user] += n
    return dict(found)
