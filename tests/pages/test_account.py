"""Signing in: tries are bounded, and a link of the start works once."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.test import Client

from annotations.entering import token_for
from annotations.pages.account import TRIES_FOR_A_NAME
from tests.factories import PASSWORD, cast, person

pytestmark = pytest.mark.django_db


def test_a_password_cannot_be_guessed_at_speed() -> None:
    cache.clear()
    cast()
    guess = Client()
    for _ in range(TRIES_FOR_A_NAME):
        assert guess.post("/login/", {"username": "ada", "password": "guess"}).status_code == 200
    refused = guess.post("/login/", {"username": "Ada", "password": PASSWORD})
    assert refused.status_code == 429
    assert "Too many tries" in refused.text
    assert guess.post("/login/", {"username": "bo", "password": PASSWORD}).status_code == 302
    cache.clear()


def test_a_link_of_the_start_signs_in_once_and_leads_on() -> None:
    ada = person("ada")
    link = f"/enter/{token_for(ada)}/?next=/p/words/review/"

    entering = Client()
    first, second = entering.get(link), Client().get(link)
    assert (first["Location"], entering.session["_auth_user_id"]) == ("/p/words/review/", str(ada.pk))
    assert second["Location"] == "/login/?next=/p/words/review/"
    elsewhere = f"/enter/{token_for(person('ada'))}/?next=https://elsewhere.example/"
    assert Client().get(elsewhere)["Location"] == "/"
    assert Client().get("/enter/forged/")["Location"].startswith("/login/")
