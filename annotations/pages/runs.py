"""Runs: what was asked for, how far it is, what it found; growing trees; cancelling."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse

from annotations import jobs, rules
from annotations.access import Access
from annotations.errors import BadInput
from annotations.forms import grow
from annotations.forms.grow import Grow
from annotations.pages import checkchoice, policies, run_reports, run_view, run_words
from annotations.pages import passrates as pass_rate_pages
from annotations.pages.http import in_project, page_or_part
from annotations.pages.posting import again, leave
from annotations.rules import Act
from annotations.selectors import passrates, projects, runs, selection
from inference.search.params import SearchParams
from inference.types import RunKind, RunState

PAGE = 30


@in_project
def run_list(request: HttpRequest, access: Access) -> HttpResponse:
    """All runs, newest first; `kind` in the address filters."""
    kind = request.GET.get("kind", "")
    rows = runs.run_list(access)
    if kind in set(RunKind):
        rows = rows.filter(kind=kind)
    shown = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    context = {
        "project": access.project,
        "rows": shown,
        "runs": [(run, run_words.NAMES[RunKind(run.kind)], run_words.MARKS[RunState(run.state)]) for run in shown],
        "comparable": sum(run.kind == RunKind.GENERATE for run in shown) > 1,
        "kinds": [("", "All"), *((kind.value, name) for kind, name in run_words.NAMES.items())],
        "kind": kind,
        "may_run": rules.can(access, Act.RUN),
    }
    return page_or_part(request, "runs/list.html", "rows", context)


@in_project
def run_new(request: HttpRequest, access: Access) -> HttpResponse:
    """The form that grows trees; `like` in the address fills in an earlier run's settings, `problem` names problems."""
    rules.check(access, Act.RUN)
    if request.method != "POST":
        return page_or_part(request, "runs/new.html", "form", _form_context(access, _blank(request, access)))
    form = _with_original(access, grow.read(request.POST))
    if not form.refused:
        try:
            run = _start(access, form)
            return leave(request, reverse("run", args=[access.project.slug, run]))
        except BadInput as error:
            form = _refuse(form, error)
    return again(request, "runs/new.html", "form", _form_context(access, form))


def _blank(request: HttpRequest, access: Access) -> Grow:
    picked = tuple(key for key, _ in selection.named(access, grow.picked_in(request.GET)))
    if picked:
        return Grow(scope="picked", picked=picked)
    like = request.GET.get("like", "")
    if like.isdigit() and len(like) < 19:
        return grow.like(runs.find_run(access, int(like)))
    first = projects.engines_for(access).first()
    measured = first is not None and first.pk in passrates.engines_with_rates(access)
    return Grow(scope="without" if selection.choices(access).without else "all", band=measured)


def _with_original(access: Access, form: Grow) -> Grow:
    """Return the form with the settings of the run that it asks for again; NotFound for a run of somebody else."""
    if not (form.like.isascii() and form.like.isdigit() and len(form.like) < 19):
        return replace(form, like="")
    return replace(form, original=runs.find_run(access, int(form.like)).params)


def _start(access: Access, form: Grow) -> int:
    everything = form.scope == "all"
    checkchoice.check_policy(access, form.search.values, form.original)
    run = jobs.request_generation(
        access=access,
        engine_id=int(form.engine[:18]),
        params=dict(form.search.values),
        problem_ids=None if everything else grow.problem_ids(access, form),
        name=form.name,
        seed=int(form.seed) if form.seed else None,
        limit=int(form.limit) if form.limit else None,
        band=(float(form.low), float(form.high)) if form.band else None,
        parent_run=int(form.like) if form.like else None,
    )
    return int(run.pk)


def _refuse(form: Grow, error: BadInput) -> Grow:
    if error.field in SearchParams.__dataclass_fields__:
        return replace(form, search=replace(form.search, errors={error.field: str(error)}))
    field = "scope" if error.field == "problems" else error.field
    return replace(form, errors={field: str(error)})


def _form_context(access: Access, form: Grow) -> dict[str, Any]:
    engines = list(projects.engines_for(access))
    offer = checkchoice.offer(access, form.chain, form.original)
    if form.original is None and "trusted" not in form.search.values:
        # In a fresh form; a posted one holds what was typed.
        form = replace(form, search=replace(form.search, values={**form.search.values, "trusted": offer.filled}))
    chosen = form.engine or (str(engines[0].pk) if engines else "")
    choices = selection.choices(access)
    return {
        "project": access.project,
        "form": form,
        "groups": form.groups,
        "offer": offer,
        "engines": [(engine, str(engine.pk) == chosen) for engine in engines],
        "choices": choices,
        "original": _original(access, form),
        "picked": selection.named(access, form.picked) if form.picked else [],
        "rated": bool(passrates.engines_with_rates(access)),
        "levels": [(level, n, str(level) in form.levels) for level, n in choices.levels if level is not None],
        "misfit": next((text for name, text in form.errors.items() if name not in SHOWN_BESIDE), ""),
    }


def _original(access: Access, form: Grow) -> dict[str, Any] | None:
    """Return the run that the form asks for again, with its problems' count and its engine."""
    if not form.like:
        return None
    run = runs.find_run(access, int(form.like))
    engine_was = str(run.engine_id or "")
    return {
        "run": run,
        "count": selection.of_run_count(access, run.pk),
        "engine_was": engine_was,
        "engine_differs": form.engine != engine_was,
    }


SHOWN_BESIDE = ("engine", "scope", "limit", "seed", "name", "band")


@in_project
def run_page(request: HttpRequest, access: Access, run_id: int) -> HttpResponse:
    """One run. The part refreshes itself, and stops asking when the run has ended."""
    page = runs.run_page(access, run_id)
    context = run_view.context(access, page) | run_reports.context(access, page.run)
    if page.run.kind == RunKind.PASSRATE:
        context |= pass_rate_pages.run_context(access, page) | {"facts": []}
    if page.run.kind == RunKind.POLICY:
        context |= policies.run_context(access, page.run)
    return page_or_part(request, "runs/run.html", "live", context)


urlpatterns = [
    path("p/<slug:slug>/runs/", run_list, name="run-list"),
    path("p/<slug:slug>/runs/new/", run_new, name="run-new"),
    path("p/<slug:slug>/runs/<int:run_id>/", run_page, name="run"),
]
