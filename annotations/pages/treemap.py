"""The map: the tree drawn as SVG, one shape a step, coloured by the chosen measure."""

from __future__ import annotations

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from annotations.pages.treestate import TreeState, figure, tone
from annotations.selectors.layout import Place, tidy
from annotations.selectors.trees import Spot, TreeMap

LIMIT = 400
STEP_X, STEP_Y, EDGE = 34, 13, 10
SHAPES = {
    "correct": '<path class="g correct" d="m-3.6.2 2.6 2.8 4.8-6"/>',
    "incorrect": '<path class="g incorrect" d="m-3-3 6 6m0-6-6 6"/>',
    "neutral": '<path class="g neutral" d="M-3.5 0h7"/>',
    "none": '<circle class="g none" r="3.2"/>',
}


def drawn(whole: TreeMap, state: TreeState, kept: set[int] | None) -> SafeString:
    """Return the SVG: edges behind, then a link a step; folds carry the number of steps that they hide."""
    path = [spot.seq for spot in whole.path(state.seq)]
    children = {seq: spot.children for seq, spot in whole.spots.items()}
    places = tidy(whole.roots, children, path, LIMIT)
    prefix, _, suffix = escape(state.at(1 << 30)).partition(str(1 << 30))
    edges, dots = [], []
    for seq, place in places.items():
        spot = whole.spots[seq]
        on = " on" if seq in path else ""
        edges.append(f'<path class="e{on}" data-to="{seq}" d="{_edge(place, places.get(spot.parent))}"/>')
        pale = "" if kept is None or seq in kept else " pale"
        dots.append(_dot(spot, place, state, f"{prefix}{seq}{suffix}", pale))
    width = (max((place.x for place in places.values()), default=0) + 1) * STEP_X + EDGE + 40
    height = (max((place.y for place in places.values()), default=0) + 1) * STEP_Y + EDGE
    return mark_safe(  # noqa: S308 texts are escaped
        f'<svg class="map" width="{width}" height="{height:.0f}" viewBox="0 0 {width} {height:.0f}"'
        f' role="group" aria-label="Map of the tree">{"".join(edges)}{"".join(dots)}</svg>'
    )


def _xy(place: Place) -> tuple[float, float]:
    return (place.x + 1) * STEP_X, place.y * STEP_Y + EDGE


def _edge(place: Place, parent: Place | None) -> str:
    x, y = _xy(place)
    from_x, from_y = _xy(parent) if parent else (EDGE, y)
    if parent is None:
        return f"M{from_x:.0f} {y:.1f}H{x:.0f}"
    middle = (from_x + x) / 2
    return f"M{from_x:.0f} {from_y:.1f}C{middle:.0f} {from_y:.1f} {middle:.0f} {y:.1f} {x:.0f} {y:.1f}"


def _dot(spot: Spot, place: Place, state: TreeState, url: str, pale: str) -> str:
    x, y = _xy(place)
    kind = tone(state.measure, spot)
    shape = SHAPES.get(kind) or f'<circle class="g {kind}" r="4"/>'
    here = ' aria-current="true"' if spot.seq == state.seq else ""
    number = figure(state.measure, spot)
    hidden = f'<text x="8" y="3.5">+{spot.below}</text>' if place.folded else ""
    # Out of the tab order: the outline beside it holds the same links.
    return (
        f'<a href="{url}" data-seq="{spot.seq}" data-parent="{spot.parent}" class="dot{pale}" tabindex="-1"'
        f' aria-label="Step {spot.seq}" transform="translate({x:.0f} {y:.1f})"{here}>'
        f'<circle class="ring" r="6.5"/>{shape}{hidden}'
        f"<title>{spot.seq}. {escape(spot.head)}{f' ({number})' if number else ''}</title></a>"
    )
