"""The map: the tree drawn as SVG, one shape a step, coloured by the chosen measure."""

from __future__ import annotations

from html import escape

from django.utils.safestring import SafeString, mark_safe

from annotations.pages.formulae import plain
from annotations.pages.treestate import TreeState, figure, tone
from annotations.selectors.layout import Place, tidy
from annotations.selectors.trees import Spot, TreeMap

LIMIT = 400
STEP_X, EDGE = 34, 12
# A small tree may breathe.
ROOMY, TIGHT, FEW = 22, 13, 40
SHAPES = {
    "correct": '<path class="g correct" d="m-3.6.2 2.6 2.8 4.8-6"/>',
    "incorrect": '<path class="g incorrect" d="m-3-3 6 6m0-6-6 6"/>',
    "neutral": '<path class="g neutral" d="M-3.5 0h7"/>',
    "none": '<circle class="g none" r="3.2"/>',
}


Point = tuple[float, float]


def drawn(whole: TreeMap, state: TreeState, kept: set[int] | None) -> SafeString:
    """Return the SVG: edges behind, then a link a step; folds carry the number of steps that they hide."""
    path = [spot.seq for spot in whole.path(state.seq)]
    places = tidy(whole.roots, {seq: spot.children for seq, spot in whole.spots.items()}, path, LIMIT)
    points = _points(places, whole.roots)
    prefix, _, suffix = escape(state.at(1 << 30)).partition(str(1 << 30))
    edges, dots = [], []
    for seq, place in places.items():
        spot = whole.spots[seq]
        on = " on" if seq in path else ""
        edges.append(
            f'<path class="e{on}" data-to="{seq}" d="{_edge(points[seq], points.get(spot.parent, points[0]))}"/>'
        )
        pale = "" if kept is None or seq in kept else " pale"
        hidden = f'<text x="8" y="3.5">+{spot.below}</text>' if place.folded else ""
        dots.append(_dot(spot, points[seq], state, f"{prefix}{seq}{suffix}", pale, hidden))
    width = max(x for x, _ in points.values()) + EDGE + 40
    height = max(y for _, y in points.values()) + EDGE
    root = f'<circle class="root" cx="{points[0][0]}" cy="{points[0][1]:.1f}" r="2.5"/>'
    return mark_safe(  # noqa: S308 texts are escaped
        f'<svg class="map" width="{width}" height="{height:.0f}" viewBox="0 0 {width} {height:.0f}"'
        f' role="group" aria-label="Map of the tree">{"".join(edges)}{root}{"".join(dots)}</svg>'
    )


def _points(places: dict[int, Place], roots: list[int]) -> dict[int, Point]:
    """Return where every step is drawn, in pixels; 0 is the problem itself."""
    gap = ROOMY if len(places) <= FEW else TIGHT
    points = {seq: ((place.x + 1) * STEP_X, place.y * gap + EDGE) for seq, place in places.items()}
    heights = [points[seq][1] for seq in roots]
    return {0: (EDGE, (heights[0] + heights[-1]) / 2 if heights else EDGE), **points}


def _edge(to: Point, start: Point) -> str:
    middle = (start[0] + to[0]) / 2
    return (
        f"M{start[0]:.0f} {start[1]:.1f}C{middle:.0f} {start[1]:.1f} {middle:.0f} {to[1]:.1f} {to[0]:.0f} {to[1]:.1f}"
    )


def _dot(spot: Spot, point: Point, state: TreeState, url: str, pale: str, hidden: str) -> str:
    kind = tone(state.measure, spot)
    shape = SHAPES.get(kind) or f'<circle class="g {kind}" r="4"/>'
    here = ' aria-current="true"' if spot.seq == state.seq else ""
    number = figure(state.measure, spot)
    # Out of the tab order: the outline beside it holds the same links.
    return (
        f'<a href="{url}" data-seq="{spot.seq}" data-parent="{spot.parent}" class="dot{pale}" tabindex="-1"'
        f' aria-label="Node {spot.seq}" transform="translate({point[0]:.0f} {point[1]:.1f})"{here}>'
        f'<circle class="ring" r="6.5"/>{shape}{hidden}'
        f"<title>{spot.number}  {escape(plain(spot.head))}{f' ({number})' if number else ''}</title></a>"
    )
