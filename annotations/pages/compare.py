"""Two runs side by side: which ones, and what differs, as rows that the page shows."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import path
from django.views.decorators.http import require_safe

from annotations.access import Access
from annotations.errors import BadInput
from annotations.pages import charts
from annotations.pages.http import in_project, page_or_part
from annotations.pages.run_view import VERDICTS
from annotations.pages.run_words import duration
from annotations.selectors import runs
from annotations.selectors.compare import Comparison, Side, comparison
from inference.intervals import Estimate
from inference.types import RunKind

OFFERED = 200


@dataclass(frozen=True, slots=True)
class Row:
    """A measure of both runs, and how much more the second one has; `sure` where the interval leaves out zero."""

    name: str
    a: str
    b: str
    a_range: str = ""
    b_range: str = ""
    difference: str = ""
    interval: str = ""
    sure: bool = False
    help: str = ""


@require_safe
@in_project
def run_compare(request: HttpRequest, access: Access) -> HttpResponse:
    """Compare the runs that the address names by `a` and `b`, or by ticks in the list of runs (`run`)."""
    first, second, refused = _named(request.GET)
    context: dict[str, Any] = {"project": access.project, "refused": refused}
    if first and second:
        try:
            context |= shown(comparison(access, first, second))
        except BadInput as error:
            context["refused"] = str(error)
    offered = list(runs.run_list(access).filter(kind=RunKind.GENERATE)[:OFFERED])
    other = second or next((run.pk for run in offered if run.pk != first), 0)
    context["choices"] = [(run, run.pk == first, run.pk == other) for run in offered]
    return page_or_part(request, "runs/compare.html", "compared", context)


def _named(given: QueryDict) -> tuple[int, int, str]:
    """Return the two runs (0: none) and why they cannot be compared."""
    ticked = given.getlist("run")
    words = ticked if ticked else [word for word in (given.get("a", ""), given.get("b", "")) if word]
    if not all(word.isascii() and word.isdigit() and len(word) < 19 for word in words):
        return 0, 0, "Runs are named by their numbers."
    first, second, *_ = [*map(int, words), 0, 0]
    if ticked and len(ticked) != 2:
        return first, second if len(ticked) == 2 else 0, f"Tick two runs to compare; {len(ticked)} were ticked."
    return first, second, ""


def shown(found: Comparison) -> dict[str, Any]:
    """Return what templates/runs/compare.html shows of a comparison."""
    return {
        "found": found,
        "sentence": sentence(found) if found.compared else "",
        "left_out": found.shared - found.compared,
        "rows": rows(found) if found.compared else [],
        "solved_chart": charts.compared(
            [charts.Measured(name, side.share.value, side.share.low, side.share.high) for name, side in _sides(found)],
            0.0, 1.0, of="Solved share",
        ),
        "mixes": [_mix(name, side) for name, side in _sides(found)],
        "alone": [
            ("A", found.alone_a, found.only_a, found.only_a - len(found.alone_a)),
            ("B", found.alone_b, found.only_b, found.only_b - len(found.alone_b)),
        ],
    }  # fmt: skip


def _mix(name: str, side: Side) -> tuple[str, charts.Chart | None, list[tuple[str, str, int]]]:
    """Return the verdicts of a run as a bar and as counts by kind, with the mark of each."""
    counts = [(kind, mark, side.verdicts[kind]) for kind, mark in VERDICTS]
    drawn = charts.shares([(mark, kind, number) for kind, mark, number in counts], of=f"Tool verdicts of {name}")
    return name, drawn, counts


def _sides(found: Comparison) -> tuple[tuple[str, Side], tuple[str, Side]]:
    return ("A", found.a), ("B", found.b)


def sentence(found: Comparison) -> str:
    """Say which run solved more, and whether that can be told from chance."""
    solved, compared = found.solved, f"{found.compared:,} problem{'s' * (found.compared != 1)}"
    said = f"Of {compared}, A solved {found.a.solved:,} and B {found.b.solved:,}"
    if not (solved.low > 0 or solved.high < 0):
        return f"{said}: no difference that can be told from chance"
    more = "more" if solved.value > 0 else "fewer"
    return f"{said}: B solved {100 * abs(solved.value):.1f} points {more}"


def rows(found: Comparison) -> list[Row]:
    a, b = found.a, found.b
    return [
        Row(
            "Solved", _percent(a.share.value), _percent(b.share.value), _span(a.share, 100, " %"),
            _span(b.share, 100, " %"), *_difference(found.solved, 100, " points"),
            help=f"McNemar’s exact p = {_p(found.solved_p)}",
        ),
        Row("Steps a tree", _number(a.nodes), _number(b.nodes), "", "", *_difference(found.nodes)),
        Row("Refuted steps", _refuted(a), _refuted(b), "", "", *_difference(found.refuted, 100, " points"),
            help="Of the checked ones; the difference is the mean over problems"),
        Row("Tokens", _number(a.tokens), _number(b.tokens), "", "", *_difference(found.tokens),
            help="The difference is the mean a problem"),
        Row("Tokens a solved problem", _number(a.tokens_per_solved), _number(b.tokens_per_solved)),
        Row("Step labels kept", _number(a.kept), _number(b.kept)),
        Row("Tokens a step label", _number(a.tokens_per_label), _number(b.tokens_per_label)),
        Row("Time of workers", duration(a.worker_seconds), duration(b.worker_seconds),
            help=f"For all {a.trees:,} and {b.trees:,} trees of the runs"),
        Row("From start to end", duration(a.elapsed_seconds), duration(b.elapsed_seconds), help="Pauses left out"),
    ]  # fmt: skip


def _difference(found: Estimate | None, scale: float = 1, unit: str = "") -> tuple[str, str, bool]:
    """Return a difference, its interval, and whether the interval leaves out zero."""
    if found is None:
        return "", "", False
    value = f"{_signed(scale * found.value)}{unit}"
    if math.isnan(found.low):
        return value, "too few problems for an interval", False
    return value, _span(found, scale, signed=True), found.low > 0 or found.high < 0


def _span(found: Estimate, scale: float = 1, unit: str = "", *, signed: bool = False) -> str:
    say = _signed if signed else _plain
    return f"{say(scale * found.low)} to {say(scale * found.high)}{unit}"


def _signed(value: float) -> str:
    return f"{'+' if value > 0 else ''}{_plain(value)}"


def _plain(value: float) -> str:
    text = f"{value:,.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 0.95 else f"{value:.2f}"
    return ("0" if float(text.replace(",", "")) == 0 else text).replace("-", "−")


def _number(value: float | None) -> str:
    if value is None:
        return "not told"
    return f"{value:,.0f}" if value >= 100 or float(value).is_integer() else f"{value:.1f}"


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _refuted(side: Side) -> str:
    checked = sum(side.verdicts.values())
    return _percent(side.verdicts["refuted"] / checked) if checked else "none checked"


def _p(value: float) -> str:
    return "1" if value > 0.995 else f"{value:.2f}" if value >= 0.01 else f"{value:.1g}"


urlpatterns = [path("p/<slug:slug>/runs/compare/", run_compare, name="run-compare")]
