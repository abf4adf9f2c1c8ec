"""What a run that checked stored steps found, as its page shows it: matrices of before and after, kept and dropped."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from annotations.pages.links import address
from inference.types import Rating, VerdictKind

VERDICT, LABEL = "verdict", "label"
NONE = "none"
VALUES = {
    VERDICT: (VerdictKind.REFUTED.value, VerdictKind.SUPPORTED.value, VerdictKind.UNDECIDED.value, NONE),
    LABEL: (Rating.INCORRECT.value, Rating.CORRECT.value, NONE),
}
NAMES = {VERDICT: "Verdicts", LABEL: "Labels"}
WORDS = {VERDICT: "not checked", LABEL: "no label"}
MARKS = {
    **{VerdictKind.REFUTED.value: "incorrect", VerdictKind.SUPPORTED.value: "correct"},
    **{Rating.CORRECT.value: "correct", Rating.INCORRECT.value: "incorrect"},
}
SHADES = 4


@dataclass(frozen=True, slots=True)
class Value:
    """A verdict or a label with its mark, in words."""

    word: str
    mark: str


@dataclass(frozen=True, slots=True)
class Cell:
    """How many steps went from one value to another; `url` lists them, "" where nothing changed."""

    count: int
    url: str
    title: str
    shade: int
    current: bool


@dataclass(frozen=True, slots=True)
class Matrix:
    """Before (rows) against after (columns). `changed` is how many steps have another value now."""

    kind: str
    name: str
    url: str
    heads: list[Value]
    rows: list[tuple[Value, list[Cell]]]
    changed: int
    total: int


def value(kind: str, said: str) -> Value:
    """Return a stored value, "" or "none" for none, as it is shown."""
    known = said or NONE
    return Value(WORDS[kind] if known == NONE else known, MARKS.get(known, "none"))


def matrices(slug: str, run_id: int, report: Mapping[str, Any], current: tuple[str, str, str] | None) -> list[Matrix]:
    """Return the matrix of verdicts and, where a policy was given, that of labels."""
    page = reverse("run-changes", args=[slug, run_id])
    found = []
    for kind, counts in ((VERDICT, report.get("verdicts") or {}), (LABEL, report.get("labels") or {})):
        if counts:
            found.append(_matrix(page, kind, counts, current))
    return found


def _matrix(page: str, kind: str, counts: Mapping[str, int], current: tuple[str, str, str] | None) -> Matrix:
    values = VALUES[kind]
    changes = {pair: n for pair, n in counts.items() if listed(kind, *pair.split(">"))}
    most = max(changes.values(), default=1)

    def cell(before: str, after: str) -> Cell:
        count = counts.get(f"{before}>{after}", 0)
        url = address(page, {"kind": kind, "before": before, "after": after})
        is_listed = count > 0 and listed(kind, before, after)
        shade = 1 + round((SHADES - 1) * count / most) if is_listed else 0
        title = f"{value(kind, before).word} before, {value(kind, after).word} now"
        return Cell(count, url if is_listed else "", title, shade, (kind, before, after) == current)

    rows = [(value(kind, before), [cell(before, after) for after in values]) for before in values]
    return Matrix(
        kind, NAMES[kind], address(page, {"kind": kind}), [value(kind, each) for each in values], rows,
        sum(changes.values()), sum(counts.values()),
    )  # fmt: skip


def listed(kind: str, before: str, after: str) -> bool:
    """Whether a step that went from one value to the other counts as changed: a first verdict is news if it refutes."""
    if before == after:
        return False
    return kind == LABEL or before != NONE or after == VerdictKind.REFUTED


def context(slug: str, run_id: int, report: Mapping[str, Any]) -> dict[str, Any]:
    """Return what templates/runs/checked.html shows."""
    kept, dropped = (sorted(report.get(name, {}).items(), key=lambda item: -item[1]) for name in ("kept", "dropped"))
    given = report.get("given", {})
    left = report.get("progress", {})
    total = int(report.get("steps", 0))
    return {
        "steps": total,
        "done": left.get("steps_done", total),
        "checks": int(report.get("checks", 0)),
        "given": [(kind, MARKS.get(kind, "none"), given.get(kind, 0)) for kind in VALUES[VERDICT] if kind != NONE],
        "tokens": int(report.get("tokens", 0)),
        "matrices": matrices(slug, run_id, report, None),
        "kept": kept,
        "dropped": dropped,
        "kept_total": sum(n for _, n in kept),
        "dropped_total": sum(n for _, n in dropped),
    }
