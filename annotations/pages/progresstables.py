"""The tables behind the progress page, as rows for a CSV file. Asks nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from annotations.pages import aidswords
from annotations.selectors.deskfigures import Figures
from annotations.selectors.desktally import Tally
from annotations.trust import Share

SPENT = ("seconds a rating", "low", "high", "median seconds", "p90 seconds")
GOLD = ("gold right", "gold known", "gold accuracy", "gold low", "gold high")


class Table(NamedTuple):
    """A header and its rows."""

    header: tuple[str, ...]
    rows: list[tuple[Any, ...]]


def _spent(found: Tally) -> tuple[Any, ...]:
    mean = found.mean
    known = (None, None, None) if mean is None else (mean.value, mean.low, mean.high)
    return (*(None if value is None or value != value else value for value in known), found.median, found.slow)


def _gold(found: Tally) -> tuple[Any, ...]:
    share = found.gold
    return (share.hits, share.of, share.value, *((share.low, share.high) if share.of else (None, None)))


def _share(share: Share) -> tuple[Any, ...]:
    return (share.hits, share.of, share.value, *((share.low, share.high) if share.of else (None, None)))


def labels_a_day(found: Figures) -> Table:
    rows = [(day, items, ratings, spent / ratings if ratings else None, beside)
            for day, items, ratings, spent, beside in found.days]  # fmt: skip
    return Table(("day (UTC)", "items", "ratings", "seconds a rating", "ratings elsewhere"), rows)


def queues(found: Figures) -> Table:
    tallies = found.sums.by(lambda whose: whose.queue)
    rows = [
        (queue.name, queue.state, queue.items, queue.done, queue.states.get("disputed", 0), sum(queue.held.values()),
         queue.left, queue.pace, queue.days_left, *_told(tallies.get(queue.id, Tally())), *_share(queue.agree))
        for queue in found.shown
    ]  # fmt: skip
    agreed = ("items that agree", "items of two or more", "agreement", "agreement low", "agreement high")
    head = ("queue", "state", "items", "done", "disputed", "items with somebody", "places left", "items a day",
            "days left", "items submitted", "ratings", *SPENT, *agreed)  # fmt: skip
    return Table(head, rows)


def _told(found: Tally) -> tuple[Any, ...]:
    return (found.items, found.ratings, *_spent(found))


def people(found: Figures) -> Table:
    tallies = found.sums.by(lambda whose: whose.user)
    rows = [
        (name, *_told(tallies.get(user, Tally())), *_gold(tallies.get(user, Tally())), found.elsewhere.get(user, 0))
        for user, name in found.people.items()
        if found.asked.person in (None, user)
    ]
    return Table(("person", "items", "ratings", *SPENT, *GOLD, "ratings elsewhere"), rows)


def categories(found: Figures) -> Table:
    return Table(("category", "steps rated incorrect"), [(found.names.get(key, key), n) for key, n in found.categories])


def finishes(found: Figures) -> Table:
    return Table(("end", "items"), list(found.finishes.items()))


def skips(found: Figures) -> Table:
    return Table(("reason", "skips"), list(found.skips))


def aids(found: Figures) -> Table:
    tallies = found.sums.by(lambda whose: (whose.aids, whose.user))
    rows = [
        (of.reference, of.evidence, of.prelabels, of.aided, found.people.get(user, ""), *_told(tally), *_gold(tally))
        for (of, user), tally in tallies.items()
    ]
    shown = ("reference", "evidence", "PRM and verdicts", "with aids", "person")
    return Table((*shown, "items", "ratings", *SPENT, *GOLD), rows)


def anchoring(found: Figures) -> Table:
    rows = [(aidswords.KINDS[kind], seen, *_share(share)) for kind, seen, share in found.anchors]
    return Table(("agrees with", "shown before", "ratings that agree", "ratings", "share", "low", "high"), rows)


TABLES: dict[str, Callable[[Figures], Table]] = {
    "labels-a-day": labels_a_day, "queues": queues, "people": people, "categories": categories, "finishes": finishes,
    "skips": skips, "aids": aids, "anchoring": anchoring,
}  # fmt: skip
