"""Full JSONL, the studio's round-trip form: a header, problems, trees."""

from __future__ import annotations

from annotations.imports.formats.base import ImportFormat
from annotations.imports.records import Row
from inference.datasets.full import FIELDS


def fits(row: Row) -> bool:
    return row.get("type") in FIELDS and ("form" in row or "hash" in row or "nodes" in row)


FORMAT = ImportFormat(
    name="full",
    title="Full JSONL (round trip)",
    description="Everything an export of a project holds: trees, verdicts, scores, label events, rationales, links.",
    fits=fits,
)
