"""Small charts drawn on the server: numbers to coordinates of SVG elements. Knows nothing about what they count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

WIDTH, HEIGHT = 240.0, 56.0
MOST_COLUMNS, WIDEST = 48, 40.0


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle with what it stands for."""

    x: float
    y: float
    width: float
    height: float
    title: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawn chart: its boxes and the sentence for those who do not see it."""

    boxes: tuple[Box, ...]
    says: str
    width: float = WIDTH
    height: float = HEIGHT
    first: str = ""
    last: str = ""


def columns(values: Sequence[float], *, unit: str, of: str) -> Chart | None:
    """Draw one column a value (at most 48: neighbours are averaged), never a fat one; None without values."""
    if not values or max(values) <= 0:
        return None
    size = -(-len(values) // MOST_COLUMNS)
    bins = [values[at : at + size] for at in range(0, len(values), size)]
    heights = [sum(part) / len(part) for part in bins]
    slot, peak = min(WIDTH / len(bins), WIDEST), max(heights)
    boxes = tuple(
        _column(at, height, slot, peak, f"{of} {_span(at, size, len(values))}: {height:,.0f} {unit}")
        for at, height in enumerate(heights)
    )
    says = f"{unit} by {of}: first {heights[0]:,.0f}, last {heights[-1]:,.0f}, most {peak:,.0f}"
    if len(bins) * WIDEST < WIDTH:
        # The columns end before the axis does: one label for all of them.
        return Chart(boxes, says.capitalize(), first=f"{of} {_span(0, len(values), len(values))}")
    return Chart(boxes, says.capitalize(), first=f"{of} 1", last=f"{len(values)}")


def _span(at: int, size: int, total: int) -> str:
    low, high = at * size + 1, min((at + 1) * size, total)
    return str(low) if low == high else f"{low} to {high}"


def _column(at: int, value: float, slot: float, peak: float, title: str) -> Box:
    height = round(max(value / peak * HEIGHT, 1.0), 1)
    return Box(round(at * slot, 1), round(HEIGHT - height, 1), round(slot - 2, 1), height, title.capitalize())


@dataclass(frozen=True, slots=True)
class Measured:
    """A value with its interval (None: not known)."""

    name: str
    value: float
    low: float | None
    high: float | None


def compared(rows: Sequence[Measured], start: float, end: float, of: str = "AUROC") -> Chart:
    """Draw a row each on the scale `start` to `end`: a thin bar for the interval, a short tall one for the value."""
    boxes: list[Box] = []
    for at, row in enumerate(rows):
        y = at * 16.0
        title = f"{row.name}: {row.value:.3f}"
        if row.low is not None and row.high is not None:
            left, right = _place(row.low, start, end), _place(row.high, start, end)
            title += f" ({row.low:.3f} to {row.high:.3f})"
            boxes.append(Box(left, y + 5, max(round(right - left, 1), 1.0), 2, title, "range"))
        boxes.append(
            Box(round(_place(row.value, start, end) - 2, 1), y + 1, 4, 10, title, "value" if not at else "old")
        )
    says = "; ".join(dict.fromkeys(box.title for box in boxes))
    return Chart(tuple(boxes), f"{of} of {says}", height=16.0 * len(rows), first=f"{start:g}", last=f"{end:g}")


def _place(value: float, start: float, end: float) -> float:
    return round(min(max((value - start) / (end - start), 0.0), 1.0) * WIDTH, 1)


def shares(parts: Sequence[tuple[str, str, int]], *, of: str) -> Chart | None:
    """Draw a bar cut by (kind, name, count); None when nothing is counted."""
    total = sum(count for _, _, count in parts)
    if not total:
        return None
    boxes, x = [], 0.0
    for kind, name, count in parts:
        width = count / total * WIDTH
        if count:
            boxes.append(Box(round(x, 1), 0.5, round(max(width - 1, 1), 1), 11, f"{name}: {count:,}", kind))
        x += width
    says = ", ".join(f"{count:,} {name}" for _, name, count in parts)
    return Chart(tuple(boxes), f"{of}: {says}", height=12)


@dataclass(frozen=True, slots=True)
class Course:
    """A value over steps: `line` joins the points, `ticks` are (y, word), the last point is drawn as a dot."""

    line: str
    ticks: tuple[tuple[float, str], ...]
    x: float
    y: float
    title: str
    last: str
    says: str
    width: float = 360.0
    height: float = 150.0
    left: float = 30.0
    right: float = 348.0
    floor: float = 128.0


def course(points: Sequence[Sequence[float]], *, unit: str, of: str, until: int = 0) -> Course | None:
    """Draw (step, value) points, values from 0 on, steps to `until` at least; None without a point."""
    if not points:
        return None
    box = Course("", (), 0, 0, "", "", "")
    top = _round_top(max(value for _, value in points))
    end = max(points[-1][0], until, 1)

    def place(step: float, value: float) -> tuple[float, float]:
        across = step / end * (box.right - box.left)
        return round(box.left + across, 1), round(box.floor - value / top * (box.floor - 8), 1)

    placed = [place(step, value) for step, value in points]
    first, (step, value) = points[0][1], points[-1]
    return replace(
        box,
        line=" ".join(f"{x:g},{y:g}" for x, y in placed),
        ticks=tuple((place(0, top * part / 4)[1], f"{top * part / 4:g}") for part in range(5)),
        x=placed[-1][0],
        y=placed[-1][1],
        title=f"{of} {step:,.0f}: {unit} {value:.3g}".capitalize(),
        last=f"{step:,.0f}",
        says=f"{unit} by {of}: first {first:.3g}, last {value:.3g} at {of} {step:,.0f}".capitalize(),
    )


def _round_top(value: float) -> float:
    """Return the least round number, a fourth of which is round too, that is no smaller."""
    scale = 1e-3
    while True:
        for step in (1, 2, 4, 8):
            if step * scale >= value:
                return step * scale
        scale *= 10
