"""Walking and labelling a tree by keys, as somebody does it for hours."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from annotations.labelling import Judgement, save_label
from annotations.models import LabelEvent, Tree
from tests.browser.acts import before_script
from tests.browser.conftest import Opener
from tests.factories import Cast

Planted = tuple[Cast, Tree]


def current(page: Page) -> str:
    return str(page.locator("#here .line.current").get_attribute("data-seq"))


def on_step(page: Page, seq: int) -> None:
    expect(page.locator("#here .line.current")).to_have_attribute("data-seq", str(seq))
    expect(page.locator("#pane .outline a[aria-current]")).to_have_attribute("data-seq", str(seq))


def test_keys_walk_the_tree_and_the_address_follows(open_page: Opener, planted: Planted) -> None:
    team, tree = planted
    page = open_page(f"/p/words/trees/{tree.pk}/", team.ada)
    for key, seq in (("l", 4), ("j", 6), ("k", 4), ("h", 1), ("ArrowRight", 4), ("ArrowDown", 6)):
        page.keyboard.press(key)
        on_step(page, seq)
    assert page.url.endswith("?node=6")
    expect(page.locator("#map a[aria-current]")).to_have_attribute("data-seq", "6")
    page.go_back()
    on_step(page, 4)
    page.keyboard.press("j")
    on_step(page, 6)


def test_outline_and_map_lead_to_a_step_without_a_new_page(open_page: Opener, planted: Planted) -> None:
    team, tree = planted
    page = open_page(f"/p/words/trees/{tree.pk}/", team.ada)
    page.evaluate("window.same = true")
    page.locator('#pane .outline a[data-seq="12"]').click()
    on_step(page, 12)
    page.locator('#map a[data-seq="9"]').click()
    on_step(page, 9)
    assert page.evaluate("window.same")


def test_one_key_labels_and_the_next_step_follows(open_page: Opener, planted: Planted) -> None:
    team, tree = planted
    page = open_page(f"/p/words/trees/{tree.pk}/?node=6", team.ada)
    page.keyboard.press("3")
    on_step(page, 8)
    expect(page.locator("#saved")).to_contain_text("Step 3 incorrect, saved")
    expect(page.locator('#pane .outline a[data-seq="6"] .said')).to_have_attribute("aria-label", "incorrect")
    page.keyboard.press("1")
    on_step(page, 9)
    given = LabelEvent.objects.filter(author=team.ada).order_by("pk").values_list("rating", flat=True)
    assert list(given) == ["incorrect", "correct"]
    page.keyboard.press("u")
    on_step(page, 8)
    expect(page.locator("#saved")).to_contain_text("undone, now unlabelled")
    page.keyboard.press("u")
    expect(page.locator("#alerts")).to_contain_text("nothing of yours to undo")
    open_page.forgive("400")


def test_no_key_fires_while_somebody_types(open_page: Opener, planted: Planted) -> None:
    team, tree = planted
    page = open_page(f"/p/words/trees/{tree.pk}/?node=6", team.ada)
    page.keyboard.press("n")
    page.keyboard.type("1 2 3 jkl u?")
    expect(page.locator("#note")).to_have_value("1 2 3 jkl u?")
    assert current(page) == "6"
    page.keyboard.press("Control+Enter")
    expect(page.locator("#saved")).to_contain_text("saved")
    event = LabelEvent.objects.get(author=team.ada)
    assert (event.rating, event.note) == (None, "1 2 3 jkl u?")
    page.keyboard.press("Escape")
    page.keyboard.press("1")
    on_step(page, 8)
    assert LabelEvent.objects.filter(author=team.ada).latest("id").note == "1 2 3 jkl u?"


def test_what_is_typed_survives_a_reload_and_a_colleague(open_page: Opener, planted: Planted) -> None:
    team, tree = planted
    page = open_page(f"/p/words/trees/{tree.pk}/?node=6", team.ada)
    page.locator("#note").fill("half a thought")
    page.reload()
    expect(page.locator("#note")).to_have_value("half a thought")
    node = tree.nodes.get(seq=6)
    said = Judgement("neutral", note="Bo was faster")
    save_label(access=team.access(team.bo), node_id=node.pk, judgement=said, seen_version=None, key=None)
    page.keyboard.press("1")
    expect(page.locator("#label .stale")).to_contain_text("Bo was faster")
    expect(page.locator("#note")).to_have_value("half a thought")
    open_page.forgive("409")
    page.keyboard.press("1")
    on_step(page, 8)
    assert LabelEvent.objects.filter(author=team.ada).get().note == "half a thought"
    page.keyboard.press("k")
    on_step(page, 6)
    expect(page.locator("#note")).to_have_value("half a thought")


def test_a_server_that_does_not_answer_is_said_and_nothing_typed_is_lost(open_page: Opener, planted: Planted) -> None:
    team, tree = planted
    page = open_page(f"/p/words/trees/{tree.pk}/?node=6", team.ada)
    page.locator("#note").fill("kept")
    page.route("**/label/", lambda route: route.abort())
    page.locator("#note").press("Escape")
    page.keyboard.press("1")
    expect(page.locator("#alerts")).to_contain_text("The server does not answer")
    expect(page.locator("#note")).to_have_value("kept")
    open_page.forgive("ERR_FAILED")
    open_page.forgive("htmx:")


def test_without_scripts_the_tree_is_walked_and_labelled(open_page: Opener, planted: Planted) -> None:
    team, tree = planted
    page = open_page(f"/p/words/trees/{tree.pk}/", team.ada, java_script_enabled=False)
    page.locator('#pane .outline a[data-seq="6"]').click()
    page.get_by_role("button", name="Incorrect").click()
    expect(page.locator("#alerts")).to_contain_text("Step 3: incorrect, saved")
    assert page.url.endswith("?node=8")


def test_a_draft_goes_with_its_person(open_page: Opener, planted: Planted) -> None:
    team, tree = planted
    page = open_page(f"/p/words/trees/{tree.pk}/?node=6", team.ada)
    page.locator("#note").fill("not for others")
    page.locator(".me summary").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_url(f"{open_page.url}/login/")
    assert page.evaluate("Object.keys(sessionStorage).filter((key) => key.startsWith('draft:'))") == []


def test_what_is_typed_before_the_script_has_come_is_a_draft_too(open_page: Opener, planted: Planted) -> None:
    team, tree = planted
    address = f"/p/words/trees/{tree.pk}/?node=6"
    page = open_page(address, team.ada)
    page.locator("#note").fill("older")
    come = before_script(page, address, "drafts")
    page.locator("#note").fill("typed early")
    come()
    expect(page.locator("#note")).to_have_value("typed early")
    page.goto(address)
    expect(page.locator("#note")).to_have_value("typed early")
