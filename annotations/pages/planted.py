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
    rows = [_row(name, count) for name, count in report.get("planted_by_kind", {}).items()]
    return {
        "total": report.get("planted", 0),
        "rows": rows,
        "train": report.get("problems_train", 0),
        "test": report.get("problems_test", 0),
        "unfit": report.get("solutions_unfit", 0),
        "because": list(report.get("unfit_because", {}).items()),
        "discarded": report.get("discarded", 0),
        "discarded_because": list(report.get("discarded_because", {}).items()),
    }


def _row(name: str, count: int) -> KindRow:
    if name not in KINDS:
        return KindRow("Made by an engine", count, "either")
    return KindRow(KINDS[name].title, count, "broken" if KINDS[name].breaks else "computed correctly")
