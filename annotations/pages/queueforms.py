"""Making a labelling queue and changing one: the form with its live count, members, pausing and closing."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_http_methods

from annotations import rules
from annotations.access import Access
from annotations.desk import queues as desk
from annotations.desk.filling import check_source
from annotations.desk.paths import Holding, holding
from annotations.errors import BadInput
from annotations.forms import queue as forms
from annotations.forms.queue import QueueForm
from annotations.models import LabelQueue
from annotations.pages.deskframe import framed
from annotations.pages.http import in_project, page_or_part
from annotations.pages.posting import again, done, leave
from annotations.rules import Act
from annotations.selectors import queues, queuesources, slices
from inference.desk import DeskState

NEW, CHANGE = "desk/queue_new.html", "desk/queue_settings.html"
STATE_WORDS = {DeskState.OPEN: "is open", DeskState.PAUSED: "is paused", DeskState.CLOSED: "is closed"}


@require_http_methods(["GET", "HEAD", "POST"])
@in_project
def queue_new(request: HttpRequest, access: Access) -> HttpResponse:
    """The form of a new queue; `slice` or `run` in the address chooses its source, act "count" counts it."""
    rules.check(access, Act.QUEUE)
    if request.method != "POST":
        return page_or_part(request, NEW, "form", _context(access, _blank(request, access)))
    form = forms.read(request.POST)
    if request.POST.get("act") == "count":
        return page_or_part(request, NEW, "count", _context(access, form) | counted(access, form))
    form = form.checked()
    if form.refused:
        return again(request, NEW, "form", _context(access, form))
    try:
        queue = desk.create_queue(
            access=access, name=form.name, mode=form.mode, strategy=form.strategy, source=form.asked,
            settings=form.settings.values, **form.protocol,
        )  # fmt: skip
    except BadInput as error:
        return again(request, NEW, "form", _context(access, form.refuse(error)))
    items = queue.items.count()
    messages.info(request, f"{queue.name} is open with {items:,} item{'s' * (items != 1)}.")
    return leave(request, reverse("desk", args=[access.project.slug]))


def _blank(request: HttpRequest, access: Access) -> QueueForm:
    for source in ("slice", "run"):
        key = request.GET.get(source, "")
        if key.isascii() and key.isdigit() and len(key) < 19:
            name = slices.one_slice(access, int(key)).name if source == "slice" else ""
            chosen: dict[str, Any] = {source: key}
            return QueueForm(name=name, source=source, **chosen)
    return QueueForm()


def _context(access: Access, form: QueueForm) -> dict[str, Any]:
    offered = queuesources.offered(access)
    return framed(
        access,
        "desk",
        form=form,
        offered=offered,
        modes=forms.MODES,
        strategies=forms.STRATEGIES,
        sources=[row for row in forms.SOURCES if getattr(offered, f"{row[0]}s", True) or form.source == row[0]],
        outcomes=forms.OUTCOMES,
    )


def counted(access: Access, form: QueueForm) -> dict[str, Any]:
    """Return what the source of the form holds, or why that cannot be said."""
    try:
        asked = form.asked
        check_source(access, asked)
        found: Holding | None = holding(access, asked, form.mode)
        return {"holding": found, "uncounted": ""}
    except BadInput as error:
        return {"holding": None, "uncounted": str(error)}


@require_http_methods(["GET", "HEAD", "POST"])
@in_project
def queue_settings(request: HttpRequest, access: Access, queue_id: int) -> HttpResponse:
    """The form of a queue as it stands; acts: save, open, paused, closed, assign."""
    rules.check(access, Act.QUEUE)
    queue = queues.find_queue(access, queue_id)
    if request.method != "POST":
        context = _settings_context(access, queue, forms.of_queue(queue))
        return page_or_part(request, CHANGE, "form", context)
    act = request.POST.get("act", "save")
    here = reverse("desk-queue-settings", args=[access.project.slug, queue.pk])
    if act in set(DeskState):
        desk.set_state(access=access, queue_id=queue.pk, state=act)
        return done(request, here, f"{queue.name} {STATE_WORDS[DeskState(act)]}.")
    if act == "assign":
        return _assign(request, access, queue, here)
    form = forms.read(request.POST).checked()
    if form.refused:
        return again(request, CHANGE, "form", _settings_context(access, queue, form))
    try:
        desk.change_queue(
            access=access, queue_id=queue.pk, name=form.name, strategy=form.strategy, settings=form.settings.values,
            **form.protocol,
        )  # fmt: skip
    except BadInput as error:
        return again(request, CHANGE, "form", _settings_context(access, queue, form.refuse(error)))
    return done(request, here, "Saved.")


def _assign(request: HttpRequest, access: Access, queue: LabelQueue, here: str) -> HttpResponse:
    named = [text for text in request.POST.getlist("member") if text.isascii() and text.isdigit() and len(text) < 19]
    number = desk.assign(access=access, queue_id=queue.pk, users=[int(text) for text in named])
    return done(request, here, f"Assigned to {number} member{'s' * (number != 1)}.")


def _settings_context(access: Access, queue: LabelQueue, form: QueueForm) -> dict[str, Any]:
    begun = desk.has_begun(queue)
    return framed(
        access,
        "desk",
        form=form,
        strategies=forms.STRATEGIES,
        queue=queue,
        head=queues.queue_head(access, queue.pk),
        labellers=queues.labellers(access, queue.pk),
        locked=desk.FIXED_ONCE_BEGUN if begun else (),
        begun=begun,
        states=[(state, word) for state, word in _moves(queue) if state != queue.state],
    )


def _moves(queue: LabelQueue) -> list[tuple[DeskState, str]]:
    """Return the states with the word of the button that leads there."""
    start = "Open again" if queue.state == DeskState.CLOSED else "Go on"
    return [(DeskState.OPEN, start), (DeskState.PAUSED, "Pause"), (DeskState.CLOSED, "Close")]


urlpatterns: list[URLPattern] = [
    path("p/<slug:slug>/desk/new/", queue_new, name="desk-new"),
    path("p/<slug:slug>/desk/<int:queue_id>/settings/", queue_settings, name="desk-queue-settings"),
]
