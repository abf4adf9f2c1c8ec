"""The first page: the viewer's projects, and a new one."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.views.decorators.http import require_http_methods

from annotations import teams
from annotations.errors import BadInput
from annotations.pages.http import page, page_or_part
from annotations.selectors import projects


@page
@require_http_methods(["GET", "HEAD", "POST"])
def home(request: HttpRequest) -> HttpResponse:
    """List projects (the part is the switch in the top bar); a POST makes one."""
    user = request.user
    assert user.is_authenticated  # noqa: S101 the decorator signed somebody in
    name, wrong = request.POST.get("name", ""), ""
    if request.method == "POST":
        try:
            made = teams.create_project(actor=user, name=name)
        except BadInput as error:
            wrong = str(error)
        else:
            return redirect("problem-list", made.slug)
    cards = list(projects.project_cards(user))
    context = {
        "projects": [card for card in cards if card.archived_at is None],
        "archived": [card for card in cards if card.archived_at is not None],
        "name": name,
        "wrong": wrong,
    }
    return page_or_part(request, "home/projects.html", "menu", context, status=400 if wrong else 200)


urlpatterns: list[URLPattern] = [path("", home, name="home")]
