"""My work: what the viewer labelled at the desk, what was decided of it, and what reviewers ask him."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_safe

from annotations import rules
from annotations.access import Access
from annotations.models import LabelItem, LabelSession
from annotations.pages.deskframe import framed
from annotations.pages.disputestate import number
from annotations.pages.disputeview import context as view
from annotations.pages.disputeview import ended
from annotations.pages.http import in_project, page_or_part
from annotations.pages.links import address
from annotations.rules import Act
from annotations.selectors.disputes import Dispute, dispute
from annotations.selectors.labels import DONE
from annotations.selectors.mywork import LAST_PAGE, SHOWS, MyRow, my_sessions, unfinished

STATES = {
    "leased": "being labelled",
    "submitted": "submitted",
    "surplus": "submitted late",
    "skipped": "skipped",
    "returned": "returned",
    "expired": "lease ended",
}


@require_safe
@in_project
def my_work(request: HttpRequest, access: Access) -> HttpResponse:
    rules.check(access, Act.LABEL)
    show, at = request.GET.get("show", ""), min(number(request.GET.get("page", "")) or 1, LAST_PAGE)
    show = show if show in SHOWS else ""
    found = my_sessions(access, show, at)
    here = reverse("desk-mine", args=[access.project.slug])
    context = framed(
        access,
        "desk-mine",
        rows=[_line(access, row) for row in found.rows],
        shows=[(name, address(here, {"show": key}), key == show) for key, (name, _) in SHOWS.items()],
        show=show,
        before=address(here, {"show": show, "page": at - 1}) if at > 1 else "",
        after=address(here, {"show": show, "page": at + 1}) if found.has_next else "",
    )
    return page_or_part(request, "desk/mine.html", "results", context)


def _line(access: Access, row: MyRow) -> tuple[MyRow, str, str, str]:
    """Return a session, its state and its end in words, and where it goes on ("": nowhere)."""
    again = desk_url(access, row.queue, row.session) if row.unfinished else ""
    return row, STATES[row.state], ended(row.finish, row.error), again


@require_safe
@in_project
def my_item(request: HttpRequest, access: Access, item_id: int) -> HttpResponse:
    """Show one's own word on an item, and the others' and the decision where the queue reveals them."""
    rules.check(access, Act.LABEL)
    found = dispute(access, item_id)
    if found.mine is None:
        return redirect("desk-dispute", access.project.slug, item_id)
    asked = next((comment for comment in found.comments if comment.pk in found.asked), None)
    context = framed(
        access,
        "desk-mine",
        **view(found),
        session=found.mine,
        state_word=STATES[found.mine.state],
        hidden=hidden(found),
        may_answer=found.mine.state in DONE,
        about=asked.node_id if asked else None,
        desk=_again(access, found.item, found.mine),
    )
    return page_or_part(request, "desk/mine_item.html", "item", context)


def _again(access: Access, item: LabelItem, mine: LabelSession) -> str:
    """Return where one's own work on an item goes on ("": nowhere)."""
    goes_on = unfinished(mine.state, queue=item.queue.state, item=item.state, places=item.places)
    return desk_url(access, item.queue_id, mine.pk) if goes_on else ""


def hidden(found: Dispute) -> str:
    """Say why the others' labels are not shown, "" where they are."""
    if found.opened:
        return ""
    if found.mine is not None and found.mine.state not in DONE:
        return "What others said of it is not shown before you submit it."
    if found.settings.reveal == "never":
        return "This queue does not show what others said."
    return "What others said of it is shown once it is settled."


def desk_url(access: Access, queue_id: int, session_id: int) -> str:
    """Return where the item of a session is gone on with."""
    return address(reverse("desk-label", args=[access.project.slug, queue_id]), {"session": session_id})


urlpatterns: list[URLPattern] = [
    path("p/<slug:slug>/desk/mine/", my_work, name="desk-mine"),
    path("p/<slug:slug>/desk/mine/<int:item_id>/", my_item, name="desk-mine-item"),
]
