"""A small desk of the tests' own: three steps, the desk's scripts, a server in memory that keeps the wire's promises.

It stands before the site's own addresses, so that the scripts are tried without anything else of the desk.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.template import Context, Engine
from django.urls import include, path

from annotations.access import Access
from annotations.pages.deskkeys import key_sheet
from annotations.pages.http import in_project

FOLDER = Path(__file__).parent


@dataclass
class Ledger:
    """What the server in memory stored, and how it is just now: up, failing, or refusing a text."""

    stored: list[dict[str, Any]] = field(default_factory=list)
    answers: dict[str, dict[str, Any]] = field(default_factory=dict)
    newest: dict[tuple[int, int], dict[str, Any]] = field(default_factory=dict)
    requests: list[int] = field(default_factory=list)
    fails: int = 0
    loses_answers: int = 0

    def answer(self, user: int, act: dict[str, Any]) -> dict[str, Any]:
        if act["key"] not in self.answers:
            self.answers[act["key"]] = {"key": act["key"], **self.store(user, act)}
        return self.answers[act["key"]]

    def store(self, user: int, act: dict[str, Any]) -> dict[str, Any]:
        if act.get("note") == "refuse this":
            return {"state": "refused", "field": "note", "message": "The note does not fit."}
        stands = self.newest.get((user, act.get("node", 0)))
        if act["kind"] == "rate" and act["seen"] != (stands["version"] if stands else 0):
            return {"state": "conflict", "stands": stands}
        version = len(self.stored) + 1
        self.stored.append({**act, "user": user})
        word = {name: act.get(name) for name in ("rating", "category", "note", "rewrite", "flagged", "chosen")}
        self.newest[user, act.get("node", 0)] = {
            **word,
            "version": version,
            "at": "2026-01-31T14:02:00Z",
            "client": "desk",
        }
        return {"state": "saved", "version": version, "at": "2026-01-31T14:02:00Z"}

    def ratings(self) -> list[tuple[int, str | None]]:
        return [(act["node"], act["rating"]) for act in self.stored]


LEDGER = Ledger()


@in_project
def acts(request: HttpRequest, access: Access) -> HttpResponse:
    asked = json.loads(request.body)
    LEDGER.requests.append(len(asked["acts"]))
    if asked["user"] != access.user.pk:
        return JsonResponse({"message": "Somebody else is signed in."}, status=403)
    if LEDGER.fails:
        LEDGER.fails -= 1
        return HttpResponse(status=503)
    if len(asked["acts"]) > 1 and any(act.get("note") == "break the request" for act in asked["acts"]):
        return JsonResponse({"message": "Too much."}, status=413)
    results = [LEDGER.answer(access.user.pk, act) for act in asked["acts"]]
    if LEDGER.loses_answers:
        LEDGER.loses_answers -= 1
        return HttpResponse(status=502)
    return JsonResponse({"results": results, "leases": {}})


@in_project
def desk(request: HttpRequest, access: Access) -> HttpResponse:
    get_token(request)
    words = [(node, LEDGER.newest.get((access.user.pk, node), {})) for node in (1, 2, 3)]
    page = Engine.get_default().from_string((FOLDER / "probe.html").read_text())
    return HttpResponse(page.render(Context({"access": access, "words": words, "keys": key_sheet(access)})))


def script(request: HttpRequest) -> HttpResponse:
    return HttpResponse((FOLDER / "probe.js").read_text(), content_type="text/javascript")


urlpatterns = [
    path("p/<slug:slug>/desk/probe/", desk),
    path("p/words/desk/probe.js", script),
    path("p/<slug:slug>/desk/acts/", acts),
    path("", include("rationale_studio.urls")),
]


def put_before_the_site(settings: Any) -> Ledger:
    """Put the probe before the site's addresses, with nothing stored."""
    settings.ROOT_URLCONF = "tests.browser.probe"
    LEDGER.__init__()  # type: ignore[misc]
    return LEDGER
