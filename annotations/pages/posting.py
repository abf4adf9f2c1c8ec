"""What a page answers to a posted form: the way on, or the form again with what was typed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from annotations.pages.http import page_or_part, wants_part


def done(request: HttpRequest, url: str, word: str) -> HttpResponse:
    """Go on to `url` (htmx follows and swaps its part) and say there what was done."""
    messages.info(request, word)
    return redirect(url)


def leave(request: HttpRequest, url: str) -> HttpResponse:
    """Go to another page; htmx loads it whole."""
    if wants_part(request):
        return HttpResponse(status=204, headers={"HX-Redirect": url})
    return redirect(url)


def again(request: HttpRequest, template: str, part: str, context: Mapping[str, Any]) -> HttpResponse:
    """Show the form again with its refusals; htmx swaps a 400 into forms that have data-keep."""
    return page_or_part(request, template, part, context, status=400)
