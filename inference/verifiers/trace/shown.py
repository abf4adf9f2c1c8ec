"""The evidence of a traced run: the code with what was recorded beside its lines. Small JSON, cut where it is long."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from inference.verifiers.trace.judge import Run
from inference.verifiers.trace.record import Record, Row
from inference.verifiers.trace.source import Source
from inference.verifiers.trace.values import cut

MAX_LINES = 30
TEXT = 76
VALUES = 56
VALUE = 20
TIMES = 6


def evidence(run: Run, source: Source, marked: Sequence[int]) -> dict[str, Any]:
    """Return {"lines": [{"no", "text", "values", "mark"}], "returned", "raised", "more"}, about the marked lines."""
    values = beside(run.record)
    first, last = _window(len(source.lines), marked)
    lines = [
        {"no": at, "text": cut(source.lines[at - 1], TEXT), "values": values.get(at, ""), "mark": at in marked}
        for at in range(first, last + 1)
    ]
    return {
        "lines": lines,
        "returned": cut(run.record.returned or "", VALUES),
        "raised": cut(run.record.raised, VALUES),
        "more": len(source.lines) - len(lines),
    }


def beside(record: Record) -> dict[int, str]:
    """Return for each line what it changed, in the order of the run: "total = 0, 3, 4"."""
    told: dict[int, dict[str, list[str]]] = {}
    before: dict[int, Row] = {}
    for row in record.rows:
        of_line = told.setdefault(row.line, {})
        known = before[row.frame].values if row.frame in before else {}
        for name, text in row.values.items():
            if known.get(name) != text:
                of_line.setdefault(name, []).append(text)
        if row.event == "return":
            of_line.setdefault("\u2192", []).append(row.extra)
        elif row.event in ("true", "false"):
            of_line.setdefault("?", []).append(row.event)
        before[row.frame] = row
    return {line: cut("; ".join(_shown(of_line.items())), VALUES) for line, of_line in told.items()}


def _shown(items: Iterable[tuple[str, list[str]]]) -> list[str]:
    shown = []
    for name, texts in items:
        kept = ", ".join(cut(text, VALUE if len(texts) > 1 else VALUES) for text in texts[:TIMES])
        kept += ", \u2026" if len(texts) > TIMES else ""
        shown.append({"\u2192": f"\u2192 {kept}", "?": kept}.get(name, f"{name} = {kept}"))
    return shown


def _window(count: int, marked: Sequence[int]) -> tuple[int, int]:
    """Return the first and the last line to show: all, or MAX_LINES around the first that is marked."""
    if count <= MAX_LINES:
        return 1, count
    first = max(1, min((marked[0] if marked else 1) - MAX_LINES // 2, count - MAX_LINES + 1))
    return first, first + MAX_LINES - 1
