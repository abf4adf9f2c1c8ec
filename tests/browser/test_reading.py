"""Signing in, finding, reading; every page without serious accessibility faults, wide and narrow."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from annotations.models import Tree
from tests.browser.conftest import WIDE, Opener
from tests.factories import PASSWORD, Cast, check, problem, tree

Planted = tuple[Cast, Tree]
NARROW = {"width": 390, "height": 844}


def test_sign_in_find_and_open(open_page: Opener, planted: Planted) -> None:
    page = open_page("/p/words/")
    page.get_by_label("Username").fill("ada")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/p/words/")
    page.keyboard.press("/")
    page.keyboard.type("spiders")
    expect(page.locator("#results tbody tr")).to_have_count(1)
    expect(page).to_have_url(f"{open_page.url}/p/words/?q=spiders")
    page.go_back()
    expect(page.locator("#results tbody tr")).to_have_count(30)
    page.go_forward()
    expect(page.locator("#results tbody tr")).to_have_count(1)
    page.locator("#results a.main").click()
    expect(page.locator("h1")).to_contain_text("Problem")


def test_formulae_are_drawn_and_a_hostile_one_stays_text(open_page: Opener, planted: Planted) -> None:
    team, _ = planted
    hostile = "$\\text{<img src=x onerror=alert(1)>}$ and $\\href{javascript:alert(1)}{x}$ and $\\frac{1$"
    shown = problem(team.project, f"Half is $\\frac12$; {hostile}")
    page = open_page(f"/p/words/problems/{shown.pk}/", team.ada)
    expect(page.locator(".prose .katex")).to_have_count(3)
    assert page.locator(".prose img, .prose a").count() == 0
    expect(page.locator(".prose .tex-refused")).to_have_text("$\\frac{1$")


def test_formulae_are_drawn_after_a_part_came_and_after_going_back(open_page: Opener, planted: Planted) -> None:
    team, grown = planted
    page = open_page(f"/p/words/trees/{grown.pk}/?node=1", team.ada)
    expect(page.locator(".line .katex")).to_have_count(1)
    page.keyboard.press("l")
    expect(page.locator(".line .katex")).to_have_count(3)
    page.go_back()
    expect(page.locator(".line .katex")).to_have_count(1)


def test_a_tools_formulae_are_drawn_without_dollars_and_a_torn_one_is_written_plainly(
    open_page: Opener, planted: Planted
) -> None:
    team, tree = planted
    node = tree.nodes.get(seq=5)
    texts = (r"\frac{1}{2} + \sqrt{4} = 3", r"(1-\cos x\right) = \frac{1}{2}")
    claims = [{"text": text, "verdict": "refuted", "detail": ""} for text in texts]
    check(node, claims=claims, version="9")
    for address in (f"/p/words/trees/{tree.pk}/?node=5", f"/p/words/review/?matrix=check&node={node.pk}"):
        page = open_page(address, team.bo)
        claims_shown = page.locator(".claims").first.locator("code")
        expect(claims_shown.first.locator(".katex")).to_have_count(1)
        expect(claims_shown.last).to_have_text("(1-cos x) = 1/2")


def test_the_keys_of_a_page_are_shown(open_page: Opener, planted: Planted) -> None:
    team, grown = planted
    page = open_page(f"/p/words/trees/{grown.pk}/?node=4", team.ada)
    page.keyboard.press("?")
    for words in ("Correct, next step", "To the step below", "Write a note"):
        expect(page.locator("#keys")).to_contain_text(words)


def test_on_a_phone_the_outline_is_a_sheet_and_the_tabs_are_a_menu(open_page: Opener, planted: Planted) -> None:
    team, grown = planted
    page = open_page(f"/p/words/trees/{grown.pk}/", team.ada, viewport=NARROW)
    expect(page.locator("#pane")).to_be_hidden()
    page.get_by_role("link", name="Outline and map").click()
    page.locator('#pane .outline a[data-seq="12"]').click()
    expect(page.locator("#pane")).to_be_hidden()
    expect(page.locator("#here .line.current")).to_have_attribute("data-seq", "12")
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
    page.locator(".tabs-menu summary").click()
    page.locator(".tabs-menu a", has_text="Problems").click()
    expect(page.locator("h1")).to_have_text("Problems")


def test_the_project_switch_lists_ones_projects(open_page: Opener, planted: Planted) -> None:
    team, _ = planted
    page = open_page("/p/words/", team.ada)
    page.locator(".switch summary").click()
    expect(page.locator(".switch .menu-list a")).to_have_text(["Word problems"])


@pytest.mark.parametrize(
    ("scheme", "viewport"),
    [
        pytest.param("light", WIDE, id="light-wide"),
        pytest.param("dark", NARROW, id="dark-narrow"),
        pytest.param("light", NARROW, id="light-narrow", marks=pytest.mark.long),
        pytest.param("dark", WIDE, id="dark-wide", marks=pytest.mark.long),
    ],
)
def test_no_page_has_a_serious_fault(
    open_page: Opener, planted: Planted, viewport: dict[str, int], scheme: str
) -> None:
    team, grown = planted
    node = grown.nodes.get(seq=5)
    tree(team.project, problem(team.project))
    addresses = [
        "/",
        "/p/words/",
        f"/p/words/problems/{grown.problem_id}/",
        "/p/words/trees/",
        f"/p/words/trees/{grown.pk}/?node=5",
        f"/p/words/trees/{grown.pk}/?node=5&filter=disagreement&measure=label",
        f"/p/words/trees/{grown.pk}/formats/?node=12",
        f"/p/words/nodes/{node.pk}/history/",
    ]
    page = open_page("/login/", viewport=viewport, color_scheme=scheme)
    faults = serious(page, "/login/")
    page = open_page("/", team.bo, viewport=viewport, color_scheme=scheme)
    for address in addresses:
        page.goto(address)
        faults += serious(page, address)
    assert faults == []


def serious(page: object, address: str) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [
        f"{address}: {fault['id']}: {[node['target'] for node in fault['nodes'][:4]]}"
        for fault in found
        if fault["impact"] in ("serious", "critical")
    ]
