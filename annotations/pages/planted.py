"""What a planting made, as its run's page shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from inference.planted import KINDS


@dataclass(frozen=True, slots=True)
class KindRow:
    """One kind of error: how many were planted, and whether a tool can see them in the equation itself."""

    title: str
    count: int
    seen: str


def context(report: Mapping[str, Any]) -> dict[str, Any]:
    """Return what templates/runs/planted.html shows."""
    rows = [
        KindRow(KINDS[name].title, count, "broken" if KINDS[name].breaks else "computed correctly")
        for name, count in report.get("planted_by_kind", {}).items()
        if name in KINDS
    ]
    return {
        "total": report.get("planted", 0),
        "rows": rows,
        "train": report.get("problems_train", 0),
        "test": report.get("problems_test", 0),
        "unfit": report.get("solutions_unfit", 0),
        "because": list(report.get("unfit_because", {}).items()),
    }
