"""The labelling page while its server is killed and comes back: nothing is lost, nothing is stored twice."""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import Browser, expect

from annotations.models import LabelEvent, LabelSession
from tests.browser.conftest import session_cookie
from tests.browser.deskcast import crates, queue_of
from tests.factories import cast
from tests.webs import Web, web

__all__ = ["web"]
AWAY_SECONDS = 5


@pytest.mark.long
def test_a_server_that_dies_in_the_middle_loses_no_key(
    browser: Browser, transactional_db: None, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    # So it serves scripts and styles without collecting them first.
    monkeypatch.setenv("STUDIO_DEBUG", "1")
    server: Web = request.getfixturevalue("web")
    team = cast()
    queue = queue_of(team, [crates(team, 1), crates(team, 2)])
    context = browser.new_context(base_url=server.url)
    context.add_cookies([session_cookie(team.ada, server.url)])
    page = context.new_page()
    page.goto(f"/p/words/desk/{queue.pk}/")
    page.locator("article[hidden]").wait_for(state="attached")
    page.keyboard.type("111")
    expect(page.locator(".step .state[data-state=saved]")).to_have_count(3)
    server.kill()
    page.keyboard.type("11")
    expect(page.locator(".step .state[data-state=waiting]")).to_have_count(2)
    expect(page.locator("#desk-state")).to_contain_text("The server does not answer")
    page.keyboard.type("u1")
    page.keyboard.type("11111")
    page.keyboard.press("Control+Enter")
    expect(page.locator("article:not([hidden]) .asked")).to_contain_text("(Item 2)")
    time.sleep(AWAY_SECONDS)
    server.start()
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.locator("#desk-state")).to_be_hidden(timeout=20_000)
    context.close()
    done = LabelSession.objects.get(user=team.ada, state="submitted")
    assert (done.finish, done.ratings) == ("solution", 10)
    assert LabelEvent.objects.filter(author=team.ada).count() == 12
