"""Nothing that is done at the desk is lost: order, absence, duplicates, two tabs, conflicts, other people, undo."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.acts import clean
from tests.browser.conftest import Opener
from tests.browser.probe import Ledger, put_before_the_site
from tests.factories import Cast, cast

ADDRESS = "/p/words/desk/probe/"
# A browser that came by plain http over the network.
WITHOUT_LOCKS = "delete Navigator.prototype.locks; delete Crypto.prototype.randomUUID"


@pytest.fixture
def team(transactional_db: None) -> Cast:
    return cast()


@pytest.fixture
def ledger(settings: Any) -> Ledger:
    return put_before_the_site(settings)


def said(page: Page, node: int) -> str:
    return f'.step[data-node="{node}"] em'


def all_sent(page: Page) -> None:
    expect(page.locator("body")).to_have_attribute("data-waiting", "0")


def test_acts_arrive_once_and_in_order_though_the_server_fails_and_loses_answers(
    open_page: Opener, team: Cast, ledger: Ledger
) -> None:
    page = open_page(ADDRESS, team.ada)
    ledger.fails, ledger.loses_answers = 1, 1
    for key in "132":
        page.keyboard.press(key)
    page.keyboard.press("1")
    expect(page.locator("#desk-state")).to_contain_text("The server does not answer")
    all_sent(page)
    assert ledger.ratings() == [(1, "correct"), (2, "incorrect"), (3, "neutral"), (3, "correct")]
    expect(page.locator(said(page, 3))).to_contain_text("saved")
    expect(page.locator("#desk-state")).to_be_hidden()
    open_page.expected()


def test_what_waits_survives_a_reload_and_is_sent_when_the_network_returns(
    open_page: Opener, team: Cast, ledger: Ledger
) -> None:
    page = open_page(ADDRESS, team.ada)
    ledger.fails = 1000
    page.keyboard.press("1")
    page.keyboard.press("3")
    expect(page.locator(said(page, 2))).to_have_text("waiting for the server")
    page.reload()
    expect(page.locator(said(page, 1))).to_have_text("waiting for the server")
    assert page.evaluate("Outbox.pending(2).rating") == "incorrect"
    ledger.fails = 0
    page.evaluate("dispatchEvent(new Event('online'))")
    all_sent(page)
    assert ledger.ratings() == [(1, "correct"), (2, "incorrect")]
    open_page.expected()


@pytest.mark.parametrize("given", ["locks", pytest.param("none", marks=pytest.mark.long)])
def test_two_tabs_share_one_outbox_and_only_one_sends(
    open_page: Opener, team: Cast, ledger: Ledger, given: str
) -> None:
    page = open_page(ADDRESS, team.ada)
    if given == "none":
        page.context.add_init_script(WITHOUT_LOCKS)
        page.reload()
    other = page.context.new_page()
    other.goto(ADDRESS)
    ledger.fails = 2
    for key in "11":
        page.keyboard.press(key)
    other.evaluate("rate(3, 'neutral')")
    all_sent(page)
    all_sent(other)
    assert sorted(ledger.ratings()) == [(1, "correct"), (2, "correct"), (3, "neutral")]
    expect(other.locator('.step[data-node="1"]')).not_to_have_attribute("data-version", "0")
    other.evaluate("rate(1, 'incorrect')")
    all_sent(other)
    assert other.evaluate("Outbox.all('conflict').length") == 0
    open_page.expected()


def test_conflicts_are_resolved_side_by_side_by_keyboard(open_page: Opener, team: Cast, ledger: Ledger) -> None:
    page = open_page(ADDRESS, team.ada)
    phone = open_page(ADDRESS, team.ada)
    phone.locator("textarea").fill("seen on the phone")
    phone.evaluate("rate(1, 'incorrect'), rate(2, 'incorrect')")
    all_sent(phone)
    page.locator("textarea").fill("typed here")
    page.keyboard.press("Escape")
    page.keyboard.press("1")
    page.keyboard.press("1")
    expect(page.locator(said(page, 2))).to_have_text("saved differently elsewhere")
    page.reload()
    # Nothing opens by itself; whoever submits is asked first.
    page.keyboard.press("Control+Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("typed here")
    expect(dialog).to_contain_text("seen on the phone")
    clean(page)
    answer(page, "1")
    page.keyboard.press("d")
    answer(page, "2")
    all_sent(page)
    kept = {act["node"]: (act["rating"], act["note"]) for act in ledger.stored}
    assert kept == {1: ("correct", "typed here"), 2: ("incorrect", "seen on the phone")}
    expect(page.locator("#desk-state")).to_be_hidden()


def answer(page: Page, key: str) -> None:
    """Answer the dialog, which is deaf for a moment."""
    page.get_by_role("dialog").wait_for()
    page.wait_for_timeout(350)
    page.keyboard.press(key)
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_acts_of_somebody_else_wait_for_him(open_page: Opener, team: Cast, ledger: Ledger) -> None:
    page = open_page(ADDRESS, team.ada)
    ledger.fails = 1
    page.keyboard.press("1")
    expect(page.locator("#desk-state")).to_be_visible()
    page.context.clear_cookies()
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.locator("#desk-state")).to_contain_text("Sign in again in another tab, nothing is lost")
    become(page, open_page, team.bo)
    all_sent(page)
    page.keyboard.press("2")
    all_sent(page)
    become(page, open_page, team.ada)
    all_sent(page)
    assert [(act["user"], act["rating"]) for act in ledger.stored] == [
        (team.bo.pk, "neutral"),
        (team.ada.pk, "correct"),
    ]
    open_page.expected()


def become(page: Page, open_page: Opener, user: object) -> None:
    from tests.browser.conftest import session_cookie

    page.context.add_cookies([session_cookie(user, open_page.url)])  # type: ignore[arg-type]
    page.goto(ADDRESS)


def test_a_refused_act_loses_no_other_and_can_be_looked_at(open_page: Opener, team: Cast, ledger: Ledger) -> None:
    page = open_page(ADDRESS, team.ada)
    for act in ("1, 'correct'", "2, 'incorrect', {note: 'refuse this'}", "3, 'neutral', {note: 'break the request'}"):
        page.evaluate(f"rate({act})")
    all_sent(page)
    assert ledger.ratings() == [(1, "correct"), (3, "neutral")]
    expect(page.locator(said(page, 2))).to_have_text("The note does not fit.")
    page.get_by_role("button", name="1 not saved: look").click()
    expect(page.get_by_role("dialog")).to_contain_text("incorrect · refuse this")
    page.get_by_role("button", name="Discard").click()
    expect(page.locator("#desk-state")).to_be_hidden()
    open_page.expected()


def test_undo_takes_back_across_a_reload_also_what_was_not_sent_yet(
    open_page: Opener, team: Cast, ledger: Ledger
) -> None:
    page = open_page(ADDRESS, team.ada)
    page.keyboard.press("3")
    all_sent(page)
    page.reload()
    ledger.fails = 1
    page.keyboard.press("j")
    page.keyboard.press("1")
    page.keyboard.press("u")
    page.keyboard.press("u")
    expect(page.locator("#desk-said")).to_contain_text("Undone: step 1 incorrect")
    all_sent(page)
    assert ledger.ratings() == [(1, "incorrect"), (2, "correct"), (2, None), (1, None)]
    first, second = ledger.stored[:2]
    assert [act["undo_of"] for act in ledger.stored[2:]] == [second["key"], first["key"]]
    page.keyboard.press("u")
    expect(page.locator("#desk-said")).to_contain_text("Nothing to undo.")
    page.evaluate("for (let n = 0; n < 60; n += 1) Undo.push({undo: [], item: 7, words: ''})")
    assert page.evaluate("Undo.size()") == 50
    open_page.expected()


def test_seconds_count_while_somebody_is_there_and_a_pause_up_to_thirty(
    open_page: Opener, team: Cast, ledger: Ledger
) -> None:
    page = open_page(ADDRESS, team.ada)
    page.clock.install()
    page.goto(ADDRESS)
    page.evaluate("Outbox.clock.start(1)")
    page.clock.run_for(10_000)
    page.keyboard.press("Shift")
    page.clock.run_for(300_000)
    page.keyboard.press("Shift")
    page.clock.run_for(2_000)
    assert page.evaluate("Outbox.clock.seconds(1)") == pytest.approx(42, abs=5)
    page.evaluate("rate(1, 'correct')")
    assert page.evaluate("Outbox.clock.seconds(1)") < 5
