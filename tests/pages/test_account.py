"""Signing in: tries are bounded."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.test import Client

from annotations.pages.account import TRIES_FOR_A_NAME
from tests.factories import PASSWORD, cast

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
