"""What a training of a deducibility scorer found, as the page of its run and the list of models show it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from annotations.pages import charts
from annotations.pages.charts import Chart
from inference.planted import KINDS

AXIS_LOW, AXIS_HIGH = 0.0, 1.0
# The share that guesses rank rightly.
GUESSED = 0.5


@dataclass(frozen=True, slots=True)
class Ranking:
    """How many held-out pairs a scorer ranks rightly; `kinds` are (kind of wrong step, right, asked, share)."""

    sentence: str
    share: str
    interval: str
    pairs: str
    chart: Chart | None
    kinds: tuple[tuple[str, int, int, str], ...]


def ranking(report: Mapping[str, Any]) -> Ranking:
    """Return the figures of a report; "" and None for what was not measured."""
    sentence, share = str(report.get("sentence") or ""), report.get("accuracy")
    kinds = tuple((_title(kind), *counts, _percent(counts[0] / counts[1])) for kind, counts in _by_kind(report))
    named = f"{sentence[:1].upper()}{sentence[1:]}"
    if share is None:
        return Ranking(named, "", "", "", None, kinds)
    low, high = report["accuracy_low"], report["accuracy_high"]
    rows = [charts.Measured("this scorer", share, low, high), charts.Measured("guessed", GUESSED, None, None)]
    return Ranking(
        sentence=named,
        share=_percent(share),
        interval=f"{100 * low:.1f} to {_percent(high)}",
        pairs=f"{report.get('pairs_right', 0):,} of {report.get('n_test_pairs', 0):,}",
        chart=charts.compared(rows, AXIS_LOW, AXIS_HIGH, of="Share of pairs ranked rightly"),
        kinds=kinds,
    )


def _by_kind(report: Mapping[str, Any]) -> list[tuple[str, tuple[int, int]]]:
    # The database orders the names of JSON objects by its own rule.
    found = [(kind, (right, asked)) for kind, (right, asked) in report.get("by_kind", {}).items()]
    return sorted(found, key=lambda row: (-row[1][1], row[0]))


def _title(kind: str) -> str:
    return KINDS[kind].title if kind in KINDS else "Step of another problem"


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"
