"""Reviewing by keys: walk the list, correct in place, take it back; the list stays as it stood."""

from __future__ import annotations

from playwright.sync_api import Route, expect

from annotations.models import LabelEvent, Tree
from tests.browser.conftest import Opener
from tests.factories import Cast


def test_a_reviewer_corrects_by_keys_and_takes_it_back(open_page: Opener, planted: tuple[Cast, Tree]) -> None:
    team, _ = planted
    page = open_page("/p/words/review/?matrix=check", team.bo)
    rows = page.locator("#rows a[data-node]")
    nodes = [row.get_attribute("data-node") for row in rows.all()]
    assert len(nodes) == 1

    page.goto("/p/words/review/?matrix=label&cell=correct.none")
    nodes = [row.get_attribute("data-node") for row in rows.all()]
    page.keyboard.press("j")
    page.wait_for_selector(f'#step [data-node="{nodes[1]}"]')
    page.keyboard.press("3")
    page.wait_for_selector(f'#step [data-node="{nodes[2]}"]')
    assert page.locator(f'#rows a[data-node="{nodes[1]}"] .rating').inner_text() == "incorrect"
    assert LabelEvent.objects.latest("id").rating == "incorrect"
    assert f"node={nodes[2]}" in page.url

    page.keyboard.press("u")
    page.wait_for_selector(f'#step [data-node="{nodes[1]}"]')
    assert LabelEvent.objects.latest("id").rating is None
    assert page.locator(f'#rows a[data-node="{nodes[1]}"] .rating').inner_text() == "no label"
    page.keyboard.press("k")
    page.wait_for_selector(f'#step [data-node="{nodes[0]}"]')
    assert [row.get_attribute("data-node") for row in rows.all()] == nodes


def test_keys_pressed_ahead_of_a_slow_server_all_count(open_page: Opener, planted: tuple[Cast, Tree]) -> None:
    team, _ = planted
    page = open_page("/p/words/review/?matrix=label&cell=correct.none", team.bo)
    nodes = [row.get_attribute("data-node") for row in page.locator("#rows a[data-node]").all()]
    held: list[Route] = []
    page.route("**/review/?*", lambda route: held.append(route))  # noqa: PLW0108 - playwright marks the function that it is given
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.locator("#rows a[aria-current]")).to_have_attribute("data-node", str(nodes[2]))
    for route in held:
        route.continue_()
    page.wait_for_selector(f'#step [data-node="{nodes[2]}"]')
    expect(page.locator("#rows a[aria-current]")).to_have_attribute("data-node", str(nodes[2]))
    # The step that was passed by is not fetched to its end, which htmx tells the console.
    open_page.forgive("htmx:")
