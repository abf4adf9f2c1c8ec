"""Keys of the desk: the person's own, none while typing, held or repeated; the sheet; the page that changes them."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from annotations.models import User
from tests.browser.acts import clean
from tests.browser.conftest import Opener
from tests.browser.probe import Ledger, put_before_the_site
from tests.factories import Cast, cast

ADDRESS = "/p/words/desk/probe/"


@pytest.fixture
def team(transactional_db: None) -> Cast:
    return cast()


@pytest.fixture
def ledger(settings: Any) -> Ledger:
    return put_before_the_site(settings)


def heard(page: Page) -> list[str]:
    return list(page.evaluate("window.heard.splice(0)"))


def test_keys_rest_while_somebody_types_holds_or_repeats(open_page: Opener, team: Cast, ledger: Ledger) -> None:
    page = open_page(ADDRESS, team.ada)
    page.locator("textarea").focus()
    page.keyboard.type("1 2 3 jkl u?s")
    assert heard(page) == []
    page.keyboard.press("Control+Enter")
    page.keyboard.press("Escape")
    for held in ("Control+e", "Alt+f", "Meta+g"):
        page.keyboard.press(held)
    assert heard(page) == ["submit", "leave"]
    for key in ("1", "1", "j", "j"):
        page.keyboard.down(key)
    assert heard(page) == ["correct", "next", "next"]
    page.get_by_role("button", name="A button").focus()
    page.keyboard.press("Enter")
    assert heard(page) == []
    page.locator("body").dispatch_event("keydown", {"key": "3", "isComposing": True})
    page.locator("body").dispatch_event("keydown", {"key": "у", "code": "KeyE"})
    page.locator("body").dispatch_event("keydown", {"key": "E", "code": "KeyE"})
    assert heard(page) == ["error", "error"]


def test_a_person_s_own_keys_hold_and_the_sheet_names_them(open_page: Opener, team: Cast, ledger: Ledger) -> None:
    User.objects.filter(pk=team.ada.pk).update(desk_keys={"incorrect": "b", "submit": "z"})
    page = open_page(ADDRESS, team.ada)
    for key in "3bz":
        page.keyboard.press(key)
    assert heard(page) == ["incorrect"]
    expect(page.locator("#desk-said")).to_contain_text("Step 1 of 3: incorrect, saved")
    page.keyboard.press("?")
    sheet = page.get_by_role("dialog", name="Keys")
    expect(sheet.locator("dt:has-text('b') + dd").first).to_have_text("Rate this step incorrect")
    page.keyboard.press("1")
    assert heard(page) == ["sheet"]
    page.keyboard.press("Escape")
    expect(sheet).to_have_count(0)


def test_a_key_is_changed_by_pressing_it_and_a_shared_one_is_said_at_once(open_page: Opener, team: Cast) -> None:
    page = open_page("/p/words/desk/keys/", team.ada)
    field = page.get_by_label("Rate this step incorrect")
    field.focus()
    page.keyboard.press("e")
    expect(page.locator("#about-incorrect")).to_contain_text("also the key of “First error here")
    page.get_by_role("button", name="Save keys").click()
    expect(page.get_by_role("alert").filter(has_text="Nothing is saved yet")).to_be_visible()
    field.focus()
    page.keyboard.press("Space")
    clean(page)
    open_page.forgive("400")
    page.get_by_role("button", name="Save keys").click()
    expect(page.get_by_role("status").filter(has_text="Keys saved.")).to_be_visible()
    team.ada.refresh_from_db()
    assert team.ada.desk_keys == {"incorrect": "Space"}
    page.get_by_role("button", name="Bring the usual keys back").click()
    expect(field).to_have_value("3")
