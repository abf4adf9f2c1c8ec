"""Generating problems from the Data page: the form, and asking for the run."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.views.decorators.http import require_POST

from annotations import generating, rules
from annotations.access import Access
from annotations.forms.fields import Bound, form_fields, posted
from annotations.pages.http import in_project
from annotations.pages.posting import again, leave
from annotations.rules import Act
from inference.sources.params import GENERATORS, INSTALL, REASONING_GYM, SOURCE_TITLES, SourceParams
from inference.sources.reasoning_gym import installed


def form_context(project: Any, bound: Bound | None = None) -> dict[str, Any]:
    """Return what templates/data/generate.html shows: the generators by source, and the other settings."""
    ready = installed()
    fields = {item.spec.name: item for item in form_fields(SourceParams, bound)}
    chosen = fields.pop("generator")
    groups = [
        (SOURCE_TITLES[source], [(each, each.id == chosen.value) for each in found], source != REASONING_GYM or ready)
        for source, found in groupby(GENERATORS.values(), key=lambda each: each.source)
    ]
    return {
        "project": project,
        "generators": groups,
        "generator_error": chosen.error,
        "generate_fields": list(fields.values()),
        "install": "" if ready else INSTALL,
    }


@require_POST
@in_project
def generate(request: HttpRequest, access: Access) -> HttpResponse:
    """Ask for generated problems; a refused setting is shown beside it."""
    rules.check(access, Act.IMPORT)
    bound = posted(SourceParams, request.POST, lambda values: _read(request, values))
    if bound.errors:
        return again(request, "data/generate.html", "form", form_context(access.project, bound))
    run = generating.request_problems(access=access, params=bound.values)
    return leave(request, reverse("run", args=[access.project.slug, run.pk]))


def _read(request: HttpRequest, values: Any) -> SourceParams:
    """Read one setting; whether a difficulty fits depends on the generator."""
    generator = request.POST.get("p-generator", "")
    known = {"generator": generator} if "difficulty" in values and generator in GENERATORS else {}
    return SourceParams.from_mapping({**known, **values})


urlpatterns = [path("p/<slug:slug>/data/generate/", generate, name="generate")]
