"""A token is given for a password, opens the API, and dies with its revocation or its owner."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.test import Client
from rest_framework.test import APIClient

from annotations import teams
from annotations.models import AuditEvent
from tests.factories import PASSWORD, Cast, cast, person

pytestmark = pytest.mark.django_db
URL = "/api/v1/token/"


@pytest.fixture
def team() -> Cast:
    cache.clear()
    return cast()


def token(username: str, password: str = PASSWORD) -> str:
    answer = APIClient().post(URL, {"username": username, "password": password})
    assert answer.status_code == 200, answer.json()
    return str(answer.json()["token"])


def ask(key: str) -> int:
    return Client().get("/api/v1/projects/words/", headers={"Authorization": f"Token {key}"}).status_code


def test_a_token_is_given_for_a_password_and_stays_the_same(team: Cast) -> None:
    key = token("ada")
    assert key == token("ada")
    assert ask(key) == 200
    assert AuditEvent.objects.filter(actor=team.ada, action="token made").count() == 1


def test_a_wrong_password_gets_none(team: Cast) -> None:
    for body in ({"username": "ada", "password": "wrong"}, {"username": "nobody", "password": PASSWORD}):
        answer = APIClient().post(URL, body)
        assert (answer.status_code, answer.json()["error"]) == (403, "No account has this username and password.")


def test_guessing_is_slowed_down_for_one_name_and_not_for_another(team: Cast) -> None:
    codes = [APIClient().post(URL, {"username": "Ada", "password": "x"}).status_code for _ in range(11)]
    assert codes == [403] * 10 + [429]
    assert token("bo")


def test_a_revoked_token_opens_nothing(team: Cast) -> None:
    key = token("ada")
    client = Client(headers={"Authorization": f"Token {key}"})
    assert client.delete(URL).status_code == 204
    assert ask(key) == 401
    assert token("ada") != key


def test_the_token_of_an_anonymised_person_opens_nothing(team: Cast) -> None:
    key = token("ada")
    teams.anonymise_person(actor=person("root", is_superuser=True), user_id=team.ada.pk)
    assert ask(key) == 401


def test_without_a_token_the_api_says_how_to_sign_in(team: Cast) -> None:
    answer = Client().get("/api/v1/projects/")
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Token")
    assert answer.json() == {"error": "Authentication credentials were not provided."}
    assert ask("nonsense") == 401


def test_a_session_reads_and_needs_the_csrf_token_to_write(team: Cast) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(team.ada)
    assert browser.get("/api/v1/projects/words/").status_code == 200
    refused = browser.post("/api/v1/projects/words/nodes/1/labels/", {"rating": None}, "application/json")
    assert refused.status_code == 403 and "CSRF" in refused.json()["error"]
