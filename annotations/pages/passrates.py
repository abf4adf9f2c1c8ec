"""Measuring pass rates: the form, and what a run's page shows of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse

from annotations import passrates, rules
from annotations.access import Access
from annotations.errors import BadInput
from annotations.forms import measure
from annotations.forms.measure import Measure
from annotations.pages import charts
from annotations.pages.charts import Chart
from annotations.pages.http import in_project, page_or_part
from annotations.pages.posting import again, leave
from annotations.params import read
from annotations.rules import Act
from annotations.selectors import projects, runs, selection
from annotations.selectors.passrates import BAND, Spread, spread
from annotations.selectors.runs import RunPage
from inference.search.params import SampleParams

BESIDE = ("engine", "scope", "limit")


@in_project
def measure_new(request: HttpRequest, access: Access) -> HttpResponse:
    """The form, and asking for the run."""
    rules.check(access, Act.RUN)
    if request.method != "POST":
        unrated = selection.judged_counts(access)[1]
        form = Measure(scope="unrated" if unrated else "all")
        return page_or_part(request, "runs/measure.html", "form", _context(access, form))
    form = measure.read(request.POST)
    if not form.refused:
        try:
            run = passrates.request_pass_rates(
                access=access,
                engine_id=int(form.engine[:18]),
                params=dict(form.settings.values),
                problem_ids=measure.problem_ids(access, form),
                name=form.name,
            )
            return leave(request, reverse("run", args=[access.project.slug, run.pk]))
        except BadInput as error:
            form = replace(form, errors={error.field: str(error)})
    return again(request, "runs/measure.html", "form", _context(access, form))


def _context(access: Access, form: Measure) -> dict[str, Any]:
    engines = list(projects.engines_for(access))
    chosen = form.engine or (str(engines[0].pk) if engines else "")
    judged, unrated = selection.judged_counts(access)
    return {
        "project": access.project,
        "form": form,
        "engines": [(engine, str(engine.pk) == chosen) for engine in engines],
        "judged": judged,
        "unrated": unrated,
        "misfit": next((text for name, text in form.errors.items() if name not in BESIDE), ""),
    }


def run_context(access: Access, page: RunPage) -> dict[str, Any]:
    """Return what templates/runs/rates.html shows: how the rates of the run's problems spread so far."""
    way = read(SampleParams, page.run.params).way()
    found = spread(access, page.run, runs.shards_of(access, page.run.pk), way)
    return {
        "rates": {
            "total": page.run.input.get("problems", 0),
            "known": found.total,
            "parts": found.parts,
            "inside": found.inside,
            "low": BAND[0],
            "high": BAND[1],
            "chart": _chart(found),
            "speed": f"{page.progress.tokens_per_s:,.0f}",
            "tokens": f"{page.progress.tokens:,}",
        }
    }


def _chart(found: Spread) -> Chart | None:
    """Draw a column a band, never to always."""
    drawn = charts.columns([count for _, count in found.parts], unit="problems", of="band")
    if drawn is None:
        return None
    titles = [f"{name.capitalize()}: {count:,}" for name, count in found.parts]
    boxes = tuple(replace(box, title=title) for box, title in zip(drawn.boxes, titles, strict=True))
    says = f"Problems by pass rate. {'; '.join(titles)}"
    return replace(drawn, boxes=boxes, says=says, width=charts.WIDEST * len(boxes), first="never", last="always")


urlpatterns = [path("p/<slug:slug>/runs/measure/", measure_new, name="measure")]
