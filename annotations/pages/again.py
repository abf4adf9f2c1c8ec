"""Checking stored steps again: the form, and asking for the run."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse

from annotations import checking, rules
from annotations.access import Access
from annotations.errors import BadInput
from annotations.forms import again
from annotations.forms.again import Again
from annotations.models import Run
from annotations.pages.http import in_project, page_or_part
from annotations.pages.posting import again as once_more
from annotations.pages.posting import leave
from annotations.rules import Act
from annotations.selectors import projects, runs
from annotations.selectors.checks import known_kinds
from inference.types import RunKind
from inference.verifiers.params import TOOLS, CheckParams

OWN = {"scope", "verifier", "engine", "kind"}


@in_project
def check_new(request: HttpRequest, access: Access) -> HttpResponse:
    """The form; `run` in the address names a run whose trees alone may be checked, `kind` a kind of problem."""
    rules.check(access, Act.RUN)
    if request.method != "POST":
        return page_or_part(request, "runs/check.html", "form", _context(access, _blank(access, request)))
    form = again.read(request.POST)
    if not form.refused:
        try:
            run = _ask(access, form)
            return leave(request, reverse("run", args=[access.project.slug, run.pk]))
        except BadInput as error:
            form = _refused(form, error)
    return once_more(request, "runs/check.html", "form", _context(access, form))


def _blank(access: Access, request: HttpRequest) -> Again:
    given = request.GET.get("run", "")
    run = _grown(access, given)
    kind = request.GET.get("kind", "")[:20]
    settings = replace(Again().settings, values={"kind": kind}) if kind else Again().settings
    return Again(run=given, scope="run", settings=settings) if run else Again(settings=settings)


def _ask(access: Access, form: Again) -> Run:
    return checking.request_checking(
        access=access,
        params=again.settings_of(form, list(known_kinds(access.project.pk, tuple(TOOLS)))),
        parent_run=int(form.run) if form.scope == "run" else None,
        engine_id=int(form.engine) if any(TOOLS[name].asks for name in form.tools) else None,
        name=form.name,
    )


def _refused(form: Again, error: BadInput) -> Again:
    field = "scope" if error.field == "parent_run" else error.field
    if field in CheckParams.__dataclass_fields__ and field not in OWN:
        return replace(form, settings=replace(form.settings, errors={field: str(error)}))
    return replace(form, errors={field: str(error)})


def _grown(access: Access, text: str) -> Run | None:
    """Return the run that grows trees of that id; NotFound for a run of somebody else."""
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        return None
    run = runs.find_run(access, int(text))
    return run if run.kind == RunKind.GENERATE else None


def _context(access: Access, form: Again) -> dict[str, Any]:
    kinds = list(known_kinds(access.project.pk, tuple(TOOLS)))
    choices = form.choices(kinds)
    return {
        "project": access.project,
        "form": form,
        "grown": _grown(access, form.run),
        "tools": [each for each in choices if not each.tool.asks],
        "asking": [each for each in choices if each.tool.asks],
        "kinds": kinds,
        "engines": list(projects.engines_for(access)),
        "misfit": next((text for name, text in form.errors.items() if name not in OWN), ""),
    }


urlpatterns = [path("p/<slug:slug>/runs/check/", check_new, name="check-new")]
