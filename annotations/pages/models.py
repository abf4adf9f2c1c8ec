"""PRM heads and deducibility scorers: what each reaches on held-out problems; training one, scoring all trees."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.views.decorators.http import require_POST

from annotations import jobs, rules
from annotations.access import Access
from annotations.errors import BadInput
from annotations.forms.fields import Bound, FormField, form_fields, posted
from annotations.pages import deduced, run_reports, run_words
from annotations.pages.http import in_project, page_or_part
from annotations.pages.posting import again, leave
from annotations.rules import Act
from annotations.selectors import artefacts, runs
from inference.trainers.params import DEDUCIBILITY, LABELS, HeadParams, ReplayParams
from inference.types import Queue, RunKind, RunState

PAGE = 20


@in_project
def model_list(request: HttpRequest, access: Access) -> HttpResponse:
    return page_or_part(request, "models/list.html", "heads", _context(request, access))


def _context(
    request: HttpRequest, access: Access, bound: Bound | None = None, replaying: Bound | None = None
) -> dict[str, Any]:
    shown = Paginator(artefacts.heads(access), PAGE).get_page(request.GET.get("page"))
    deduces = bound is not None and bound.values.get("objective") == DEDUCIBILITY
    fields = settings_of(LABELS, None if deduces else bound)
    last = artefacts.last_run(access, RunKind.TRAIN)
    alive = runs.workers_alive()
    return {
        "project": access.project,
        "rows": shown,
        "heads": [(head, run_reports.gain(head.metrics)) for head in shown],
        "fields": fields,
        "unfold": any(item.error or item.changed for item in fields),
        "deduce": _deduce(bound if deduces else None),
        "deducers": [(made, deduced.ranking(made.metrics)) for made in artefacts.deducers(access)[:PAGE]],
        "replay_fields": form_fields(ReplayParams, replaying),
        "unfold_replay": replaying is not None,
        "last": last,
        "training": last is not None and last.state in rules.OPEN,
        "failed": last is not None and last.state == RunState.FAILED,
        "untrained": last is not None and last.state == RunState.DONE and not last.report.get("model_id"),
        "command": "" if alive[Queue.GPU] else run_words.command_for(Queue.GPU),
        "may_run": rules.can(access, Act.RUN),
    }


def _deduce(bound: Bound | None) -> dict[str, Any]:
    """Return the form of a deducibility scorer."""
    fields = settings_of(DEDUCIBILITY, bound)
    unfold = any(item.error or item.changed for item in fields)
    return {"fields": fields, "unfold": unfold, "refused": bound.errors.get("objective", "") if bound else ""}


def settings_of(objective: str, bound: Bound | None) -> list[FormField]:
    """Return the fields that a training with this objective reads, as if there were no other."""
    fields = [item for item in form_fields(HeadParams, bound) if item.spec.name != "objective"]
    read = [item for item in fields if not item.spec.only or objective in item.spec.only]
    return [replace(item, spec=replace(item.spec, only=())) for item in read]


@require_POST
@in_project
def retrain(request: HttpRequest, access: Access) -> HttpResponse:
    """Ask for a new head from the current labels, or a deducibility scorer; a refusal is shown beside the form."""
    rules.check(access, Act.RUN)
    settings = posted(HeadParams, request.POST, HeadParams.from_mapping)
    try:
        if not settings.errors:
            params = HeadParams.from_mapping(settings.values).as_dict()
            run = jobs.request_training(access=access, params=params)
    except BadInput as error:
        settings = replace(settings, errors={error.field: str(error)})
    if settings.errors:
        part = "deduce" if settings.values.get("objective") == DEDUCIBILITY else "retrain"
        return again(request, "models/list.html", part, _context(request, access, settings))
    return leave(request, reverse("run", args=[access.project.slug, run.pk]))


@require_POST
@in_project
def replay(request: HttpRequest, access: Access) -> HttpResponse:
    """Ask for the learning curve of the project's labels; a refused setting is shown beside it."""
    rules.check(access, Act.RUN)
    settings = posted(ReplayParams, request.POST, ReplayParams.from_mapping)
    if settings.errors:
        return again(request, "models/list.html", "replay", _context(request, access, replaying=settings))
    run = jobs.request_replay(access=access, params=settings.values)
    return leave(request, reverse("run", args=[access.project.slug, run.pk]))


@require_POST
@in_project
def score(request: HttpRequest, access: Access) -> HttpResponse:
    """Ask for the scores of all trees by the chosen head, or the newest."""
    chosen = request.POST.get("model", "")
    if chosen and not (chosen.isascii() and chosen.isdigit() and len(chosen) < 19):
        raise BadInput("Choose a model of this project.", "model")
    run = jobs.request_scoring(access=access, model_id=int(chosen) if chosen else None)
    return leave(request, reverse("run", args=[access.project.slug, run.pk]))


urlpatterns = [
    path("p/<slug:slug>/models/", model_list, name="model-list"),
    path("p/<slug:slug>/models/retrain/", retrain, name="retrain"),
    path("p/<slug:slug>/models/replay/", replay, name="replay"),
    path("p/<slug:slug>/models/score/", score, name="score"),
]
