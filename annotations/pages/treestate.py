"""What of a tree is open: the selected step, the filter, the measure that colours it. The address says all of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from django.http import QueryDict
from django.urls import reverse

from annotations.access import Access
from annotations.pages.links import address
from annotations.selectors.trees import FILTERS, Spot, TreeMap, neighbours
from inference.types import Rating, VerdictKind

MEANING = {
    VerdictKind.REFUTED.value: "incorrect",
    VerdictKind.SUPPORTED.value: "correct",
    VerdictKind.UNDECIDED.value: "none",
    **{rating.value: rating.value for rating in Rating},
}
MEASURES: dict[str, str] = {
    "value": "Value",
    "prm": "PRM",
    "verdict": "Verdict",
    "label": "Label",
    "visits": "Visits",
}


@dataclass(frozen=True, slots=True)
class TreeState:
    """The state as the address says it; `seq` 0 means nothing chosen."""

    slug: str
    tree_id: int
    seq: int = 0
    filter: str = ""
    measure: str = "value"

    @classmethod
    def read(cls, access: Access, tree_id: int, given: QueryDict) -> TreeState:
        """Read a query string; an unknown value counts as not given, so that an old link still opens."""
        seq, chosen, measure = (given.get(name, "") for name in ("node", "filter", "measure"))
        return cls(
            slug=access.project.slug,
            tree_id=tree_id,
            seq=int(seq) if seq.isdigit() and len(seq) < 9 else 0,
            filter=chosen if chosen in FILTERS else "",
            measure=measure if measure in MEASURES else "value",
        )

    @property
    def fields(self) -> dict[str, str | int]:
        measure = "" if self.measure == "value" else self.measure
        return {"node": self.seq or "", "filter": self.filter, "measure": measure}

    @property
    def url(self) -> str:
        return address(reverse("tree", args=[self.slug, self.tree_id]), self.fields)

    def at(self, seq: int) -> str:
        """Return the address of another step in the same view, "" for none."""
        return replace(self, seq=seq).url if seq else ""

    def with_(self, **fields: Any) -> str:
        return replace(self, **fields).url


def landed(state: TreeState, whole: TreeMap, kept: set[int] | None) -> TreeState:
    """Return the state with a step that exists: the chosen one, else the first that the filter keeps."""
    if state.seq in whole.spots:
        return state
    first = next((seq for seq in whole.spots if kept is None or seq in kept), next(iter(whole.spots), 0))
    return replace(state, seq=first)


def walk(state: TreeState, whole: TreeMap, kept: set[int] | None) -> dict[str, str]:
    """Return the addresses that the keys lead to; under a filter j and k pass over the steps it hides."""
    spot = whole.spots[state.seq]
    order = [seq for seq in whole.spots if kept is None or seq in kept or seq == state.seq]
    before, after = neighbours(order, state.seq)
    parent = spot.parent if spot.parent in whole.spots else 0
    child = spot.children[0] if spot.children else 0
    return {"h": state.at(parent), "j": state.at(after), "k": state.at(before), "l": state.at(child)}


def _value(spot: Spot) -> float | None:
    return None if spot.value is None else (spot.value + 1) / 2


def _visits(spot: Spot) -> float | None:
    return min(spot.visits.bit_length() / 6, 1.0)


RAMPS: dict[str, Callable[[Spot], float | None]] = {"value": _value, "prm": lambda spot: spot.prm, "visits": _visits}


def tone(measure: str, spot: Spot) -> str:
    """Return how a step is drawn: a meaning (correct, neutral, incorrect, none) or a place on the ramp (r0 to r4)."""
    if measure in RAMPS:
        share = RAMPS[measure](spot)
        return "none" if share is None else f"r{min(int(share * 5), 4)}"
    return MEANING.get(spot.verdict if measure == "verdict" else spot.rating, "none")


def figure(measure: str, spot: Spot) -> str:
    """Return the measure's number for the outline, "" where there is none or it is no number."""
    if measure == "visits":
        return str(spot.visits)
    number = spot.prm if measure == "prm" else spot.value if measure == "value" else None
    return "" if number is None else f"{number:.2f}".replace("0.", ".", 1).replace("-", "−")
