"""The frame: signing in, the projects of a person, the tabs, errors with the right status."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from annotations.models import Project
from tests.factories import PASSWORD, cast
from tests.pages.asking import PART, RESTORE

pytestmark = pytest.mark.django_db


def test_a_stranger_to_the_site_is_sent_to_sign_in_and_comes_back(client: Client) -> None:
    cast()
    sent = client.get("/p/words/")
    assert sent.status_code == 302
    assert sent["Location"] == "/login/?next=/p/words/"
    back = client.post("/login/", {"username": "ada", "password": PASSWORD, "next": "/p/words/"})
    assert back["Location"] == "/p/words/"


def test_a_wrong_password_is_said_beside_the_form(client: Client) -> None:
    cast()
    page = client.post("/login/", {"username": "ada", "password": "no"})
    assert page.status_code == 200
    assert "do not match" in page.content.decode()
    assert 'value="ada"' in page.content.decode()


def test_signing_out_ends_the_session(client: Client) -> None:
    client.force_login(cast().ada)
    client.post("/logout/")
    assert client.get("/").status_code == 302


def test_home_lists_ones_projects_with_the_archived_marked_and_last(client: Client) -> None:
    team = cast()
    cast("units")
    Project.objects.filter(slug="units").update(archived_at=timezone.now())
    client.force_login(team.ada)
    page = client.get("/").content.decode()
    assert page.index("Words") < page.index("Units") < page.index("archived")
    client.force_login(team.cy)
    assert "No project yet" in client.get("/").content.decode()


def test_home_as_a_part_is_the_switch_and_as_a_restore_the_whole_page(client: Client) -> None:
    client.force_login(cast().ada)
    part = client.get("/", headers=PART).content.decode()
    assert "<html" not in part
    assert '<a href="/p/words/">Words</a>' in part
    restored = client.get("/", headers=RESTORE)
    assert "<html" in restored.content.decode()
    assert "HX-Request" in restored["Vary"]


def test_a_new_project_opens_and_an_empty_name_is_refused(client: Client) -> None:
    client.force_login(cast().cy)
    assert client.post("/", {"name": "Units"})["Location"] == "/p/units/"
    refused = client.post("/", {"name": " "})
    assert refused.status_code == 400
    assert "1 to 120 characters" in refused.content.decode()


def test_another_teams_project_is_not_there(client: Client) -> None:
    client.force_login(cast().cy)
    page = client.get("/p/words/")
    assert page.status_code == 404
    assert "There is no such project." in page.content.decode()
    part = client.get("/p/words/", headers=PART)
    assert part.status_code == 404
    assert "<html" not in part.content.decode()


def test_the_current_tab_is_marked(client: Client) -> None:
    client.force_login(cast().ada)
    page = client.get("/p/words/").content.decode()
    assert '<a href="/p/words/" aria-current="page">Problems</a>' in page
    page = client.get("/p/words/guidelines/").content.decode()
    assert '<a href="/p/words/settings/" aria-current="page">Settings</a>' in page


def test_pages_hold_no_inline_code(client: Client) -> None:
    client.force_login(cast().ada)
    for address in ("/", "/p/words/"):
        page = client.get(address)
        assert "'unsafe" not in page["Content-Security-Policy"]
        for inline in ("<style", " style=", " onclick=", "javascript:", "<script>"):
            assert inline not in page.content.decode()
