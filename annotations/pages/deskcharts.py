"""Columns by day and seconds with their interval, as coordinates of SVG elements. Knows nothing about labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from annotations.pages.charts import Box, Chart, Measured

HEIGHT, SLOT = 96.0, 10.0
# More days than these are drawn by the week.
MOST_DAYS, LEAST_SLOTS = 92, 14
WIDTH = 280.0


class Rule(NamedTuple):
    """A value that columns or bars are held against."""

    value: float
    name: str


@dataclass(frozen=True, slots=True)
class DayChart:
    """Columns by day: `ticks` stand beside it from the top down, `first` and `last` below its ends."""

    boxes: tuple[Box, ...]
    title: str
    says: str
    ticks: tuple[str, ...]
    first: str
    last: str
    note: str
    width: float
    height: float = HEIGHT


def by_day(
    title: str, values: Sequence[tuple[date, float | None]], unit: str, rules: Sequence[Rule] = (), digits: int = 0
) -> DayChart | None:
    """Draw a column a day, by the week where there are many; None without a value. Weeks are given as sums or means.

    `digits` 0 sums the days of a week, more take their mean.
    """
    slots, span = (values, "day") if len(values) <= MOST_DAYS else (_weeks(values, bool(digits)), "week")
    known = [value for _, value in slots if value]
    if not known:
        return None
    top = _round(max(*known, *(rule.value for rule in rules), 0.0))
    # Few columns are not made fat: one label then stands for all of them.
    width, few = SLOT * max(len(slots), LEAST_SLOTS), len(slots) < LEAST_SLOTS
    boxes = [
        Box(at * SLOT + 1, _up(value, top), SLOT - 2, round(max(HEIGHT - _up(value, top), 1), 1), told)
        for at, (day, value) in enumerate(slots)
        if value
        for told in (f"{day:%-d %b %Y}: {value:,.{digits}f} {unit}",)
    ]
    boxes += [Box(0, _up(rule.value, top), width, 1, f"{rule.name}: {rule.value:g} {unit}", "old") for rule in rules]
    most = max(slots, key=lambda slot: slot[1] or 0)
    says = (
        f"{title}, {len(slots)} {span}s from {slots[0][0]:%-d %b %Y} to {slots[-1][0]:%-d %b %Y}: "
        f"most {most[1] or 0:,.{digits}f} {unit} on {most[0]:%-d %b}, last {slots[-1][1] or 0:,.{digits}f}"
    )
    ticks = tuple(f"{top * part:,.3g}" for part in (1, 0.5, 0))
    named = f"{title} by week" if span == "week" else title
    first, last = (f"{day:%-d %b %Y}" for day, _ in (slots[0], slots[-1]))
    ends = (first if len(slots) == 1 else f"{first} to {last}", "") if few else (first, last)
    note = ", ".join(f"{rule.name} {rule.value:g} {unit}" for rule in rules)
    return DayChart(tuple(boxes), named, says, ticks, *ends, f"Lines: {note}" if note else "", width)


def _weeks(values: Sequence[tuple[date, float | None]], mean: bool) -> list[tuple[date, float | None]]:
    """Return what each week from Monday on brought: the sum, or the mean of the days that have a value."""
    weeks: dict[date, list[float]] = {}
    for day, value in values:
        monday = weeks.setdefault(day - timedelta(days=day.weekday()), [])
        if value is not None:
            monday.append(value)
    return [(day, (sum(of) / (len(of) if mean else 1)) if of else None) for day, of in weeks.items()]


def _up(value: float, top: float) -> float:
    return round(HEIGHT * (1 - value / top), 1)


def _round(value: float) -> float:
    """Return the least of 2, 3, 4, 5, 6, 8 and 10 times a power of ten, that is no smaller."""
    scale = 1.0
    while scale * 10 < value:
        scale *= 10
    return next((step * scale for step in (2, 3, 4, 5, 6, 8, 10) if step * scale >= value), 10 * scale)


def seconds_bar(row: Measured, end: float, rules: Sequence[Rule]) -> Chart:
    """Draw seconds on the scale from 0 to `end`: a rail, the interval, the value, and a thin line at each rule."""
    title = f"{row.name}: {row.value:.1f} s"
    boxes = [Box(0, 7, WIDTH, 2, title, "rail")]
    if row.low is not None and row.high is not None:
        title += f" ({row.low:.1f} to {row.high:.1f})"
        left = _across(row.low, end)
        boxes.append(Box(left, 6, max(round(_across(row.high, end) - left, 1), 1), 4, title, "range"))
    boxes += [Box(_across(rule.value, end), 0, 1.5, 16, f"{rule.name}: {rule.value:g} s", "old") for rule in rules]
    boxes.append(Box(min(_across(row.value, end), WIDTH - 4), 2, 4, 12, title, "value"))
    held = "".join(f"; {rule.name}: {rule.value:g} s" for rule in rules)
    return Chart(tuple(boxes), f"{title}{held}", width=WIDTH, height=16.0)


def _across(seconds: float, end: float) -> float:
    return round(min(max(seconds / end, 0.0), 1.0) * (WIDTH - 2), 1)
