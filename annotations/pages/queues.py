"""The desk's front page: the queues with what is left for the viewer; and the items of a queue for who manages it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import NoReverseMatch, URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_http_methods, require_safe

from annotations import rules
from annotations.access import Access
from annotations.desk import managing
from annotations.errors import BadInput
from annotations.pages.deskframe import framed
from annotations.pages.http import in_project, page_or_part
from annotations.pages.posting import done
from annotations.rules import Act
from annotations.selectors.queueitems import ItemQuery, item_page
from annotations.selectors.queues import QueueHead, find_queue, manages, queue_list
from annotations.templatetags.studio import clock
from inference.desk import DeskMode, DeskState, ItemRole, ItemState

KEYS = "123456789"
MARKS = {
    ItemState.OPEN: "",
    ItemState.AGREED: "correct",
    ItemState.DECIDED: "correct",
    ItemState.DISPUTED: "incorrect",
    ItemState.DROPPED: "neutral",
    ItemState.WITHDRAWN: "neutral",
}


@dataclass(frozen=True, slots=True)
class QueueLine:
    """A queue in the list: why nothing is left where nothing is, the key of its button, where the button leads."""

    head: QueueHead
    about: str
    nothing: SafeString | str
    today: str
    key: str
    label_at: str


@require_safe
@in_project
def desk(request: HttpRequest, access: Access) -> HttpResponse:
    may_label = rules.can(access, Act.LABEL)
    lines, keys = [], iter(KEYS)
    for head in queue_list(access):
        key = next(keys, "") if may_label and head.left else ""
        at = _address("desk-label", access.project.slug, head.queue.pk)
        lines.append(QueueLine(head, about(head), nothing(head), today(head), key, at))
    context = framed(
        access,
        "desk",
        lines=[line for line in lines if line.head.queue.state != DeskState.CLOSED],
        closed=[line for line in lines if line.head.queue.state == DeskState.CLOSED],
        may_label=may_label,
        may_change=rules.can(access, Act.QUEUE),
        sees_all=manages(access),
        disputes_at=_address("desk-disputes", access.project.slug),
    )
    return page_or_part(request, "desk/queues.html", "list", context)


def _address(name: str, *args: object) -> str:
    """Return the address of a page, "" where the studio has no such page."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


def about(head: QueueHead) -> str:
    """Say in a few words what is labelled here, and by how many."""
    queue = head.queue
    whole = queue.settings.get("rate") == "all"
    what = "Trees, step by step" if queue.mode == DeskMode.TREE else f"Solutions, {_stop(whole)}"
    if queue.agree:
        return f"{what}; until {queue.agree} agree, {queue.most} people at most"
    return f"{what}; {queue.overlap} {'person' if queue.overlap == 1 else 'people'} each"


def _stop(whole: bool) -> str:
    return "all steps" if whole else "up to the first error"


def nothing(head: QueueHead) -> SafeString | str:
    """Say why nothing is left for the viewer; "" where something is."""
    state, open_items = head.queue.state, head.open
    if head.left:
        return ""
    if state != DeskState.OPEN:
        return f"The queue is {state}: nothing is handed out."
    if not head.items:
        return "It holds no item yet."
    if not (head.everyone or head.assigned):
        return "It is assigned to others."
    if head.passed is False:
        return "The screening was not passed: ask a reviewer."
    if not open_items:
        return "The one item is labelled." if head.items == 1 else f"All {head.items:,} items are labelled."
    if head.free:
        return "You have labelled all that is left: others do the rest."
    if head.held and head.held_until is not None:
        said = "The one item left is with somebody else" if open_items == 1 else f"The {open_items:,} left are taken"
        return format_html("{}, the first until {}.", said, clock(head.held_until))
    return f"The {open_items:,} left wait for nobody: a reviewer has a look."


def today(head: QueueHead) -> str:
    """Return what the viewer has done today, "" for nothing."""
    items, ratings, seconds = head.today
    if not items:
        return ""
    pace = f", {seconds:.1f} s a rating" if seconds is not None else ""
    return f"today {items:,} item{'s' * (items != 1)}, {ratings:,} rating{'s' * (ratings != 1)}{pace}"


@require_http_methods(["GET", "HEAD", "POST"])
@in_project
def items(request: HttpRequest, access: Access, queue_id: int) -> HttpResponse:
    """The items of a queue. Acts: free (a session), withdraw and bring_back (the ticked items)."""
    if request.method == "POST" or not manages(access):
        rules.check(access, Act.QUEUE)
    if request.method == "POST":
        find_queue(access, queue_id)
        word = _act(request, access, queue_id)
        return done(request, request.get_full_path(), word)
    found = item_page(access, queue_id, ItemQuery.read(request.GET.dict()))
    context: dict[str, Any] = framed(
        access,
        "desk",
        found=found,
        rows=[(row, MARKS[ItemState(row.item.state)]) for row in found.rows],
        states=[(state.value, state.value, _count(found.groups, 1, state)) for state in ItemState],
        roles=[(role.value, role.value, _count(found.groups, 0, role)) for role in ItemRole],
        may_change=rules.can(access, Act.QUEUE),
    )
    return page_or_part(request, "desk/queue_items.html", "items", context)


def _count(groups: Any, place: int, word: str) -> int:
    return sum(n for key, n in groups.items() if key[place] == word)


def _act(request: HttpRequest, access: Access, queue_id: int) -> str:
    """Do what was posted and return what to say of it."""
    given = request.POST
    freed = given.get("free", "")
    if freed:
        managing.free_lease(access=access, queue_id=queue_id, session_id=_number(freed))
        return "The item is free for somebody else."
    chosen = [_number(text) for text in given.getlist("item")]
    if not chosen:
        raise BadInput("Tick the items first.", "item")
    if given.get("act") == "bring_back":
        number = managing.bring_back(access=access, queue_id=queue_id, items=chosen)
        return f"{number} item{'s' * (number != 1)} brought back."
    number = managing.withdraw(access=access, queue_id=queue_id, items=chosen)
    return f"{number} item{'s' * (number != 1)} withdrawn; what was labelled stays."


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise BadInput("Items and sessions are named by their numbers.", "item")
    return int(text)


urlpatterns: list[URLPattern] = [
    path("p/<slug:slug>/desk/", desk, name="desk"),
    path("p/<slug:slug>/desk/<int:queue_id>/items/", items, name="desk-items"),
]
