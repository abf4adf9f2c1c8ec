"""The permission matrix: every address, method and role, asked for and compared with tests/api/permissions.py."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.urls import get_resolver, reverse

from annotations import teams
from annotations.models import User
from annotations.selectors.projects import access
from inference.types import Role
from tests.api.asking import ask, forgotten, with_file
from tests.api.permissions import API, IN_ARCHIVE, PUBLIC, SIGNED_IN, SITE_ADMIN, TABLE, Who, arguments, url_patterns
from tests.factories import Cast, Filled, cast, fill, person

pytestmark = pytest.mark.django_db
NAMES = [str(entry.name) for entry in url_patterns()]
ROWS = [(name, method) for name in NAMES for method in TABLE.get(name, {})]
CLOSED = (401, 403, 404)


@pytest.fixture
def team() -> Cast:
    cache.clear()
    return cast()


@pytest.fixture
def ours(team: Cast) -> Filled:
    return with_file(fill(team.project, team.ada))


def test_every_address_says_who_may_ask_it() -> None:
    assert [name for name in NAMES if name not in TABLE] == []
    assert [name for name in TABLE if name not in NAMES] == []
    assert len(NAMES) == len(set(NAMES))


def expected(who: Who, role: Role | None, user: User) -> str:
    """Return "open" or the status that a signed-in person with `role` (None: a stranger) gets."""
    if who == SITE_ADMIN and role is not None:
        return "open" if user.is_superuser else "403"
    if who == SITE_ADMIN:
        return "404"
    if isinstance(who, str):
        return "open"
    if role is None:
        return "404"
    return "open" if role in who else "403"


def word(status: int) -> str:
    return str(status) if status in CLOSED or status >= 500 else "open"


@pytest.mark.parametrize(("name", "method"), ROWS)
def test_everybody_gets_the_declared_answer(name: str, method: str, team: Cast, ours: Filled) -> None:
    who = TABLE[name][method]
    url = reverse(name, kwargs=arguments(name, ours))
    people: list[tuple[User, Role | None]] = [
        (team.odo, Role.OWNER),
        (team.bo, Role.REVIEWER),
        (team.ada, Role.ANNOTATOR),
        (team.vi, Role.VIEWER),
        (team.cy, None),
        (person("root", is_superuser=True), Role.OWNER),
    ]
    for user, role in people:
        with forgotten():
            answer = ask(user, name, method, url)
        assert word(answer.status_code) == expected(who, role, user), (user.username, answer.status_code, url)


@pytest.mark.parametrize(("name", "method"), ROWS)
def test_nobody_gets_in_without_signing_in(name: str, method: str, ours: Filled) -> None:
    url = reverse(name, kwargs=arguments(name, ours))
    answer = ask(None, name, method, url)
    if TABLE[name][method] == PUBLIC:
        assert word(answer.status_code) == "open"
    elif name in API:
        assert answer.status_code == 401
    elif name not in ("login", "logout"):
        assert answer.status_code == 302 and answer["Location"].startswith("/login/?next=")


@pytest.mark.parametrize(("name", "method"), [row for row in ROWS if row[1] != "GET"])
def test_an_archived_project_takes_nothing(name: str, method: str, team: Cast, ours: Filled) -> None:
    if TABLE[name][method] in (PUBLIC, SIGNED_IN):
        return
    teams.archive_project(access=access(team.odo, "words"), archived=True)
    with forgotten():
        answer = ask(team.odo, name, method, reverse(name, kwargs=arguments(name, ours)))
    assert word(answer.status_code) == ("open" if name in IN_ARCHIVE else "403")


@pytest.mark.parametrize("name", [name for name in NAMES if name in API])
def test_a_method_that_is_not_declared_is_not_there(name: str, team: Cast, ours: Filled) -> None:
    url = reverse(name, kwargs=arguments(name, ours))
    for method in {"GET", "POST", "PUT", "PATCH", "DELETE"} - set(API[name]):
        assert ask(team.odo, name, method, url).status_code == 405, method


def test_the_admin_is_for_site_admins(team: Cast) -> None:
    assert "admin" in get_resolver().namespace_dict
    for user in (None, team.odo):
        answer = ask(user, "login", "GET", "/admin/")
        assert (answer.status_code, answer["Location"][:13]) == (302, "/admin/login/")
