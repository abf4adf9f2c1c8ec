"""A reviewer checks a run's trees again and uses the labels that come of it, by keyboard."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from annotations.models import Node, Run, Tree
from tests.annotations.check_cast import second_version, work
from tests.browser.acts import clean, press
from tests.browser.conftest import Opener
from tests.factories import Cast, run


@pytest.fixture
def grown(planted: tuple[Cast, Tree]) -> Run:
    team, tree = planted
    made = run(team.project, state="done", name="First trees", requested_by=team.bo)
    Tree.objects.filter(pk=tree.pk).update(run=made)
    return made


def test_trees_are_checked_again_and_their_new_labels_used_by_keyboard(
    planted: tuple[Cast, Tree], grown: Run, open_page: Opener
) -> None:
    team, tree = planted
    page = open_page(f"/p/words/runs/{grown.pk}/", team.bo)
    press(page, "#check")
    expect(page.locator("h1")).to_have_text("Check steps again")
    clean(page)
    page.locator("#p-policy").focus()
    page.keyboard.type("veto")
    page.locator("#name").focus()
    page.keyboard.type("Second look")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/runs/\d+/$"))
    with second_version():
        work()
    expect(page.locator("h1")).to_contain_text("Checked 13 steps in")
    clean(page)

    press(page, "text=Show what changed")
    expect(page.locator("h1")).to_have_text("What changed")
    clean(page)
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    expect(page.locator("[data-line]").first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#step-title")).to_be_visible()
    expect(page.locator(".earlier summary")).to_have_text("1 earlier verdict")
    page.go_back()
    expect(page.locator("#use")).to_be_visible()
    page.keyboard.press("u")
    expect(page.locator(".alert.info")).to_contain_text("have the labels of this run now")
    assert Node.objects.filter(tree=tree, polarity="correct").exists()
    clean(page)
    page.keyboard.press("b")
    expect(page.locator(".alert.info")).to_contain_text("have the labels that they had before")
    assert not Node.objects.filter(tree=tree).exclude(polarity="").exists()
