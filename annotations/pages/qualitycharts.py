"""Measures with their intervals, and how something went over time, as coordinates of SVG elements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from annotations.pages.charts import Box, Chart

WIDTH = 280.0
LEFT, RIGHT, TOP, FLOOR = 34.0, 348.0, 8.0, 118.0


@dataclass(frozen=True, slots=True)
class Dot:
    """A value at its place; `low` and `high` are the ends of its interval, where there is one."""

    x: float
    y: float
    low: float | None
    high: float | None
    title: str


@dataclass(frozen=True, slots=True)
class Went:
    """A value over stretches of time: `lines` join neighbours that both have one."""

    name: str
    dots: tuple[Dot, ...]
    lines: tuple[str, ...]
    ticks: tuple[tuple[float, str], ...]
    first: str
    last: str
    says: str
    left: float = LEFT
    right: float = RIGHT
    width: float = RIGHT + 12
    height: float = FLOOR + 24
    base: float = FLOOR + 18


@dataclass(frozen=True, slots=True)
class Point:
    """What is drawn at one stretch; None: nothing is known of it."""

    name: str
    value: float | None
    low: float | None = None
    high: float | None = None
    told: str = ""


def measure(name: str, value: float | None, low: float | None, high: float | None) -> Chart | None:
    """Draw a measure on the scale from 0 to 1 (below 0 is drawn at 0) with its interval; None without a value."""
    if value is None:
        return None
    title = f"{name}: {value:.2f}" + (f" ({low:.2f} to {high:.2f})" if low is not None and high is not None else "")
    boxes = [Box(0, 7, WIDTH, 2, title, "rail")]
    if low is not None and high is not None:
        left, right = _across(low), _across(high)
        boxes.append(Box(round(left, 1), 6, max(round(right - left, 1), 1), 4, title, "range"))
    boxes.append(Box(round(min(max(_across(value) - 2, 0), WIDTH - 4), 1), 2, 4, 12, title, "value"))
    return Chart(tuple(boxes), title, width=WIDTH, height=16.0)


def went(name: str, points: Sequence[Point], *, top: float, unit: str) -> Went | None:
    """Draw values from 0 to `top` over stretches; None where fewer than two have one."""
    if sum(point.value is not None for point in points) < 2:
        return None
    step = (RIGHT - LEFT) / max(len(points) - 1, 1)
    dots: list[Dot] = []
    lines: list[list[str]] = [[]]
    for at, point in enumerate(points):
        if point.value is None:
            lines.append([])
            continue
        x, y = round(LEFT + at * step, 1), _up(point.value, top)
        low, high = (None if end is None else _up(end, top) for end in (point.low, point.high))
        dots.append(Dot(x, y, low, high, f"{point.name}: {point.told}"))
        lines[-1].append(f"{x:g},{y:g}")
    ticks = tuple((_up(top * part / 4, top), f"{top * part / 4:.3g}{unit}") for part in (0, 1, 2, 3, 4))
    drawn = tuple(" ".join(line) for line in lines if len(line) > 1)
    says = f"{name}. " + "; ".join(dot.title for dot in dots)
    return Went(name, tuple(dots), drawn, ticks, points[0].name, points[-1].name, says)


def round_top(value: float) -> float:
    """Return the least number of 1, 2, 4, 8, 10, 20 … that is no smaller."""
    scale = 1.0
    while True:
        for step in (1, 2, 4, 8):
            if step * scale >= value:
                return step * scale
        scale *= 10


def _across(value: float) -> float:
    return min(max(value, 0.0), 1.0) * WIDTH


def _up(value: float, top: float) -> float:
    return round(FLOOR - min(value, top) / top * (FLOOR - TOP), 1)
