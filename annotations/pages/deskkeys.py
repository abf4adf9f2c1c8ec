"""A person's keys of the desk: shown, changed, brought back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.templatetags.static import static
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_http_methods

from annotations import rules
from annotations.access import Access
from annotations.desk import keys
from annotations.errors import BadInput
from annotations.pages.deskframe import framed
from annotations.pages.http import in_project, page_or_part
from annotations.pages.posting import again, done
from annotations.rules import Act

TEMPLATE = "desk/keys.html"


@require_http_methods(["GET", "HEAD", "POST"])
@in_project
def desk_keys(request: HttpRequest, access: Access) -> HttpResponse:
    """Show the keys; a posted form sets them, "reset" brings the usual ones back."""
    rules.check(access, Act.LABEL)
    if request.method != "POST":
        return page_or_part(request, TEMPLATE, "section", _context(access, keys.keys_of(access.user)))
    reset = request.POST.get("act") == "reset"
    typed = {name: request.POST[name] for name in keys.ACTS if name in request.POST and not reset}
    try:
        keys.set_keys(access=access, keys=typed)
    except BadInput as error:
        context = _context(access, {**keys.keys_of(access.user), **typed}, {error.field: str(error)})
        return again(request, TEMPLATE, "section", context)
    here = reverse("desk-keys", args=[access.project.slug])
    return done(request, here, "The usual keys are back." if reset else "Keys saved.")


def key_sheet(access: Access) -> dict[str, Any]:
    """Return what deskkeys.js reads from #desk-keys: the viewer's keys, where to change them, what comes if needed."""
    return {
        "keys": keys.sheet_of(access.user),
        "url": reverse("desk-keys", args=[access.project.slug]),
        "late": [static("js/desksheets.js"), static("css/desksheets.css")],
    }


def _context(access: Access, typed: Mapping[str, str], errors: Mapping[str, str] | None = None) -> dict[str, Any]:
    groups: dict[str, list[dict[str, Any]]] = {}
    for name, act in keys.ACTS.items():
        row = {"name": name, "act": act, "key": typed[name], "wrong": (errors or {}).get(name, "")}
        groups.setdefault(act.group, []).append(row)
    return framed(access, "desk-keys", groups=groups.items(), errors=errors, named=keys.NAMED)


urlpatterns: list[URLPattern] = [path("p/<slug:slug>/desk/keys/", desk_keys, name="desk-keys")]
