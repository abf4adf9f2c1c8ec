"""How pages answer: whole or part, domain errors as status codes, projects by membership."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY
from django.contrib.auth.decorators import login_required
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers
from django.utils.crypto import constant_time_compare

from annotations import rules
from annotations.access import Access
from annotations.errors import BadInput, Conflict, DomainError, NotAllowed, NotFound
from annotations.rules import Act
from annotations.selectors import projects
from annotations.selectors.projects import SignedIn
from annotations.selectors.together import GuardFailed, guarded
from annotations.sessions import SessionStore

View = Callable[..., HttpResponse]

# By session and project: what a process found out about those who asked it.
_remembered: dict[tuple[str, str], SignedIn] = {}
MOST_REMEMBERED = 1_000

# The pages of annotators who see only what is assigned to them; each shows a viewer his own work alone.
FOR_ASSIGNED = frozenset(
    {"desk", "desk-label", "desk-next", "desk-acts", "desk-mine", "desk-keys", "desk-progress", "guidelines"}
)
FRONT = "problem-list"
STATUS: dict[type[DomainError], int] = {BadInput: 400, NotAllowed: 403, NotFound: 404, Conflict: 409}


def wants_part(request: HttpRequest) -> bool:
    """Return whether htmx asks for a fragment; a history restore needs the whole page."""
    headers = request.headers
    return headers.get("HX-Request") == "true" and headers.get("HX-History-Restore-Request") != "true"


def page_or_part(
    request: HttpRequest, template: str, part: str, context: Mapping[str, Any], status: int = 200
) -> HttpResponse:
    """Render `template`, or only its partial `part` for htmx; templates test `is_part`."""
    is_part = wants_part(request)
    name = f"{template}#{part}" if is_part else template
    response = render(request, name, {**context, "is_part": is_part}, status=status)
    patch_vary_headers(response, ["HX-Request", "HX-History-Restore-Request"])
    return response


def error_response(request: HttpRequest, error: DomainError) -> HttpResponse:
    """Render the sentence of a domain error: a part for htmx (shown in the alert region), else a page."""
    status = STATUS.get(type(error), 400)
    return page_or_part(request, "error.html", "message", {"message": str(error), "status": status}, status)


def page(view: View) -> View:
    """Sign-in needed; domain errors become answers."""

    @login_required
    @wraps(view)
    def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except DomainError as error:
            return error_response(request, error)

    return inner


def in_project(view: View) -> View:
    """A page of a project: the `slug` of the address becomes the viewer's Access (404 for strangers).

    Whoever may not browse the project has the pages of FOR_ASSIGNED; its front page leads him to the desk.
    """

    inner = _with_access(view)

    @wraps(view)
    def outer(request: HttpRequest, slug: str, *args: Any, **kwargs: Any) -> HttpResponse:
        recognise(request, slug)
        return inner(request, slug, *args, **kwargs)

    return outer


def in_project_at_once(view: View) -> View:
    """`in_project` for a view that is asked again and again: who asks is looked up in the message that it sends first.

    Who a session's user is, and what he may, is remembered. Where anything of it has changed, that message does
    nothing at all, and the view is asked once more as every other one.
    """
    inner, plain = _with_access(view), in_project(view)

    @wraps(view)
    def outer(request: HttpRequest, slug: str, *args: Any, **kwargs: Any) -> HttpResponse:
        known = _remembered.get((request.session.session_key or "", slug))
        if known is None or connection.in_atomic_block:
            return plain(request, slug, *args, **kwargs)
        unknown = request.user
        access = known.access()
        request.user, request.access = access.user, access  # type: ignore[attr-defined]
        try:
            with guarded(known.still()):
                return inner(request, slug, *args, **kwargs)
        except GuardFailed:
            _remembered.pop((known.session, slug), None)
        request.user = unknown
        del request.access  # type: ignore[attr-defined]
        return plain(request, slug, *args, **kwargs)

    return outer


def _with_access(view: View) -> View:
    @page
    @wraps(view)
    def inner(request: HttpRequest, slug: str, *args: Any, **kwargs: Any) -> HttpResponse:
        if not hasattr(request, "access"):
            request.access = projects.access(request.user, slug)  # type: ignore[attr-defined]
        access: Access = request.access  # type: ignore[attr-defined]
        name = str(request.resolver_match.url_name) if request.resolver_match else ""
        if name not in FOR_ASSIGNED and not rules.can(access, Act.BROWSE):
            if name == FRONT:
                return redirect("desk", slug)
            rules.check(access, Act.BROWSE)
        return view(request, access, *args, **kwargs)

    return inner


def recognise(request: HttpRequest, slug: str) -> None:
    """Set the request's user and access from one query where nothing is in doubt; else the usual way finds out.

    Not in doubt is a session of this site's only backend whose user has the password that he signed in with.
    """
    session = request.session
    if not isinstance(session, SessionStore) or session.session_key is None:
        return
    found = projects.signed_in(session.session_key, slug)
    if found is None:
        return
    access = found.access()
    session.read(found.data)
    mark = session.get(HASH_SESSION_KEY, "")
    if session.get(BACKEND_SESSION_KEY) not in settings.AUTHENTICATION_BACKENDS:
        return
    if constant_time_compare(mark, access.user.get_session_auth_hash()):
        request.user = access.user
        request.access = access  # type: ignore[attr-defined]  # the frame's tabs read it
        _remember(found)


def _remember(found: SignedIn) -> None:
    while len(_remembered) >= MOST_REMEMBERED:
        _remembered.pop(next(iter(_remembered)), None)
    _remembered[found.session, found.slug] = found
