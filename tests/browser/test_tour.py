"""The ten-minute tour on a fresh studio, by key: real servers, workers and model, a worker killed on the way."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Page, expect

from tests.browser.conftest import Opener
from tests.studios import Terminal, opened

pytestmark = [pytest.mark.long, pytest.mark.model, pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")]
MINUTE = 60_000
REPLAYED, GROWN = "#stop-replay.done", "#stop-grow.done"


@pytest.fixture
def studio() -> Iterator[Terminal]:
    with opened("tour", STUDIO_MODELS=str(settings.MODELS_DIR)) as started:
        started.await_words("is open at")
        yield started


@pytest.fixture
def page(studio: Terminal, browser: Any) -> Iterator[Page]:
    """The studio's own page, signed in."""
    opener = Opener(browser, studio.address)
    shown = opener("/login/")
    shown.fill("[name=username]", "admin")
    shown.fill("[name=password]", studio.password())
    shown.keyboard.press("Enter")
    expect(shown.get_by_role("heading", name="Projects")).to_be_visible()
    yield shown
    opener.close()
    assert opener.complaints == []


def test_the_tour_holds_what_it_says(page: Page, tmp_path: Path) -> None:
    page.keyboard.press("t")
    expect(page.get_by_role("heading", name="Tour")).to_be_visible()
    plant_and_set_to_work(page)
    correct_three(page)
    label_fifteen_blind(page)
    done(page, "#to-head", 10)
    page.locator("#act-replay").click()
    done(page, REPLAYED, 10)
    expect(page.locator("#stop-replay")).to_contain_text("AUROC")
    done(page, "#act-grow", 10)
    grow_and_kill(page)
    take_along(page, tmp_path)


def plant_and_set_to_work(page: Page) -> None:
    page.keyboard.press("g")
    done(page, "#stop-corpus.done", 2)
    page.keyboard.press("g")
    page.locator("#act-stories").click()
    page.locator("#act-measure").click(timeout=MINUTE)


def correct_three(page: Page) -> None:
    page.locator("#to-refuted").click()
    page.wait_for_url("**/review/?**")
    expect(page.locator("#step .evidence").first).to_contain_text("refuted")
    for _ in range(3):
        step = page.locator("#step [data-node]").get_attribute("data-node")
        page.keyboard.press("3")
        expect(page.locator("#step [data-node]")).not_to_have_attribute("data-node", str(step))
    page.get_by_role("link", name="Tour", exact=True).first.click()
    expect(page.locator("#stop-refuted")).to_contain_text("You corrected 3 of 3")


def label_fifteen_blind(page: Page) -> None:
    page.locator("#to-drill").click()
    page.wait_for_url("**/blind/")
    for number in range(1, 16):
        expect(page.get_by_role("heading", name=f"Step {number} of 15")).to_be_attached()
        expect(page.locator("#drill")).not_to_contain_text("refuted")
        page.keyboard.press("31"[number % 2])
    expect(page.get_by_role("heading", name="Who says what")).to_be_visible()
    expect(page.locator(".agree")).to_contain_text("you and the labels agree")
    page.keyboard.press("g")


def grow_and_kill(page: Page) -> None:
    """Grow within the band, watch a tree, and kill the worker that grows."""
    page.locator("#act-grow").click()
    page.locator("#to-live").wait_for(timeout=5 * MINUTE)
    page.locator("#stop-kill code").wait_for()
    pid = int(page.locator("#stop-kill code").inner_text().removeprefix("kill -9 "))
    os.kill(pid, 9)
    expect(page.locator("#stop-kill")).to_contain_text(f"Process {pid} is gone", timeout=3 * MINUTE)
    done(page, GROWN, 15)


def take_along(page: Page, folder: Path) -> None:
    """Run the three lines of the page, as they stand there, where the file was put."""
    page.locator("#act-export").click()
    with page.expect_download(timeout=2 * MINUTE) as taken:
        page.locator("#to-file").click(timeout=2 * MINUTE)
    taken.value.save_as(folder / taken.value.suggested_filename)
    lines = page.locator("#stop-export pre").inner_text()
    command = [sys.executable, "-c", lines + "\nprint(rows.num_rows)"]
    environment = {**os.environ, "HF_HOME": str(folder / "hub"), "HF_DATASETS_OFFLINE": "1"}
    said = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=True)
    first = json.loads((folder / taken.value.suggested_filename).read_text().splitlines()[0])
    assert first["prompt"] in said.stdout
    assert int(said.stdout.split()[-1]) > 100


def done(page: Page, what: str, minutes: int) -> None:
    page.locator(what).wait_for(timeout=minutes * MINUTE)
