"""What an import found: how many rows came in, which were refused and why, which were there before."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from annotations.imports.records import BadRow

REFUSALS_LISTED = 1_000
LISTED = 200


@dataclass(frozen=True, slots=True)
class ImportReport:
    """Counts to the row: each row read is new, known, a repetition inside the file (`duplicates`) or refused.

    `refused` lists the first 1,000 as {line, field, expected, found}; `differences` are known problems or rationales
    that say otherwise here; `conflicts` are steps with different ratings; `corrections` are known errors of a corpus
    that were set right.
    """

    name: str
    format: str
    rows_read: int = 0
    rows_refused: int = 0
    duplicates: int = 0
    problems_new: int = 0
    problems_known: int = 0
    trees_new: int = 0
    trees_known: int = 0
    nodes_new: int = 0
    nodes_known: int = 0
    labels_new: int = 0
    labels_known: int = 0
    labels_unrated: int = 0
    rationales_new: int = 0
    rationales_known: int = 0
    checks_new: int = 0
    scores_new: int = 0
    scores_known: int = 0
    links_new: int = 0
    conflict_count: int = 0
    difference_count: int = 0
    scheme_version: int | None = None
    refused: tuple[dict[str, Any], ...] = ()
    conflicts: tuple[dict[str, Any], ...] = ()
    differences: tuple[dict[str, Any], ...] = ()
    corrections: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    seconds: float = 0.0
    run: int | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the report as JSON values, for Run.report and the command."""
        found = asdict(self)
        return {name: list(value) if isinstance(value, tuple) else value for name, value in found.items()}


@dataclass(slots=True)
class Findings:
    """The report while it is being made."""

    rows_read: int = 0
    rows_refused: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    refused: list[dict[str, Any]] = field(default_factory=list)
    conflicts: list[dict[str, Any]] = field(default_factory=list)
    differences: list[dict[str, Any]] = field(default_factory=list)
    corrections: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    scheme_version: int | None = None

    def add(self, name: str, count: int) -> None:
        self.counts[name] = self.counts.get(name, 0) + count

    def refuse(self, line: int, error: BadRow) -> None:
        self.rows_refused += 1
        if len(self.refused) < REFUSALS_LISTED:
            self.refused.append({"line": line, "field": error.field, "expected": error.expected, "found": error.found})

    def report(self, **fields: Any) -> ImportReport:
        counts: dict[str, Any] = dict(self.counts)
        return ImportReport(
            rows_read=self.rows_read,
            rows_refused=self.rows_refused,
            refused=tuple(self.refused),
            conflicts=tuple(self.conflicts),
            differences=tuple(self.differences),
            corrections=tuple(self.corrections),
            notes=tuple(self.notes),
            scheme_version=self.scheme_version,
            **counts,
            **fields,
        )
