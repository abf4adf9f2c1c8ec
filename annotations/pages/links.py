"""Addresses that say what is open, filtered and sorted, without the fields that say nothing."""

from __future__ import annotations

from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse
from django.utils.http import urlencode

from annotations.pages.http import wants_part

# What a list shows anyway needs no words in its address.
USUAL = {("sort", "number"), ("page", "1")}


def address(path: str, fields: Mapping[str, str | int]) -> str:
    """Return the path with the fields that hold something."""
    query = urlencode({name: value for name, value in fields.items() if value != ""})
    return f"{path}?{query}" if query else path


def with_clean_address(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Have htmx write the address of a filter form without its empty fields."""
    if wants_part(request) and "q" in request.GET:
        given = {name: str(value) for name, value in request.GET.items() if (name, value) not in USUAL}
        response["HX-Push-Url"] = address(request.path, given)
    return response
