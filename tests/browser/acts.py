"""What stories in the browser do again and again."""

from __future__ import annotations

from collections.abc import Callable

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Route

SERIOUS = ("serious", "critical")


def press(page: Page, selector: str) -> None:
    """Press what a selector names, by keyboard."""
    page.locator(selector).focus()
    page.keyboard.press("Enter")


def clean(page: Page) -> None:
    """Assert that axe finds nothing serious on the page as it is."""
    found = Axe().run(page).response["violations"]
    assert not [(each["id"], each["nodes"][0]["html"]) for each in found if each["impact"] in SERIOUS], page.url


def before_script(page: Page, address: str, script: str) -> Callable[[], None]:
    """Open an address whose script of this name comes late, as on a slow machine; return what lets it come."""
    held: list[Route] = []
    pattern = f"**/js/{script}*.js"
    page.route(pattern, lambda route: held.append(route))  # noqa: PLW0108 - playwright marks the function that it is given
    with page.expect_request(pattern):
        page.goto(address, wait_until="commit")

    def come() -> None:
        for route in held:
            route.continue_()
        page.unroute(pattern)
        page.wait_for_load_state()

    return come
