"""A learning curve as SVG coordinates and table rows. The scale of labels is logarithmic. Knows nothing about runs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

WIDTH, HEIGHT = 360.0, 190.0
LEFT, RIGHT, TOP, BOTTOM = 34.0, 12.0, 8.0, 24.0
TICK = 0.05
NAMES = {"constant": "Constant", "counts": "Length, depth, digits, operators", "head": "PRM head"}


@dataclass(frozen=True, slots=True)
class Dot:
    """A measured point: where it stands, its interval's ends, and what it says."""

    x: float
    y: float
    low: float | None
    high: float | None
    label: str
    title: str


@dataclass(frozen=True, slots=True)
class Rule:
    """A horizontal line with its word: a tick of the axis, or a baseline."""

    y: float
    word: str


@dataclass(frozen=True, slots=True)
class Curve:
    """A drawn curve: `line` joins the dots; `says` is for those who do not see it."""

    dots: tuple[Dot, ...]
    line: str
    ticks: tuple[Rule, ...]
    baselines: tuple[Rule, ...]
    says: str
    width: float = WIDTH
    height: float = HEIGHT
    left: float = LEFT
    right: float = WIDTH - RIGHT
    floor: float = HEIGHT - BOTTOM


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table beside the curve; figures as text."""

    name: str
    labels: str
    auroc: str
    auroc_interval: str
    f1: str
    f1_interval: str


def curve(points: Sequence[Mapping[str, Any]], baselines: Sequence[Mapping[str, Any]]) -> Curve | None:
    """Draw AUROC by released labels; None without a point."""
    if not points:
        return None
    seen = [point[name] for point in (*points, *baselines) for name in ("auroc", "auroc_low", "auroc_high")]
    values = [value for value in seen if value is not None]
    low, high = _bounds(min(values), max(values))
    counts = [max(int(point["labels"]), 1) for point in points]
    dots = tuple(_dot(point, _across(int(point["labels"]), counts), low, high) for point in points)
    steps = round((high - low) / TICK)
    every = 1 if steps <= 6 else 2
    ticks = [low + TICK * at for at in range(0, steps + 1, every)]
    return Curve(
        dots=dots,
        line=" ".join(f"{dot.x:g},{dot.y:g}" for dot in dots),
        ticks=tuple(Rule(_up(tick, low, high), f"{tick:.2f}") for tick in ticks),
        baselines=tuple(
            Rule(_up(each["auroc"], low, high), NAMES.get(each["name"], each["name"])) for each in baselines
        ),
        says="AUROC on held-out problems: " + "; ".join(dot.title for dot in dots),
    )


def rows(points: Sequence[Mapping[str, Any]], baselines: Sequence[Mapping[str, Any]]) -> list[Row]:
    """Return the figures of the points and of the baselines after them."""
    return [
        Row(
            name=NAMES.get(each["name"], each["name"]),
            labels=f"{each['labels']:,}",
            auroc=_figure(each["auroc"]),
            auroc_interval=_interval(each["auroc_low"], each["auroc_high"]),
            f1=_figure(each["f1"]),
            f1_interval=_interval(each["f1_low"], each["f1_high"]),
        )
        for each in (*points, *baselines)
    ]


def _bounds(low: float, high: float) -> tuple[float, float]:
    """Return round bounds around the values, two ticks apart at least."""
    bottom, top = math.floor(low / TICK) * TICK, math.ceil(high / TICK) * TICK
    return round(min(bottom, top - 2 * TICK), 2), round(top, 2)


def _across(count: int, counts: Sequence[int]) -> float:
    first, last = math.log(min(counts)), math.log(max(counts))
    share = (math.log(max(count, 1)) - first) / (last - first) if last > first else 0.5
    return round(LEFT + 20 + share * (WIDTH - RIGHT - LEFT - 40), 1)


def _up(value: float, low: float, high: float) -> float:
    share = (value - low) / (high - low)
    return round(HEIGHT - BOTTOM - share * (HEIGHT - BOTTOM - TOP), 1)


def _dot(point: Mapping[str, Any], x: float, low: float, high: float) -> Dot:
    ends = [None if point[name] is None else _up(point[name], low, high) for name in ("auroc_low", "auroc_high")]
    interval = _interval(point["auroc_low"], point["auroc_high"])
    title = f"{point['labels']:,} labels {point['auroc']:.3f}" + (f" ({interval})" if interval else "")
    return Dot(x, _up(point["auroc"], low, high), ends[0], ends[1], f"{point['labels']:,}", title)


def _figure(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


def _interval(low: float | None, high: float | None) -> str:
    return "" if low is None or high is None else f"{low:.3f} to {high:.3f}"
