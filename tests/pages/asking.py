"""Ways to ask for a page: whole, as htmx asks for its part, as htmx asks when the history is walked back."""

from __future__ import annotations

from django.test import Client

from annotations.models import User

PART = {"HX-Request": "true"}
RESTORE = {"HX-Request": "true", "HX-History-Restore-Request": "true"}


def sign_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def three_ways(client: Client, url: str) -> str:
    """Ask for `url` in all three ways, check that each is what it should be, and return the whole page."""
    whole, part, restored = client.get(url), client.get(url, headers=PART), client.get(url, headers=RESTORE)
    assert (whole.status_code, part.status_code, restored.status_code) == (200, 200, 200)
    assert "<html" in whole.text
    assert "<html" in restored.text
    assert "<html" not in part.text
    assert "HX-Request" in part.headers["Vary"]
    return str(whole.text)
