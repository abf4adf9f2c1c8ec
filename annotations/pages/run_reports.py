"""What a run found, by kind, as rows that its page shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from annotations.access import Access
from annotations.models import DatasetSnapshot, Run
from annotations.pages import charts, checked, curves, deduced, planted
from annotations.pages.charts import Chart
from annotations.selectors.artefacts import DEDUCER_KIND
from inference.types import RunKind

COUNTS = (
    ("Problems", "problems_new", "problems_known"),
    ("Trees", "trees_new", "trees_known"),
    ("Steps", "nodes_new", "nodes_known"),
    ("Labels", "labels_new", "labels_known"),
    ("Scores", "scores_new", "scores_known"),
    ("Rationales", "rationales_new", "rationales_known"),
)
REFUSED_SHOWN = 200
FACTS = {
    "n_labels": "Labelled steps",
    "n_left_out": "Left out by the limit",
    "n_cut": "Too long for the model",
    "n_train_steps": "Steps trained on",
    "n_test_steps": "Steps held out",
    "n_problems": "Problems",
    "trees": "Trees",
    "steps": "Steps",
    "steps_cached": "Steps read before",
    "steps_cut": "Too long for the model",
    "tokens": "Tokens read",
    "tokens_per_s": "Tokens a second",
    "seconds": "Seconds of reading",
    "n_compared_steps": "Steps compared",
    "n_train_pairs": "Pairs trained on",
    "n_test_pairs": "Pairs held out",
    "solutions_unfit": "Solutions that could not be followed",
}
GAIN_FIELDS = {
    *("sentence", "auroc_new", "auroc_new_low", "auroc_new_high", "auroc_old", "difference", "low", "high"),
    *("model_id", "old_model_id", "accuracy", "accuracy_low", "accuracy_high", "pairs_right"),
}
# The part of [0, 1] that an AUROC of a useful model lies in.
AXIS_LOW, AXIS_HIGH = 0.4, 1.0


@dataclass(frozen=True, slots=True)
class Gain:
    """What a training reports of its head: a sentence, figures as text, and the chart of new against old."""

    sentence: str
    new: str
    old: str
    difference: str
    interval: str
    detectable: bool
    mark: str
    chart: Chart | None


def context(access: Access, run: Run) -> dict[str, Any]:
    """Return {"report": …} for a run that has reported, else nothing."""
    report = {name: value for name, value in run.report.items() if name != "progress"}
    if run.kind == RunKind.REPLAY:
        # The points come one by one: while the run goes on, they stand in its progress.
        return {"replayed": _replayed(report or run.report.get("progress", {})), "facts": _facts(report)}
    if run.kind == RunKind.EXPORT:
        return {"snapshots": DatasetSnapshot.objects.filter(project=access.project, run=run).order_by("id")}
    if not report:
        return {}
    if run.kind == RunKind.CHECK:
        return {"checked": checked.context(access.project.slug, run.pk, run.report)} if "given" in report else {}
    if run.kind in (RunKind.IMPORT, RunKind.PROBLEMS):
        return {"imported": _imported(report)}
    if run.kind == RunKind.PLANT:
        return {"imported": _imported(report), "planted": planted.context(report)}
    if run.plugin == DEDUCER_KIND:
        return {"deduced": deduced.ranking(report), "facts": _facts(report)}
    if run.kind == RunKind.TRAIN:
        return {"trained": gain(report), "facts": _facts(report)}
    return {"facts": _facts(report)}


def _replayed(report: Mapping[str, Any]) -> dict[str, Any] | None:
    points, others = list(report.get("points", [])), list(report.get("baselines", []))
    sentence = str(report.get("sentence") or "")
    if not points and not sentence:
        return None
    gain, over = report.get("gain") or {}, report.get("over_baseline") or {}
    rose = gain.get("detectable") and gain.get("value", 0) > 0
    return {
        "sentence": f"{sentence[:1].upper()}{sentence[1:]}",
        "mark": "none" if not gain.get("detectable") else "correct" if rose else "incorrect",
        "over": over.get("sentence", ""),
        "baseline": curves.NAMES.get(over.get("name", ""), "").lower(),
        "curve": curves.curve(points, others),
        "rows": curves.rows(points, others),
    }


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


def gain(report: Mapping[str, Any]) -> Gain | None:
    """Return the figures of a head, None where nothing was reported."""
    sentence = str(report.get("sentence") or "")
    if not sentence:
        return None
    new, old, change = (report.get(name) for name in ("auroc_new", "auroc_old", "difference"))
    detectable = bool(report.get("detectable"))
    return Gain(
        sentence=f"{sentence[:1].upper()}{sentence[1:]}",
        new=_figure(new),
        old=_figure(old),
        difference="" if change is None else f"{change:+.3f}",
        interval=_interval(report, "auroc_new_low", "auroc_new_high"),
        detectable=detectable,
        mark="none" if not detectable else "correct" if change and change > 0 else "incorrect",
        chart=None if new is None else charts.compared(_rows(report, new, old), AXIS_LOW, AXIS_HIGH),
    )


def _rows(report: Mapping[str, Any], new: float, old: float | None) -> list[charts.Measured]:
    rows = [charts.Measured("this head", new, report.get("auroc_new_low"), report.get("auroc_new_high"))]
    return rows if old is None else [*rows, charts.Measured("the head before", old, None, None)]


def _figure(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


def _interval(report: Mapping[str, Any], low: str, high: str) -> str:
    if report.get(low) is None or report.get(high) is None:
        return ""
    return f"{report[low]:.3f} to {report[high]:.3f}"


def _facts(report: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the plain figures of a report, those with a name of ours first."""
    shown = {
        name: value
        for name, value in report.items()
        if isinstance(value, str | int | float) and not isinstance(value, bool) and name not in GAIN_FIELDS
    }
    order = [*(name for name in FACTS if name in shown), *(name for name in shown if name not in FACTS)]
    return [(FACTS.get(name, name.replace("_", " ").capitalize()), _plain(shown[name])) for name in order]


def _plain(value: str | int | float) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:,.0f}" if abs(value) >= 10 else f"{value:.2g}"
