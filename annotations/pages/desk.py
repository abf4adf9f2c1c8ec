"""The labelling desk: one item at a time, the next one fetched while this one is labelled."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from annotations import rules
from annotations.access import Access
from annotations.desk.keys import keys_of
from annotations.desk.taking import Nothing, Taken, take
from annotations.errors import BadInput
from annotations.pages.deskkeys import key_sheet
from annotations.pages.http import in_project, in_project_at_once
from annotations.rules import Act
from annotations.selectors.deskitem import categories, desk_item, one_queue, own_session, shown_by
from annotations.templatetags.desk import item_card
from annotations.templatetags.studio import address

# So many sessions a page remembers; more are none of its.
HELD = 200
BUTTONS = {
    "ratings": (("correct", "Correct"), ("neutral", "Neutral"), ("incorrect", "Incorrect")),
    "words": (
        ("choose", "Go on with it"),
        ("all_correct", "Correct to here"),
        ("category", "Category"),
        ("note", "Note"),
        ("rewrite", "Rewrite"),
        ("own", "Own step"),
        ("flag", "Flag"),
        ("evidence", "Evidence"),
        ("reference", "Reference"),
    ),
    "ends": (("undo", "Undo"), ("skip", "Skip"), ("end", "End otherwise"), ("guidelines", "Guidelines")),
}


@never_cache
@require_GET
@in_project
def desk_label(request: HttpRequest, access: Access, queue_id: int) -> HttpResponse:
    """Show the item that the viewer asks for by its session or has begun in this queue, else a new one; or why none."""
    want = request.GET.get("session")
    found = take(access=access, queue_id=queue_id, want=_number(want, "session") if want else None)
    keys = keys_of(access.user)
    context = {
        **_shown(access, queue_id, found),
        "project": access.project,
        "categories": [
            {name: row.get(name, "") for name in ("key", "name", "definition")} for row in categories(access)
        ],
        "keys": keys,
        "sheet": key_sheet(access),
        **{name: _buttons(row, keys) for name, row in BUTTONS.items()},
        "queues_url": address("desk", access.project.slug),
    }
    return render(request, "desk/label.html", context)


@require_POST
@in_project_at_once
def desk_next(request: HttpRequest, access: Access, queue_id: int) -> HttpResponse:
    """Take the next item beside those that the page has ("have"), or show one of the viewer's own again ("session")."""
    asked = _asked(request)
    if "session" in asked:
        rules.check(access, Act.LABEL)
        session, settings = own_session(access, queue_id, _number(asked["session"], "session"))
        found: Taken | Nothing = Taken(session, settings, shown_by(access, session.pk))
    else:
        given = asked.get("have", [])
        if not isinstance(given, list):
            raise BadInput("`have` is a list of the numbers of sessions.", "have")
        found = take(access=access, queue_id=queue_id, have=[_number(each, "have") for each in given[-HELD:]])
    if isinstance(found, Nothing):
        return JsonResponse({"nothing": found.reason, "until": found.until})
    html = item_card(desk_item(found.session, found.settings, found.shown))
    return JsonResponse({"html": html, "session": found.session.pk})


def _buttons(row: Sequence[tuple[str, str]], keys: Mapping[str, str]) -> list[tuple[str, str, str]]:
    return [(act, word, keys[act]) for act, word in row]


def _shown(access: Access, queue_id: int, found: Taken | Nothing) -> dict[str, Any]:
    if isinstance(found, Nothing):
        return {"nothing": found.reason, "queue": one_queue(access, queue_id)}
    return {"it": desk_item(found.session, found.settings, found.shown), "queue": found.session.queue}


def _asked(request: HttpRequest) -> Mapping[str, Any]:
    """Read the question, sent as JSON or as a form."""
    if request.content_type != "application/json":
        return {name: request.POST.getlist(name) if name == "have" else request.POST[name] for name in request.POST}
    try:
        asked = json.loads(request.body)
    except ValueError:
        raise BadInput('The body is not JSON: expected {"have": [numbers of sessions]}.') from None
    if not isinstance(asked, dict):
        raise BadInput('The body is no JSON object: expected {"have": [numbers of sessions]}.')
    return asked


def _number(given: object, field: str) -> int:
    if isinstance(given, bool) or not str(given).isdecimal() or len(str(given)) > 18:
        raise BadInput(f"`{field}` holds {str(given)[:40]!r}: expected the number of a session.", field)
    return int(str(given))


urlpatterns: list[URLPattern] = [
    path("p/<slug:slug>/desk/<int:queue_id>/", desk_label, name="desk-label"),
    path("p/<slug:slug>/desk/<int:queue_id>/next/", desk_next, name="desk-next"),
]
