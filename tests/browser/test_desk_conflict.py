"""The labelling page when a step was saved differently elsewhere, and when the page is reloaded before all is sent."""

from __future__ import annotations

from playwright.sync_api import expect

from annotations.models import LabelEvent
from tests.browser.acts import clean
from tests.browser.conftest import Opener
from tests.browser.deskcast import crates, queue_of
from tests.factories import cast


def test_words_of_two_devices_meet_and_a_reload_keeps_what_waits(open_page: Opener, transactional_db: None) -> None:
    team = cast()
    queue = queue_of(team, [crates(team, 1)])
    address = f"/p/words/desk/{queue.pk}/"
    page, phone = open_page(address, team.ada), open_page(address, team.ada)
    phone.keyboard.type("3")
    expect(phone.locator(".step .state").first).to_contain_text("saved")
    page.context.set_offline(True)
    page.keyboard.type("12")
    expect(page.locator("#desk-state")).to_contain_text("2 waiting")
    page.context.set_offline(False)
    page.reload()
    expect(page.locator(".step .state").first).to_contain_text("saved differently elsewhere")
    page.keyboard.press("d")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("incorrect")
    clean(page)
    page.wait_for_timeout(350)
    page.keyboard.press("1")
    expect(page.locator(".step .state").first).to_contain_text("saved ")
    expect(page.locator("#desk-state")).to_be_hidden()
    given = LabelEvent.objects.filter(author=team.ada).order_by("pk").values_list("node__seq", "rating")
    assert list(given) == [(1, "incorrect"), (2, "neutral"), (1, "correct")]
    open_page.expected()
