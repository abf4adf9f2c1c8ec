"""A headless Chromium on the live server. A console error, an uncaught error or a policy violation fails the test."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from threading import get_ident
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings
from django.core.signals import request_finished, request_started

if TYPE_CHECKING:
    from annotations.models import Tree, User
    from tests.factories import Cast

sync_api = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
CHROMIUM = next((path for name in ("chromium", "chromium-browser") if (path := shutil.which(name))), None)
WIDE = {"width": 1280, "height": 800}
FLAGS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "browser" in item.nodeid.split("/"):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser() -> Iterator[sync_api.Browser]:
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed")
    flags = [*FLAGS, "--no-sandbox"] if os.geteuid() == 0 else FLAGS
    with sync_api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        yield chromium
        chromium.close()


@pytest.fixture
def planted(transactional_db: None) -> tuple[Cast, Tree]:
    """A fresh garden: the cast and the tree about Lena."""
    from tests.browser.garden import garden  # this file is read before Django is ready

    return garden()


class Opener:
    """Opens addresses as somebody and remembers what the console complained of."""

    def __init__(self, browser: sync_api.Browser, url: str) -> None:
        self.browser, self.url = browser, url
        self.contexts: list[sync_api.BrowserContext] = []
        self.complaints: list[str] = []

    def __call__(self, address: str, user: User | None = None, **options: Any) -> sync_api.Page:
        context = self.browser.new_context(base_url=self.url, **{"viewport": WIDE, **options})
        self.contexts.append(context)
        if user is not None:
            context.add_cookies([session_cookie(user, self.url)])
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.goto(address)
        return page

    def forgive(self, words: str) -> None:
        """Let a complaint pass that the story provoked, such as the browser's line about a 409."""
        assert any(words in said for said in self.complaints), self.complaints
        self.complaints = [said for said in self.complaints if words not in said]

    def expected(self) -> None:
        """Forget all complaints so far: the story provoked them."""
        self.complaints.clear()

    def close(self) -> None:
        for context in self.contexts:
            context.close()


class Requests:
    """The requests that the live server is at: what a closed page had still sent goes on, and holds its tables."""

    def __init__(self) -> None:
        self.going: set[int] = set()
        request_started.connect(self.begin)
        request_finished.connect(self.end)

    def begin(self, **_: Any) -> None:
        self.going.add(get_ident())

    def end(self, **_: Any) -> None:
        self.going.discard(get_ident())

    def wait(self) -> None:
        """Wait until none is left, as the tables are emptied next."""
        until = time.monotonic() + 10
        while self.going and time.monotonic() < until:
            time.sleep(0.01)

    def close(self) -> None:
        request_started.disconnect(self.begin)
        request_finished.disconnect(self.end)


@pytest.fixture
def open_page(browser: sync_api.Browser, live_server: Any) -> Iterator[Opener]:
    opened, requests = Opener(browser, live_server.url), Requests()
    yield opened
    opened.close()
    requests.wait()
    requests.close()
    assert opened.complaints == []


def session_cookie(user: User, url: str) -> dict[str, str]:
    from django.test import Client

    client = Client()
    client.force_login(user)
    name = settings.SESSION_COOKIE_NAME
    return {"name": name, "value": client.cookies[name].value, "url": url}
