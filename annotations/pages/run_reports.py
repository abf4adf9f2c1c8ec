"""What a run found, by kind, as rows that its page shows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from annotations.access import Access
from annotations.models import DatasetSnapshot, Run
from inference.types import RunKind

COUNTS = (
    ("Problems", "problems_new", "problems_known"),
    ("Trees", "trees_new", "trees_known"),
    ("Steps", "nodes_new", "nodes_known"),
    ("Labels", "labels_new", "labels_known"),
    ("Rationales", "rationales_new", "rationales_known"),
)
REFUSED_SHOWN = 200


def context(access: Access, run: Run) -> dict[str, Any]:
    """Return {"report": …} for a run that has reported, else nothing."""
    report = {name: value for name, value in run.report.items() if name != "progress"}
    if run.kind == RunKind.EXPORT:
        return {"snapshots": DatasetSnapshot.objects.filter(project=access.project, run=run).order_by("id")}
    if not report:
        return {}
    if run.kind == RunKind.IMPORT:
        return {"imported": _imported(report)}
    if run.kind == RunKind.TRAIN:
        return {"trained": report}
    return {"facts": _facts(report)}


def _imported(report: Mapping[str, Any]) -> dict[str, Any]:
    counts = [(title, report.get(new, 0), report.get(known, 0)) for title, new, known in COUNTS]
    refused = list(report.get("refused", []))
    return {
        "report": report,
        "counts": [row for row in counts if row[1] or row[2]],
        "refused": refused[:REFUSED_SHOWN],
        "refused_total": report.get("rows_refused", len(refused)),
        "hints": [*report.get("corrections", []), *report.get("notes", [])],
    }


def _facts(report: Mapping[str, Any]) -> list[tuple[str, Any]]:
    return [
        (name.replace("_", " ").capitalize(), value)
        for name, value in report.items()
        if isinstance(value, str | int | float)
    ]
