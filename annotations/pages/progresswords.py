"""The desk's progress in sentences, rows and charts for people. Asks nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple

from django.utils import timezone

from annotations.pages import charts as drawn
from annotations.pages import deskcharts, toolcharts, toolwords
from annotations.pages.aidswords import RULES, between, seconds
from annotations.pages.charts import Chart
from annotations.pages.deskcharts import DayChart
from annotations.selectors.deskfigures import Figures, Queue
from annotations.selectors.desktally import Tally
from annotations.templatetags.studio import address
from annotations.trust import Share
from inference.desk import DeskState, LabelFinish

ENDS = {
    LabelFinish.FOUND_ERROR: "An error was found", LabelFinish.SOLUTION: "Read to the end, no error",
    LabelFinish.BAD_PROBLEM: "Bad problem", LabelFinish.GIVE_UP: "Given up",
}  # fmt: skip
DAYS_AHEAD = 3650


class Tile(NamedTuple):
    """One of the large figures at the top."""

    name: str
    value: str
    of: str
    chart: Chart | None = None


@dataclass(frozen=True, slots=True)
class QueueRow:
    """A queue in the table, figures as text."""

    queue: Queue
    forecast: str
    tally: Tally
    median: str
    agree: toolwords.Line
    disputes: str

    @property
    def held(self) -> int:
        return sum(self.queue.held.values())


class PersonRow(NamedTuple):
    """A person in the table, figures as text."""

    id: int
    name: str
    items: int
    ratings: int
    elsewhere: int
    held: int
    median: str
    slow: str
    mean: str
    between: str
    gold: toolwords.Line


class Mix(NamedTuple):
    """What something is made of, each part with its share; `csv` is its table's name."""

    title: str
    csv: str
    rows: list[toolwords.Row]
    none: str


def sentence(found: Figures) -> str:
    """Say first how much is done and when the rest will be."""
    if found.asked.elsewhere:
        return "Ratings made outside the desk: on tree pages, in the review, through the API."
    items, done = sum(queue.items for queue in found.shown), sum(queue.done for queue in found.shown)
    if not items:
        return "No queue holds an item yet." if found.shown else "There is no labelling queue yet."
    told = f"{done:,} of {items:,} items are done."
    rest = [queue for queue in found.shown if queue.due and queue.state != DeskState.CLOSED]
    moving = [queue for queue in rest if queue.days_left is not None]
    if done == items or not rest:
        return told
    if not moving:
        return f"{told} Nothing was submitted in the last days, so there is no forecast."
    pace = sum(queue.pace for queue in moving)
    days = max(queue.days_left or 0 for queue in moving)
    still = f", {len(rest) - len(moving)} queue{'s' if len(rest) - len(moving) > 1 else ''} aside that stand still"
    return (
        f"{told} At the pace of the last days ({pace:,.{0 if pace >= 10 else 1}f} submitted a day) "
        f"the rest takes {_days(days)}{still if len(rest) > len(moving) else ''}."
    )


def _days(days: float) -> str:
    if days > DAYS_AHEAD:
        return "more than ten years"
    until = timezone.now() + timedelta(days=days)
    many = "less than a day" if days < 1 else "a day" if days < 1.5 else f"{days:.0f} days"
    return f"{many}, until {until:%-d %b %Y}"


def tiles(found: Figures) -> list[Tile]:
    everything = found.sums.all()
    beside = sum(found.elsewhere.values())
    made = []
    if found.shown:
        made.append(_items(found.shown))
    of = f"{beside:,} of them outside the desk" if beside else f"of {everything.items:,} submitted items"
    made.append(Tile("Ratings", f"{everything.ratings + beside:,}", of))
    if (median := everything.median) is not None:
        made.append(Tile("Seconds a rating", seconds(median), f"median; nine of ten within {seconds(everything.slow)}"))
    if found.everybody and found.shown:
        agree = Share(*(sum(getattr(queue.agree, name) for queue in found.shown) for name in ("hits", "of")))
        line = toolwords.line(agree)
        of = f"({line.interval}) of {agree.of:,} items with two or more" if agree.of else "no item was labelled twice"
        made.append(Tile("Same first error", line.value or "–", of, toolcharts.bar("Same first error", agree)))
    return made


def _items(queues: list[Queue]) -> Tile:
    done, items = sum(queue.done for queue in queues), sum(queue.items for queue in queues)
    held = min(sum(sum(queue.held.values()) for queue in queues), items - done)
    parts = [("", "done", done), ("held", "with somebody", held), ("none", "left", items - done - held)]
    said = ", ".join(f"{n:,} {name}" for _, name, n in parts[1:])
    return Tile("Items done", f"{done:,}", f"of {items:,}; {said}", drawn.shares(parts, of="Items"))


def queues(found: Figures, slug: str) -> list[QueueRow]:
    tallies = found.sums.by(lambda whose: whose.queue)
    disputes = address("desk-disputes", slug) if found.everybody else ""
    return [
        QueueRow(queue, _forecast(queue), tally, seconds(tally.median), toolwords.line(queue.agree), disputes)
        for queue in found.shown
        for tally in (tallies.get(queue.id, Tally()),)
    ]


def _forecast(queue: Queue) -> str:
    if not queue.items:
        return "empty"
    if not queue.due:
        return "all labelled"
    if queue.state != DeskState.OPEN:
        return queue.state
    return "no pace yet" if queue.days_left is None else _days(queue.days_left)


def people(found: Figures) -> list[PersonRow]:
    """Return who submitted, rated elsewhere or holds an item, by ratings."""
    tallies = found.sums.by(lambda whose: whose.user)
    held = {user: sum(queue.held.get(user, 0) for queue in found.shown) for user in found.people}
    rows = [
        _person(user, name, tallies.get(user, Tally()), found.elsewhere.get(user, 0), held[user])
        for user, name in found.people.items()
        if found.asked.person in (None, user) and (user in tallies or found.elsewhere.get(user) or held[user])
    ]
    return sorted(rows, key=lambda row: (-row.ratings - row.elsewhere, row.name))


def _person(user: int, name: str, tally: Tally, elsewhere: int, held: int) -> PersonRow:
    mean = tally.mean
    return PersonRow(
        user, name, tally.items, tally.ratings, elsewhere, held, seconds(tally.median), seconds(tally.slow),
        seconds(mean.value if mean else None), between(mean), toolwords.line(tally.gold),
    )  # fmt: skip


def charts(found: Figures) -> list[DayChart]:
    rated = [(day.day, float(day.ratings + day.elsewhere)) for day in found.days]
    spent = [(day.day, day.seconds / day.ratings if day.ratings else None) for day in found.days]
    made = (
        deskcharts.by_day("Ratings a day", rated, "ratings"),
        deskcharts.by_day("Seconds a rating", spent, "s", RULES, digits=1),
    )
    return [chart for chart in made if chart]


def mixes(found: Figures) -> list[Mix]:
    named = [(found.names.get(key, key) or "No category", n) for key, n in found.categories]
    ends = [(ENDS.get(LabelFinish(name), name), n) for name, n in found.finishes.items() if name in set(LabelFinish)]
    skipped = [(why or "No reason given", n) for why, n in found.skips]
    return [
        Mix("What is wrong with wrong steps", "categories", _parts(named), "No step was rated incorrect yet."),
        Mix("How items end", "finishes", _parts(ends), "No item was submitted yet."),
        Mix("Why items are skipped", "skips", _parts(skipped), "Nobody skipped an item."),
    ]


def _parts(counted: list[tuple[str, int]]) -> list[toolwords.Row]:
    total = sum(n for _, n in counted)
    return [
        toolwords.Row(name, "", line.value, line.interval, f"{n:,}", toolcharts.bar(name, Share(n, total)))
        for name, n in counted
        for line in (toolwords.line(Share(n, total)),)
    ]
