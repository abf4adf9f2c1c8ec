"""Bars of shares and the reliability diagram of a judge, as coordinates of SVG elements. Knows nothing about tools."""

from __future__ import annotations

from dataclasses import dataclass

from annotations.pages.charts import Box, Chart
from annotations.trust import Bin, Calibration, Share, percent

WIDTH = 280.0
# The reliability diagram's square and the strip of counts below it.
SIDE, LEFT, TOP, COUNTS = 200.0, 34.0, 8.0, 34.0


def bar(name: str, share: Share, beside: float | None = None) -> Chart | None:
    """Draw a share from 0 to 1 with its interval, and a thin line at another share to hold it against."""
    if share.value is None:
        return None
    title = f"{name}: {percent(share.value)} % ({percent(share.low)} to {percent(share.high)})"
    left, right = WIDTH * share.low, WIDTH * share.high
    boxes = [Box(0, 7, WIDTH, 2, title, "rail"), Box(_one(left), 6, max(_one(right - left), 1), 4, title, "range")]
    if beside is not None:
        boxes.append(Box(_one(_within(WIDTH * beside, 1.5)), 0, 1.5, 16, f"All: {percent(beside)} %", "old"))
    boxes.append(Box(_one(_within(WIDTH * share.value, 4)), 2, 4, 12, title, "value"))
    says = title if beside is None else f"{title}; all: {percent(beside)} %"
    return Chart(tuple(boxes), says, width=WIDTH, height=16.0)


def _within(middle: float, width: float) -> float:
    return min(max(middle - width / 2, 0.0), WIDTH - width)


def _one(number: float) -> float:
    return round(number, 1)


@dataclass(frozen=True, slots=True)
class Dot:
    """A bin: where its mean p and its share of right steps meet, the ends of the interval, and its column of counts."""

    x: float
    y: float
    low: float
    high: float
    column: Box
    title: str


@dataclass(frozen=True, slots=True)
class Tick:
    """A word beside an axis: where it stands on the one that goes up, and on the one that goes right."""

    up: float
    right: float
    word: str


@dataclass(frozen=True, slots=True)
class Reliability:
    """Share of right steps by p; on the diagonal the two are equal. The strip below counts the steps."""

    dots: tuple[Dot, ...]
    ticks: tuple[Tick, ...]
    says: str
    left: float = LEFT
    right: float = LEFT + SIDE
    top: float = TOP
    floor: float = TOP + SIDE
    base: float = TOP + SIDE + COUNTS + 18
    width: float = LEFT + SIDE + 12
    height: float = TOP + SIDE + COUNTS + 34


def reliability(found: Calibration) -> Reliability:
    most = max(each.n for each in found.bins)
    dots = tuple(_dot(each, most) for each in found.bins)
    ticks = tuple(Tick(_up(part / 4), _one(LEFT + SIDE * part / 4), f"{part / 4:g}") for part in range(5))
    return Reliability(dots, ticks, "Share of right steps by p: " + "; ".join(dot.title for dot in dots))


def _dot(found: Bin, most: int) -> Dot:
    share = found.share
    mean, right = f"mean p {found.mean:.2f}", f"{percent(share.value)} % right"
    between = f"{percent(share.low)} to {percent(share.high)}"
    title = f"p {found.low:g} to {found.high:g}: {mean}, {right} ({between}), {found.n:,} steps"
    height = max(_one(COUNTS * found.n / most), 1.0)
    floor = TOP + SIDE + COUNTS + 18
    column = Box(_one(LEFT + SIDE * found.low + 1), _one(floor - height), SIDE / 10 - 2, height, title)
    return Dot(
        _one(LEFT + SIDE * found.mean), _up(found.right / found.n), _up(share.low), _up(share.high), column, title
    )


def _up(share: float) -> float:
    return _one(TOP + SIDE * (1 - share))
