"""Disagreements: the list, one item side by side, deciding it with one key, asking those who labelled it."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_POST, require_safe

from annotations import rules
from annotations.access import Access
from annotations.desk.deciding import comment, decide, decide_as, take_back
from annotations.errors import BadInput, Conflict
from annotations.models import ItemDecision
from annotations.pages.deskframe import framed
from annotations.pages.disputestate import DisputeState, number
from annotations.pages.disputeview import context as view
from annotations.pages.disputeview import ended, judgements, told
from annotations.pages.http import STATUS, in_project, page_or_part, wants_part
from annotations.pages.posting import leave
from annotations.rules import Act
from annotations.selectors.disputelist import KINDS, STATES, beside, dispute_page
from annotations.selectors.disputes import Dispute, dispute, first_error_of
from inference.desk import ItemState

ACTS = (("c", "correct", "Correct, next step"), ("n", "neutral", "Neutral, next step"),
        ("i", "incorrect", "Incorrect, next step"))  # fmt: skip
NAMES = {
    ItemState.DISPUTED: "To decide",
    ItemState.DECIDED: "Decided",
    ItemState.DROPPED: "Dropped",
    ItemState.AGREED: "Agreed",
}


@require_safe
@in_project
def dispute_list(request: HttpRequest, access: Access) -> HttpResponse:
    state = DisputeState.read(access.project.slug, request.GET)
    found = dispute_page(access, state.query)
    context = framed(
        access,
        "desk-disputes",
        state=state,
        found=found,
        rows=[(row, state.item(row.id), [(said.name, ended(said.finish, said.error)) for said in row.people])
              for row in found.rows],
        tabs=[(NAMES[each], state.with_(state=each.value), found.counts.get(each, 0), each == state.state)
              for each in STATES],
        kinds=[(key, name, key == state.kind) for key, (name, _) in KINDS.items()],
        narrowed=bool(state.queue or state.person or state.kind),
        before=state.with_(page=state.page - 1) if state.page > 1 else "",
        after=state.with_(page=state.page + 1) if found.has_next else "",
    )  # fmt: skip
    return page_or_part(request, "desk/disputes.html", "results", context)


@require_safe
@in_project
def dispute_item(request: HttpRequest, access: Access, item_id: int) -> HttpResponse:
    rules.check(access, Act.ADJUDICATE)
    state = DisputeState.read(access.project.slug, request.GET)
    context = item_context(access, state, dispute(access, item_id))
    context["done"] = _just_decided(access, number(request.GET.get("done", "")))
    response = page_or_part(request, "desk/dispute.html", "item", context)
    if wants_part(request):
        response["HX-Push-Url"] = state.item(item_id)
    return response


def item_context(access: Access, state: DisputeState, found: Dispute, typed: QueryDict | None = None) -> dict[str, Any]:
    place = beside(access, state.query, found.item.pk)
    return framed(
        access,
        "desk-disputes",
        **view(found, typed),
        state=state,
        place=place,
        earlier=state.item(place.before) if place.before else "",
        later=state.item(place.after) if place.after else "",
        can_decide=found.item.state not in (ItemState.OPEN, ItemState.WITHDRAWN),
        key=uuid4(),
        acts=ACTS,
        typed=typed,
    )


def _just_decided(access: Access, item_id: int | None) -> tuple[ItemDecision, str] | None:
    """Return the decision that led here and its words, while it stands."""
    if item_id is None:
        return None
    made = ItemDecision.objects.filter(project=access.project, item=item_id).order_by("-id")
    newest = made.select_related("item", "first_error", "session__user").first()
    return None if newest is None or newest.back else (newest, told(newest))


@require_POST
@in_project
def decide_item(request: HttpRequest, access: Access, item_id: int) -> HttpResponse:
    """Store the decision and go on to the next item of the list."""
    rules.check(access, Act.ADJUDICATE)
    given = request.POST
    state = DisputeState.read(access.project.slug, QueryDict(given.get("query", "")))
    after = beside(access, state.query, item_id).after
    try:
        _decide(access, item_id, given)
    except (Conflict, BadInput) as error:
        return refused(request, access, state, item_id, error)
    if after is None:
        messages.info(request, "Decided. That was the last one of this list.")
        return leave(request, state.url)
    return redirect(state.item(after, done=item_id))


def _decide(access: Access, item_id: int, given: QueryDict) -> None:
    """Decide as a person said (`as`: his session), or by the ratings of the form."""
    key, why, seen = _key(given), given.get("why", ""), given.get("seen")
    if "as" in given:
        session_id = number(given.get("as", "")) or 0
        decide_as(access=access, item_id=item_id, session_id=session_id, why=why, key=key, seen=seen)
        return
    found = dispute(access, item_id)
    said = judgements(found, given)
    first = first_error_of(found.rows, {node: str(each.rating) for node, each in said.items()})
    finish = given.get("finish", "") if first is None else ""
    decide(access=access, item_id=item_id, ratings=said, first_error=first, why=why, key=key, finish=finish, seen=seen)


def _key(given: QueryDict) -> UUID:
    try:
        return UUID(given.get("key", ""))
    except ValueError:
        raise BadInput("This form is incomplete. Open the item again.", "key") from None


def refused(
    request: HttpRequest, access: Access, state: DisputeState, item_id: int, error: Conflict | BadInput
) -> HttpResponse:
    """Show the item as it stands now with what was typed; nothing is lost."""
    context = item_context(access, state, dispute(access, item_id), request.POST)
    context |= {"wrong": str(error), "stale": isinstance(error, Conflict)}
    return page_or_part(request, "desk/dispute.html", "item", context, status=STATUS[type(error)])


@require_POST
@in_project
def take_back_item(request: HttpRequest, access: Access, item_id: int) -> HttpResponse:
    """Take the decision back and return to the item."""
    state = DisputeState.read(access.project.slug, QueryDict(request.POST.get("query", "")))
    take_back(access=access, item_id=item_id)
    return redirect(state.item(item_id))


@require_POST
@in_project
def say(request: HttpRequest, access: Access, item_id: int) -> HttpResponse:
    """Add a comment, and return to the page that it was written on."""
    given = request.POST
    node = number(given.get("node", ""))
    comment(access=access, item_id=item_id, node_id=node, text=given.get("text", ""), asks="asks" in given)
    if "mine" in given or not rules.can(access, Act.ADJUDICATE):
        return redirect(reverse("desk-mine-item", args=[access.project.slug, item_id]))
    state = DisputeState.read(access.project.slug, QueryDict(given.get("query", "")))
    return redirect(state.item(item_id))


urlpatterns: list[URLPattern] = [
    path("p/<slug:slug>/desk/disputes/", dispute_list, name="desk-disputes"),
    path("p/<slug:slug>/desk/disputes/<int:item_id>/", dispute_item, name="desk-dispute"),
    path("p/<slug:slug>/desk/disputes/<int:item_id>/decide/", decide_item, name="desk-decide"),
    path("p/<slug:slug>/desk/disputes/<int:item_id>/back/", take_back_item, name="desk-take-back"),
    path("p/<slug:slug>/desk/disputes/<int:item_id>/comments/", say, name="desk-comment"),
]
