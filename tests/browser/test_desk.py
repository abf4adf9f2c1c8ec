"""Whole items at the desk by keyboard, in both modes: what is pressed, what is stored, what comes next."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import models
from playwright.sync_api import Locator, Page, expect

from annotations.models import LabelEvent, LabelItem, LabelSession, Node, Tree
from tests.browser.acts import clean
from tests.browser.conftest import Opener
from tests.browser.deskcast import crates, queue_of
from tests.browser.garden import ASKED, lena
from tests.browser.shots import PHONE
from tests.factories import Cast, cast, label_queue, problem
from tests.workers import until

RIGHT_PATH, WRONG_PATH = 9, 12
AIDS = {"alternatives": True, "evidence": "key", "reference": "key", "prelabels": "after"}


@pytest.fixture
def team(transactional_db: None) -> Cast:
    return cast()


@pytest.fixture
def tree(team: Cast) -> Tree:
    return lena(team, problem(team.project, ASKED, "69"))


def keys(page: Page, *pressed: str) -> int:
    for key in pressed:
        page.keyboard.press(key)
    return len(pressed)


def item(page: Page) -> Locator:
    return page.locator("article:not([hidden])")


def current(page: Page) -> Locator:
    return page.locator(".step[aria-current]")


def stored(what: models.QuerySet[Any], count: int = 1) -> None:
    until(lambda: what.count() == count, 10, "what is stored")


def mine(team: Cast) -> list[tuple[str, str | None]]:
    """Return what Ada said, as (first words of the step, rating), oldest first."""
    said = LabelEvent.objects.filter(author=team.ada, client="desk").order_by("id")
    return [(text[:12], rating) for text, rating in said.values_list("node__text", "rating")]


def test_a_clean_solution_of_ten_steps_takes_eleven_keys_and_the_next_item_is_there(
    open_page: Opener, team: Cast
) -> None:
    queue = queue_of(team, [crates(team, 1), crates(team, 2)])
    page = open_page(f"/p/words/desk/{queue.pk}/", team.ada)
    expect(page.locator("article[hidden]")).to_have_count(1)
    expect(page.locator("article[hidden] .katex").first).to_be_attached()
    page.route("**/next/", lambda route: route.abort())
    assert keys(page, *"1111111111", "Control+Enter") == 11
    expect(item(page).locator(".asked")).to_contain_text("(Item 2)")
    stored(LabelSession.objects.filter(state="submitted", finish="solution", ratings=10))
    assert [rating for _, rating in mine(team)] == ["correct"] * 10
    page.unroute("**/next/")
    keys(page, "u")
    expect(item(page).locator(".asked")).to_contain_text("(Item 1)")
    keys(page, "u", "3")
    stored(LabelEvent.objects.filter(author=team.ada), 12)
    stored(LabelSession.objects.filter(state="leased"), 2)
    assert mine(team)[10:] == [("Answer: 60", None), ("Answer: 60", "incorrect")]
    clean(page)
    open_page.forgive("ERR_FAILED")


def test_it_stops_at_the_first_error_where_the_alternatives_are_rated_too(
    open_page: Opener, team: Cast, tree: Tree
) -> None:
    queue = label_queue(team.project, settings=AIDS)
    leaf = tree.nodes.get(seq=WRONG_PATH)
    LabelItem.objects.create(project=team.project, queue=queue, tree=tree, leaf=leaf, number=1)
    page = open_page(f"/p/words/desk/{queue.pk}/", team.ada)
    refuted = item(page).get_by_text("60 / 4 = 15, not 12")
    expect(refuted).to_be_hidden()
    keys(page, "j", "v", "e")
    expect(refuted).to_be_visible()
    expect(page.locator(".step[data-after]")).to_have_count(2)
    keys(page, "c", "a", "r", "i", "Enter", "r")
    page.locator("#writing").fill("She gives away 60 / 4 = 15 pens, so 60 - 15 = 45 pens are left.")
    expect(page.locator("#differs del").first).to_have_text("12")
    clean(page)
    keys(page, "Enter", "Control+Enter")
    expect(page.locator("#count")).to_have_text("Step 2b is not rated yet.")
    keys(page, "1", "Control+Enter")
    expect(page.locator("#nothing")).to_be_visible()
    stored(LabelSession.objects.filter(state="submitted", finish="found_error", first_error__seq=5))
    last = LabelEvent.objects.filter(node__seq=5, author=team.ada).latest("id")
    assert (last.rating, last.category, last.rewrite[:30]) == (
        "incorrect",
        "arithmetic",
        "She gives away 60 / 4 = 15 pen",
    )
    first = LabelEvent.objects.filter(node__seq=5, author=team.ada).earliest("id")
    assert first.shown == {"prelabels": "after", "reference": False, "evidence": True}
    assert last.shown == {**first.shown, "prm": 0.83, "verdict": "refuted"}
    clean(page)


def test_in_a_tree_every_way_is_rated_one_is_chosen_and_a_step_is_written(
    open_page: Opener, team: Cast, tree: Tree
) -> None:
    queue = queue_of(team, [tree], "tree")
    page = open_page(f"/p/words/desk/{queue.pk}/", team.ada)
    keys(page, *"132")
    expect(current(page)).to_contain_text("Lena has")
    keys(page, "Enter")
    expect(page.locator(".step:visible")).to_have_count(3)
    clean(page)
    keys(page, *"13", "h", "l", "Control+Enter")
    expect(page.locator("#count")).to_contain_text("Choose a step to go on with")
    keys(page, "Enter", *"33", "w")
    page.keyboard.type("Two boxes hold 24 pens: 45 + 24 = 69.")
    keys(page, "Enter")
    expect(page.locator(".own:visible")).to_contain_text("45 + 24 = 69")
    keys(page, "Control+Enter")
    stored(LabelSession.objects.filter(state="submitted", finish="found_error"))
    above = Node.objects.get(tree=tree, seq=4)
    own = LabelSession.objects.get().own
    assert {place: step["text"] for place, step in own.items()} == {
        str(above.pk): "Two boxes hold 24 pens: 45 + 24 = 69."
    }
    chosen = LabelEvent.objects.filter(author=team.ada, data__chosen=True).values_list("node__seq", flat=True)
    assert sorted(set(chosen)) == [1, 4]


def test_a_dialog_stands_before_what_ends_an_item_otherwise(open_page: Opener, team: Cast) -> None:
    queue = queue_of(team, [crates(team, number) for number in (1, 2, 3, 4)])
    page = open_page(f"/p/words/desk/{queue.pk}/", team.ada)
    keys(page, "s", "Enter")
    expect(page.locator("#skipping")).to_be_visible()
    page.keyboard.type("1 e x: not my field")
    clean(page)
    keys(page, "Enter")
    expect(item(page).locator(".asked")).to_contain_text("(Item 2)")
    keys(page, "x", "b")
    expect(item(page).locator(".asked")).to_contain_text("(Item 3)")
    stored(LabelSession.objects.filter(state="skipped", reason="1 e x: not my field"))
    stored(LabelSession.objects.filter(state="submitted", finish="bad_problem"))
    assert mine(team) == []


def test_what_was_typed_comes_back_after_a_reload_and_what_was_not_begun_goes_back(
    open_page: Opener, team: Cast
) -> None:
    queue = queue_of(team, [crates(team, 1), crates(team, 2)])
    page = open_page(f"/p/words/desk/{queue.pk}/", team.ada)
    expect(page.locator("article[hidden]")).to_have_count(1)
    keys(page, "1", "n")
    page.keyboard.type("half a thought")
    page.reload()
    expect(current(page)).to_contain_text("On Monday")
    keys(page, "n")
    expect(page.locator("#writing")).to_have_value("half a thought")
    expect(page.locator("article[hidden]")).to_have_count(1)
    page.goto("/p/words/")
    stored(LabelSession.objects.filter(state="returned", item__number=2))
    page.goto("/p/words/desk/mine/")
    page.get_by_role("link", name="Take up again").click()
    expect(current(page)).to_contain_text("The shop gets 12 crates")
    assert "?" not in page.url
    stored(LabelSession.objects.filter(state="leased", item__number=1))


def test_a_thumb_rates_a_whole_item_on_a_phone(open_page: Opener, team: Cast) -> None:
    queue = queue_of(team, [crates(team, 1)])
    page = open_page(f"/p/words/desk/{queue.pk}/", team.ada, **PHONE)
    for _ in range(9):
        page.get_by_role("button", name="Correct", exact=True).tap()
    page.get_by_role("button", name="Incorrect").tap()
    small = "[...document.querySelectorAll('button')].filter((b) => b.offsetHeight && b.offsetHeight < 44).length"
    assert page.evaluate(small) == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    clean(page)
    page.get_by_role("button", name="Submit and next").tap()
    stored(LabelSession.objects.filter(state="submitted", finish="found_error", ratings=10))
