"""What stories in the browser do again and again."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

SERIOUS = ("serious", "critical")


def press(page: Page, selector: str) -> None:
    """Press what a selector names, by keyboard."""
    page.locator(selector).focus()
    page.keyboard.press("Enter")


def clean(page: Page) -> None:
    """Assert that axe finds nothing serious on the page as it is."""
    found = Axe().run(page).response["violations"]
    assert not [(each["id"], each["nodes"][0]["html"]) for each in found if each["impact"] in SERIOUS], page.url
