"""Queues in a real browser: one is made by keyboard alone, its items are looked at, axe finds nothing serious."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from annotations.desk.queues import create_queue
from annotations.models import LabelQueue, LabelSession, Project, Tree
from tests.browser.acts import clean, press
from tests.browser.conftest import Opener
from tests.factories import Cast

Planted = tuple[Cast, Tree]


def test_a_queue_is_made_by_keyboard_while_its_items_are_counted(planted: Planted, open_page: Opener) -> None:
    team, _ = planted
    page = open_page("/p/words/desk/", team.bo)
    expect(page.locator("#list h2")).to_have_text("No queue yet")
    page.keyboard.press("n")
    expect(page.locator("#count")).to_contain_text("5 items of 1 tree")
    page.locator("#name").focus()
    page.keyboard.type("Wrong answers")
    page.locator("#outcome").focus()
    page.keyboard.press("End")
    expect(page.locator("#count")).to_contain_text("4 items of 1 tree")
    page.locator("#overlap").focus()
    page.keyboard.press("Control+a")
    page.keyboard.type("0")
    press(page, "text=Make queue")
    expect(page.locator("#overlap")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#name")).to_have_value("Wrong answers")
    open_page.forgive("400")
    page.locator("#overlap").focus()
    page.keyboard.press("Control+a")
    page.keyboard.type("2")
    press(page, "text=Make queue")

    page.wait_for_url(re.compile(r"/desk/$"))
    expect(page.locator("#alerts")).to_have_text("Wrong answers is open with 4 items.")
    queue = LabelQueue.objects.get()
    assert (queue.overlap, queue.source) == (2, {"kind": "trees", "outcome": "wrong"})


def test_axe_finds_nothing_serious(planted: Planted, open_page: Opener) -> None:
    team, _ = planted
    Project.objects.filter(pk=team.project.pk).update(settings={"assigned": True})
    queue = create_queue(access=team.access(team.bo), name="First look", source={"kind": "trees"}, agree=2, most=3)
    item = queue.items.earliest("number")
    LabelSession.objects.create(project=team.project, item=item, queue=queue, user=team.ada)
    page = open_page("/p/words/desk/", team.bo)
    clean(page)
    for address, scheme in (("new/", "light"), (f"{queue.pk}/settings/", "dark"), (f"{queue.pk}/items/", "dark")):
        page.emulate_media(color_scheme=scheme)
        page.goto(f"/p/words/desk/{address}")
        page.wait_for_load_state("networkidle")
        clean(page)
    hers = open_page("/p/words/", team.ada, color_scheme="dark", viewport={"width": 390, "height": 844})
    expect(hers.locator("h1")).to_have_text("Queues")
    clean(hers)
