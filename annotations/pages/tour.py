"""The ten-minute tour: stops with what to do there, how far it is, and the steps to be labelled blind."""

from __future__ import annotations

import shlex
import socket
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.views.decorators.http import require_POST, require_safe

from annotations import rules, touring
from annotations.access import Access
from annotations.errors import BadInput
from annotations.labelling import save_label
from annotations.models import Run
from annotations.pages import run_reports
from annotations.pages.drilled import agreement, rows_of
from annotations.pages.http import in_project, page, page_or_part, wants_part
from annotations.pages.labels import judged
from annotations.pages.reviewstate import ReviewState
from annotations.rules import Act
from annotations.selectors import drill as blind
from annotations.selectors.api import file_name
from annotations.selectors.tour import WANTED_CORRECTIONS, Tour, tour
from inference.types import RunKind, RunState

GOING_SECONDS, QUIET_SECONDS = 3, 10
MEANWHILE = (RunKind.TRAIN, RunKind.PROBLEMS, RunKind.PASSRATE)


@dataclass(frozen=True, slots=True)
class Stop:
    """A stop of the tour. `state` is done, going or open; `runs` go on now, the last ones `failed`."""

    key: str
    title: str
    done: bool = False
    runs: list[Run] = field(default_factory=list)
    failed: list[Run] = field(default_factory=list)

    @property
    def state(self) -> str:
        return "going" if self.runs else "done" if self.done else "open"

    @property
    def mark(self) -> str:
        return {"going": "none going", "done": "correct", "open": "none"}[self.state]


@page
@require_POST
def start(request: HttpRequest) -> HttpResponse:
    """Go to the viewer's own project for the tour."""
    user = request.user
    assert user.is_authenticated  # noqa: S101 the decorator signed somebody in
    return redirect("tour", touring.start_tour(user=user).slug)


@require_safe
@in_project
def tour_page(request: HttpRequest, access: Access) -> HttpResponse:
    """All stops. The part asks again every few seconds, for runs and workers change by themselves."""
    return page_or_part(request, "tour/tour.html", "stops", _context(access))


@require_POST
@in_project
def act(request: HttpRequest, access: Access) -> HttpResponse:
    """Ask for one of the tour's runs and stay on the tour."""
    rules.check(access, Act.RUN)
    act = request.POST.get("act", "")
    if act not in touring.ACTS:
        raise BadInput(f"Expected one of the tour's acts, {', '.join(touring.ACTS)}.", "act")
    wrong = ""
    try:
        touring.ACTS[act](access)
    except BadInput as error:
        wrong = str(error)
    if wants_part(request):
        context = {**_context(access), "wrong": wrong, "act": act}
        return page_or_part(request, "tour/tour.html", "stops", context, status=400 if wrong else 200)
    if wrong:
        messages.error(request, wrong)
    return redirect("tour", access.project.slug)


def _context(access: Access) -> dict[str, Any]:
    found = tour(access)
    stops = _stops(found)
    replayed = found.runs.get(RunKind.REPLAY.value)
    refuted = ReviewState(access.project.slug, matrix="tool", cell="refuted.correct")
    return {
        "access": access,
        "project": access.project,
        "tour": found,
        "stops": stops,
        "here": next((stop.key for stop in stops if not stop.done and not stop.runs), ""),
        "every": GOING_SECONDS if any(stop.runs for stop in stops) else QUIET_SECONDS,
        "finished": sum(stop.done for stop in stops),
        "may_run": rules.can(access, Act.RUN),
        "may_label": rules.can(access, Act.LABEL),
        "refuted_url": refuted.url,
        "wanted": WANTED_CORRECTIONS,
        "stories": touring.STORY_COUNT,
        "planted": touring.CORPUS["problems"],
        "said": len(found.drill.said),
        "kill": _kill(found) if access.user.is_staff else "",
        "sees_workers": access.user.is_staff,
        "replay": run_reports.context(access, replayed).get("replayed") if replayed else None,
        "head": found.done(RunKind.TRAIN),
        "rates": found.done(RunKind.PASSRATE),
        "trains": not found.free[RunKind.TRAIN],
        "file_name": f"{access.project.slug}.jsonl" if found.file is None else file_name(access, found.file),
    }


def _stops(found: Tour) -> list[Stop]:
    """Return the stops in their order, each with the runs that work for it now."""
    growth = found.growth

    def going(*kinds: RunKind) -> list[Run]:
        return [run for kind in kinds if (run := found.open(kind)) is not None]

    failed = {run.kind: run for run in found.failed}

    def broken(*kinds: RunKind) -> list[Run]:
        return [failed[kind.value] for kind in kinds if kind.value in failed]

    return [
        Stop("corpus", "Take a labelled corpus", found.labelled > 0,
             going(RunKind.PLANT, RunKind.IMPORT, RunKind.CHECK), broken(RunKind.PLANT, RunKind.IMPORT)),
        Stop("work", "Set the machine to work", bool(found.done(RunKind.TRAIN) and found.done(RunKind.PASSRATE)),
             going(*MEANWHILE), broken(*MEANWHILE)),
        Stop("refuted", "Find wrong labels", found.corrected >= WANTED_CORRECTIONS),
        Stop("blind", "Label fifteen steps blind", found.drill.done),
        Stop("replay", "See what labels bring", found.done(RunKind.REPLAY) is not None,
             going(RunKind.REPLAY), broken(RunKind.REPLAY)),
        Stop("grow", "Grow trees that can fail", bool(growth and growth.done == growth.trees),
             [growth.run] if growth and growth.run.state in (RunState.QUEUED, RunState.RUNNING) else []),
        Stop("kill", "Kill a worker", found.taken_over is not None),
        Stop("export", "Take the labels with you", found.file is not None, going(RunKind.EXPORT),
             broken(RunKind.EXPORT)),
    ]  # fmt: skip


def _kill(found: Tour) -> str:
    """Return the command that ends the worker that works now, "" where there is none."""
    lamp = next((lamp for lamp in found.workers if lamp.alive), None)
    if lamp is None:
        return ""
    command = f"kill -9 {lamp.worker.pid}"
    return command if lamp.worker.host == socket.gethostname() else f"ssh {shlex.quote(lamp.worker.host)} {command}"


@in_project
def drill(request: HttpRequest, access: Access) -> HttpResponse:
    """One step without anything that anybody said of it; when all are labelled, what everybody says of them."""
    if request.method == "POST":
        return _answered(request, access)
    return page_or_part(request, "tour/drill.html", "drill", _drill_context(request, access))


def _answered(request: HttpRequest, access: Access) -> HttpResponse:
    """Store the viewer's word on a step of his drill and show the next one."""
    rules.check(access, Act.LABEL)
    try:
        node, key = int(request.POST.get("node", "")), UUID(request.POST.get("key", ""))
    except ValueError:
        raise BadInput("This form is incomplete. Open the step again.") from None
    if node not in blind.drill(access).nodes:
        raise BadInput("This step is not one of yours to label blind.", "node")
    judgement = judged(request, client=blind.CLIENT)
    if judgement.rating is None:
        raise BadInput("Choose a rating.", "rating")
    save_label(access=access, node_id=node, judgement=judgement, seen_version=None, key=key)
    if wants_part(request):
        return page_or_part(request, "tour/drill.html", "drill", _drill_context(request, access))
    return redirect("drill", access.project.slug)


def _drill_context(request: HttpRequest, access: Access) -> dict[str, Any]:
    found = blind.drill(access)
    asked = request.GET.get("step", "") if request.method != "POST" else ""
    at = int(asked) - 1 if asked.isascii() and asked.isdigit() and len(asked) < 4 else -1
    node = found.nodes[at] if 0 <= at < len(found.nodes) else found.next
    context: dict[str, Any] = {
        "access": access,
        "project": access.project,
        "drill": found,
        "said": len(found.said),
        "may_label": rules.can(access, Act.LABEL),
        "tour_url": reverse("tour", args=[access.project.slug]),
    }
    if node is not None:
        number = found.nodes.index(node) + 1
        shown = blind.item(access, node)
        return context | {"item": shown, "number": number, "key": uuid4(), "mine": found.said.get(node, "")}
    told = blind.opinions(access, found) if found.nodes else []
    return context | {"rows": rows_of(access, told), "agreement": agreement(told)}


urlpatterns = [
    path("tour/", start, name="tour-start"),
    path("p/<slug:slug>/tour/", tour_page, name="tour"),
    path("p/<slug:slug>/tour/blind/", drill, name="drill"),
    path("p/<slug:slug>/tour/act/", act, name="tour-act"),
]
