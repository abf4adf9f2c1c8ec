"""An annotator who sees only what is assigned to him: every other address of the project is closed to him."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.urls import reverse

from annotations.models import Project
from tests.api.asking import ask, forgotten, with_file
from tests.api.permissions import ASSIGNED, TABLE, arguments, url_patterns
from tests.factories import Cast, Filled, cast, fill
from tests.pages.asking import sign_in

pytestmark = pytest.mark.django_db
ROWS = [
    (str(entry.name), method)
    for entry in url_patterns()
    for method, who in TABLE.get(str(entry.name), {}).items()
    if isinstance(who, frozenset) and (str(entry.name), method) != ("problem-list", "GET")
]


@pytest.fixture
def team() -> Cast:
    cache.clear()
    made = cast()
    Project.objects.filter(pk=made.project.pk).update(settings={"assigned": True})
    return made


@pytest.fixture
def ours(team: Cast) -> Filled:
    return with_file(fill(team.project, team.ada))


def test_everything_but_the_desk_is_closed(team: Cast, ours: Filled) -> None:
    opened = set()
    for name, method in ROWS:
        with forgotten():
            answer = ask(team.ada, name, method, reverse(name, kwargs=arguments(name, ours)))
        assert answer.status_code < 500, name
        if answer.status_code not in (403, 404):
            opened.add(name)

    assert opened <= ASSIGNED
    assert {"desk", "guidelines", "api-queues"} <= opened


def test_the_project_leads_to_the_desk_and_no_tab_leads_elsewhere(team: Cast, ours: Filled) -> None:
    ada = sign_in(team.ada)

    page = ada.get("/p/words/", follow=True)

    assert page.redirect_chain == [("/p/words/desk/", 302)]
    for closed in ("problem-list", "tree-list", "review", "run-list", "settings", "tour"):
        assert f'href="{reverse(closed, args=["words"])}"' not in page.text
    assert 'href="/p/words/guidelines/"' in page.text


def test_reviewers_and_viewers_browse_as_before(team: Cast, ours: Filled) -> None:
    for user in (team.bo, team.vi):
        assert sign_in(user).get("/p/words/").status_code == 200
