"""The tour in short: a wrong label found and corrected, fifteen steps labelled blind by key, then everybody's word."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from annotations.jobs import request_planting
from annotations.tasks.loop import WorkLoop
from inference.types import Queue
from tests.browser.conftest import WIDE, Opener
from tests.browser.test_reading import NARROW, serious
from tests.factories import Cast, cast

CORPUS = {"problems": 40, "kinds": "arithmetic", "wrong_labels": 0.3, "seed": 1}


@pytest.fixture
def corpus(transactional_db: None) -> Cast:
    team = cast("words")
    request_planting(access=team.access(team.bo), params=CORPUS)
    assert WorkLoop(Queue.LIGHT).run_once()
    assert WorkLoop(Queue.TOOLS).run_once()
    return team


@pytest.mark.parametrize(
    ("viewport", "scheme"),
    [(WIDE, "light"), pytest.param(NARROW, "dark", marks=pytest.mark.long)],
    ids=["wide", "narrow"],
)
def test_wrong_labels_are_corrected_and_fifteen_steps_labelled_blind(
    open_page: Opener, corpus: Cast, viewport: dict[str, int], scheme: str
) -> None:
    page = open_page("/p/words/tour/", corpus.bo, viewport=viewport, color_scheme=scheme)
    assert serious(page, page.url) == []
    page.locator("#to-refuted").click()
    page.wait_for_url("**/review/?**")
    page.evaluate("() => { htmx.config.defaultSettleDelay = 400; }")  # keys come before a new form is bound
    for _ in range(3):
        shown = str(page.locator("#step [data-node]").get_attribute("data-node"))
        page.keyboard.press("3")
        expect(page.locator("#step [data-node]")).not_to_have_attribute("data-node", shown)
    page.goto("/p/words/tour/")
    expect(page.locator("#stop-refuted")).to_contain_text("You corrected 3 of 3")
    page.locator("#to-drill").click()
    page.wait_for_url("**/blind/")
    label_blind(page)
    assert serious(page, page.url) == []
    page.keyboard.press("g")
    expect(page.locator("#stop-blind.done")).to_be_visible()


def label_blind(page: Page) -> None:
    for number in range(1, 16):
        expect(page.get_by_role("heading", name=f"Step {number} of 15", exact=True)).to_be_attached()
        if number == 2:
            assert serious(page, page.url) == []
            page.keyboard.press("k")
            page.wait_for_url("**/?step=1")
            expect(page.locator("[aria-pressed=true]")).to_contain_text("Correct")
            page.keyboard.press("3")
            expect(page.get_by_role("heading", name="Step 2 of 15")).to_be_attached()
        page.keyboard.press("1")
    expect(page.get_by_role("heading", name="Who says what")).to_be_visible()
