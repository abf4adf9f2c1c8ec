"""How pages answer: whole or part, domain errors as status codes, projects by membership."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers

from annotations.errors import BadInput, Conflict, DomainError, NotAllowed, NotFound
from annotations.selectors import projects

View = Callable[..., HttpResponse]

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
    """A page of a project: the `slug` of the address becomes the viewer's Access (404 for strangers)."""

    @page
    @wraps(view)
    def inner(request: HttpRequest, slug: str, *args: Any, **kwargs: Any) -> HttpResponse:
        access = projects.access(request.user, slug)
        request.access = access  # type: ignore[attr-defined]  # the frame's tabs read it
        return view(request, access, *args, **kwargs)

    return inner
