"""Where the labelling page sends what a person does: JSON in, JSON out, each act answered for itself."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.views.decorators.http import require_POST

from annotations import rules
from annotations.access import Access
from annotations.desk.acting import leases, save_acts
from annotations.errors import BadInput, NotAllowed
from annotations.pages.http import in_project_at_once
from annotations.rules import Act

LIMIT_BYTES = 1_000_000


@require_POST
@in_project_at_once
def desk_acts(request: HttpRequest, access: Access) -> HttpResponse:
    rules.check(access, Act.LABEL)
    outcomes = save_acts(access=access, acts=_acts(request, access))
    held = {str(session): until.isoformat(timespec="seconds") for session, until in leases(outcomes).items()}
    answer = {"results": [outcome.as_dict() for outcome in outcomes], "leases": held}
    return HttpResponse(json.dumps(answer, separators=(",", ":")), content_type="application/json")


def _acts(request: HttpRequest, access: Access) -> list[Any]:
    """Read the acts; a page that was opened by somebody else ("user") sends none in this person's name."""
    if len(request.body) > LIMIT_BYTES:
        raise BadInput("A request carries at most 1 MB: send fewer acts at a time.", "acts")
    try:
        given = json.loads(request.body)
    except (ValueError, RecursionError):
        raise BadInput('The body is not JSON: expected {"acts": [...]}.', "acts") from None
    acts = given.get("acts") if isinstance(given, dict) else None
    if not isinstance(acts, list):
        raise BadInput('The body holds no list of acts: expected {"acts": [...]}.', "acts")
    if given.get("user", access.user.pk) != access.user.pk:
        raise NotAllowed("These acts are somebody else's: they wait until he signs in again.")
    return acts


urlpatterns: list[URLPattern] = [path("p/<slug:slug>/desk/acts/", desk_acts, name="desk-acts")]
