"""The outline: the tree as nested disclosures and plain links.

Written in Python: a thousand rows are too many for template tags.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from django.utils.safestring import SafeString, mark_safe

from annotations.pages.chosen import Found
from annotations.pages.formulae import plain
from annotations.pages.treestate import MEANING, TreeState, figure
from annotations.selectors.trees import Spot, TreeMap

# Up to this many steps everything is open at first; a larger tree opens two levels and the path.
ALL_OPEN = 300
OPEN_DEPTH = 2


def outline(whole: TreeMap, state: TreeState, kept: set[int] | None, found: Found) -> SafeString:
    """Return nested lists of links; a step that the filter drops stays only if it leads to one that it keeps.

    What the search found is marked: the path to the answer that it chose, and first errors.
    """
    on_path = {spot.seq for spot in whole.path(state.seq)}
    shown = _shown(whole, kept)
    prefix, _, suffix = escape(state.at(1 << 30)).partition(str(1 << 30))
    parts: list[str] = ['<ul class="outline-list">']
    waiting: list[int | str] = [*reversed(whole.roots)]
    while waiting:
        item = waiting.pop()
        if isinstance(item, str):
            parts.append(item)
            continue
        spot = whole.spots[item]
        if item not in shown:
            continue
        link = _link(spot, f"{prefix}{item}{suffix}", state, kept is None or item in kept, found)
        below = [seq for seq in spot.children if seq in shown]
        if not below:
            parts.append(f"<li>{link}</li>")
            continue
        is_open = item in on_path or kept is not None or len(whole.spots) <= ALL_OPEN or spot.depth < OPEN_DEPTH
        # The link stands beside the disclosure, not in it: a button must hold no link.
        parts.append(f'<li>{link}<details{" open" * is_open}><summary aria-label="below {spot.number}"></summary><ul>')
        waiting.append("</ul></details></li>")
        waiting.extend(reversed(below))
    parts.append("</ul>")
    return mark_safe("".join(parts))  # noqa: S308 texts are escaped


def _shown(whole: TreeMap, kept: Iterable[int] | None) -> set[int]:
    if kept is None:
        return set(whole.spots)
    shown: set[int] = set()
    for seq in kept:
        while seq in whole.spots and seq not in shown:
            shown.add(seq)
            seq = whole.spots[seq].parent
    return shown


def _link(spot: Spot, url: str, state: TreeState, kept: bool, found: Found) -> str:
    here = ' aria-current="true"' if spot.seq == state.seq else ""
    end = {1: " leaf-right", -1: " leaf-wrong"}.get(spot.outcome or 0, "")
    to_choice = " chosen" * (spot.seq in found.path)
    return (
        f'<a href="{url}" data-seq="{spot.seq}" class="o{"" if kept else " pale"}{end}{to_choice}"{here}>'
        f'<b>{spot.number}</b><span class="t">{_found(spot, found)}{escape(plain(spot.head))}</span>'
        f"<i>{figure(state.measure, spot)}</i>{marks(spot)}</a>"
    )


def _found(spot: Spot, found: Found) -> str:
    """Return what the search found of a step, in words before its text."""
    if spot.seq in found.errors:
        return "<em>first error</em> "
    if found.choice and spot.seq == found.choice.spot.seq:
        return "<em>chosen</em> "
    return '<span class="sr">leads to the chosen answer: </span>' if spot.seq in found.path else ""


def marks(spot: Spot) -> str:
    """Return the marks of a row: the tool's refutation (square) and what people say (its shape)."""
    refuted = '<s class="tool" title="refuted by a tool"></s>' if spot.verdict == "refuted" else "<s></s>"
    if not spot.rating:
        return f'{refuted}<s class="said"></s>'
    words = "voters differ" if spot.split else spot.rating
    return f'{refuted}<s class="said shape {MEANING[spot.rating]}" role="img" aria-label="{words}" title="{words}"></s>'
