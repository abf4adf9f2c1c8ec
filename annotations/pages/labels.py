"""Labelling one step: save, undo, history. A scripted form gets a small answer, an unscripted one a redirect."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path
from django.views.decorators.http import require_POST, require_safe

from annotations.access import Access
from annotations.errors import BadInput, Conflict
from annotations.labelling import Judgement, save_label, undo_label
from annotations.models import LabelEvent
from annotations.pages.http import STATUS, in_project, page_or_part, wants_part
from annotations.pages.treestate import TreeState
from annotations.pages.trees import tree_context
from annotations.selectors.labels import node_history
from annotations.selectors.steps import place_of


@require_POST
@in_project
def node_label(request: HttpRequest, access: Access, node_id: int) -> HttpResponse:
    judgement = judged(request)
    try:
        version, key = int(request.POST.get("version", "")), UUID(request.POST.get("key", ""))
    except ValueError:
        raise BadInput("This form is incomplete. Open the step again.") from None
    try:
        event = save_label(access=access, node_id=node_id, judgement=judgement, seen_version=version, key=key)
    except (Conflict, BadInput) as error:
        return refused(request, access, node_id, judgement, error)
    return saved(request, access, event)


def judged(request: HttpRequest) -> Judgement:
    """Read a judgement; without a rating button ("Save note") the rating that stood is kept."""
    given = request.POST
    seconds = given.get("seconds", "")
    return Judgement(
        rating=given.get("rating", given.get("held", "")) or None,
        category=given.get("category", ""),
        note=given.get("note", "").strip().replace("\r\n", "\n"),
        rewrite=given.get("rewrite", "").strip().replace("\r\n", "\n"),
        seconds=min(float(seconds), 86400.0) if seconds.replace(".", "", 1).isdigit() else None,
        client="tree",
    )


def saved(request: HttpRequest, access: Access, event: LabelEvent) -> HttpResponse:
    """Say that it is stored; the browser (or the redirect) goes on to the next step, or stays after a note."""
    seq = int(request.POST.get("seq", "0") or 0) if request.POST.get("seq", "0").isdigit() else 0
    following = request.POST.get("next" if "rating" in request.POST else "stay", "")
    if not following.startswith(f"/p/{access.project.slug}/trees/"):
        following = ""
    if not wants_part(request):
        words = event.rating or "without a rating"
        messages.info(request, f"Step {seq}: {words}, saved {event.created_at:%H:%M}.")
        return HttpResponseRedirect(following or TreeState(access.project.slug, *place_of(access, event.node_id)).url)
    context = {"access": access, "event": event, "seq": seq}
    response = render(request, "trees/saved.html", context)
    told = {"node": event.node_id, "seq": seq, "rating": event.rating or "", "next": following}
    response["HX-Trigger"] = json.dumps({"step-labelled": told})
    return response


def refused(
    request: HttpRequest, access: Access, node_id: int, judgement: Judgement, error: Conflict | BadInput
) -> HttpResponse:
    """Give the fresh step with what was typed beside it; nothing is lost."""
    tree_id, seq = place_of(access, node_id)
    given = TreeState.read(access, tree_id, request.POST)
    state = TreeState(given.slug, tree_id, seq, given.filter, given.measure)
    context = tree_context(access, state, whole_page=not wants_part(request))
    context["form"] |= {"typed": judgement, "wrong": str(error), "stale": isinstance(error, Conflict)}
    response = page_or_part(request, "trees/tree.html", "label", context, status=STATUS[type(error)])
    response["HX-Retarget"] = "#label"
    response["HX-Reswap"] = "outerHTML"
    return response


@require_POST
@in_project
def node_undo(request: HttpRequest, access: Access, node_id: int) -> HttpResponse:
    """Take the viewer's last word on a step back and return to it."""
    event = undo_label(access=access, node_id=node_id)
    tree_id, seq = place_of(access, node_id)
    given = TreeState.read(access, tree_id, request.POST)
    back = TreeState(given.slug, tree_id, seq, given.filter, given.measure).url
    if not wants_part(request):
        messages.info(request, f"Step {seq}: undone, now {event.rating or 'unlabelled'}.")
        return HttpResponseRedirect(back)
    response = render(request, "trees/saved.html", {"access": access, "event": event, "seq": seq, "undone": True})
    told: dict[str, Any] = {"node": node_id, "seq": seq, "rating": event.rating or "", "next": back}
    response["HX-Trigger"] = json.dumps({"step-labelled": told})
    return response


@require_safe
@in_project
def node_history_page(request: HttpRequest, access: Access, node_id: int) -> HttpResponse:
    """List every visible label event of a step, newest first."""
    events = node_history(access, node_id)
    tree_id, seq = place_of(access, node_id)
    back = TreeState(access.project.slug, tree_id, seq).url
    context = {"access": access, "events": events, "seq": seq, "tree_id": tree_id, "back": back}
    return page_or_part(request, "trees/history.html", "events", context)


urlpatterns: list[URLPattern] = [
    path("p/<slug:slug>/nodes/<int:node_id>/label/", node_label, name="node-label"),
    path("p/<slug:slug>/nodes/<int:node_id>/undo/", node_undo, name="node-undo"),
    path("p/<slug:slug>/nodes/<int:node_id>/history/", node_history_page, name="node-history"),
]
