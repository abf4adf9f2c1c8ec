"""Labelling one step: save, undo, history. A scripted form gets a small answer, an unscripted one a redirect."""

from __future__ import annotations

import json
from dataclasses import replace
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_POST, require_safe

from annotations.access import Access
from annotations.errors import BadInput, Conflict
from annotations.labelling import Judgement, save_label, undo_label
from annotations.models import LabelEvent
from annotations.pages.http import STATUS, in_project, page_or_part, wants_part
from annotations.pages.reviewstate import ReviewState
from annotations.pages.trees import tree_context
from annotations.pages.treestate import TreeState
from annotations.selectors.labels import node_history
from annotations.selectors.steps import StepPlace, place_of
from inference.types import LabelKind


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
    return saved(request, access, node_id, event)


def judged(request: HttpRequest, client: str = "") -> Judgement:
    """Read a judgement; without a rating button ("Save note") the rating that stood is kept."""
    given = request.POST
    seconds = given.get("seconds", "")
    return Judgement(
        rating=given.get("rating", given.get("held", "")) or None,
        category=given.get("category", ""),
        note=given.get("note", "").strip().replace("\r\n", "\n"),
        rewrite=given.get("rewrite", "").strip().replace("\r\n", "\n"),
        seconds=min(float(seconds), 86400.0) if seconds.replace(".", "", 1).isdigit() else None,
        client=client or ("review" if "review" in given else "tree"),
    )


def saved(request: HttpRequest, access: Access, node_id: int, event: LabelEvent) -> HttpResponse:
    """Say that it is stored; the browser (or the redirect) goes on to the next step, or stays after a note."""
    following = request.POST.get("next" if "rating" in request.POST else "stay", "")
    if not following.startswith(f"/p/{access.project.slug}/trees/"):
        following = "" if wants_part(request) else back(request, access, node_id)
    return told(request, access, event, request.POST.get("name", "Step")[:20], request.POST.get("seq", ""), following)


def told(request: HttpRequest, access: Access, event: LabelEvent, step: str, seq: str, following: str) -> HttpResponse:
    """Answer with a line that says what stands now, and where the page goes."""
    undone = event.kind == LabelKind.RETRACT
    if not wants_part(request):
        words = f"{'undone, now ' * undone}{event.rating or 'unlabelled'}"
        messages.info(request, f"{step}: {words}, saved {event.created_at:%H:%M}.")
        return HttpResponseRedirect(following)
    response = HttpResponse(saved_line(access, event, step))
    news = {"node": event.node_id, "seq": seq, "version": event.pk, "rating": event.rating or "", "next": following}
    response["HX-Trigger"] = json.dumps({"step-labelled": news})
    return response


# Written here and not in a template: it answers every key press.
SAVED = """<form class="saved" method="post" action="{undo}" hx-post="{undo}" hx-target="#saved">
  <span class="mark {rating}">{step} {words} <time datetime="{moment}" data-clock>{clock}</time></span>{button}
</form>"""
UNDO = mark_safe(
    '<button type="submit" class="quiet" data-key="u" data-help="Undo the last label">Undo <kbd>u</kbd></button>'
)


def saved_line(access: Access, event: LabelEvent, step: str) -> SafeString:
    undone = event.kind == LabelKind.RETRACT
    stands = event.rating or ("unlabelled" if undone else "")
    return format_html(
        SAVED,
        undo=reverse("node-undo", args=[access.project.slug, event.node_id]),
        rating=event.rating or "none",
        step=step,
        words=f"{'undone, now ' * undone}{stands}{', ' * bool(stands)}saved",
        moment=event.created_at.isoformat(timespec="seconds"),
        clock=f"{event.created_at:%H:%M}",
        button="" if undone else UNDO,
    )


def refused(
    request: HttpRequest, access: Access, node_id: int, judgement: Judgement, error: Conflict | BadInput
) -> HttpResponse:
    """Give the fresh step with what was typed beside it; nothing is lost."""
    state = opened(request, access, place_of(access, node_id))
    context = tree_context(access, state, whole_page=not wants_part(request))
    context["review_query"] = request.POST.get("review", "")
    context["form"] |= {"typed": judgement, "wrong": str(error), "stale": isinstance(error, Conflict)}
    response = page_or_part(request, "trees/tree.html", "label", context, status=STATUS[type(error)])
    response["HX-Retarget"] = "#label"
    response["HX-Reswap"] = "outerHTML"
    return response


def opened(request: HttpRequest, access: Access, place: StepPlace) -> TreeState:
    """Return the view that the form was sent from, at this step."""
    return replace(TreeState.read(access, place.tree_id, request.POST), seq=place.seq)


def back(request: HttpRequest, access: Access, node_id: int) -> str:
    """Return the address of the page that the form stood on: the review, else the tree at this step."""
    if "review" in request.POST:
        return ReviewState.read(access.project.slug, QueryDict(request.POST["review"])).at(node_id)
    return opened(request, access, place_of(access, node_id)).url


@require_POST
@in_project
def node_undo(request: HttpRequest, access: Access, node_id: int) -> HttpResponse:
    """Take the viewer's last word on a step back and return to it."""
    event = undo_label(access=access, node_id=node_id)
    place = place_of(access, node_id)
    return told(request, access, event, f"Step {place.depth}", str(place.seq), back(request, access, node_id))


@require_safe
@in_project
def node_history_page(request: HttpRequest, access: Access, node_id: int) -> HttpResponse:
    """List every visible label event of a step, newest first."""
    events = node_history(access, node_id)
    place = place_of(access, node_id)
    back = TreeState(access.project.slug, place.tree_id, place.seq).url
    context = {"access": access, "events": events, "place": place, "back": back}
    return page_or_part(request, "trees/history.html", "events", context)


urlpatterns: list[URLPattern] = [
    path("p/<slug:slug>/nodes/<int:node_id>/label/", node_label, name="node-label"),
    path("p/<slug:slug>/nodes/<int:node_id>/undo/", node_undo, name="node-undo"),
    path("p/<slug:slug>/nodes/<int:node_id>/history/", node_history_page, name="node-history"),
]
