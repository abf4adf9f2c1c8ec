"""Tools in a real browser: a count opens its steps by keyboard, the form marks changed ticks, what axe finds."""

from __future__ import annotations

import pytest

from annotations import leases
from annotations.models import Tree
from inference.types import Queue
from tests import factories, toolcast
from tests.browser.acts import clean
from tests.browser.conftest import Opener
from tests.browser.shots import PHONE
from tests.factories import Cast

Planted = tuple[Cast, Tree]
SANDBOX = {
    "version": "pydantic-monty 1.4.0, bubblewrap 0.8.0 with sympy 1.14.0", "light": True, "heavy": True,
    "reason": "Small programs run in pydantic-monty, those with sympy in bubblewrap, whose probe passed.",
}  # fmt: skip


@pytest.fixture
def judged(planted: Planted) -> Cast:
    """The garden with a second version of claims and a judge that said how sure it was."""
    team, tree = planted
    factories.engine(project=team.project)
    nodes = toolcast.steps(team.project, tree.problem, 40)
    sure = [{"p": at / 40, "right": -0.5, "wrong": -0.9} for at in range(40)]
    toolcast.checked(nodes, "undecided", "judge", output=sure, input={"low": 0.1, "high": 0.9})
    toolcast.checked(nodes[:10], "refuted", version="2")
    toolcast.said(nodes[:15], "incorrect", "planted", category="set_up")
    toolcast.said(nodes[15:30], "correct")
    leases.beat(name="tools@a", queue=Queue.TOOLS, engine="", doing="", sandbox=SANDBOX)
    return team


def test_a_count_opens_its_steps_by_keyboard_and_back_closes_them(open_page: Opener, judged: Cast) -> None:
    page = open_page("/p/words/tools/", judged.bo)
    page.get_by_role("link", name="Equations and inequalities").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("#tool")
    assert not page.locator("#steps li").count()

    count = page.get_by_role("row", name="refuted").get_by_role("link", name="10")
    count.focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("#steps li")
    assert page.locator("#steps li").count() == 10
    assert page.get_by_role("heading", name="Refuted, labelled incorrect").is_visible()
    assert "cell=refuted.incorrect" in page.url
    page.go_back()
    page.wait_for_selector("#steps li", state="detached")
    page.go_forward()
    page.wait_for_selector("#steps li")
    page.locator("#steps a").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/trees/**")


def test_a_tick_that_differs_from_the_earlier_run_is_marked(open_page: Opener, judged: Cast) -> None:
    earlier = factories.run(judged.project, state="done", params={"verifier": "auto"}, engine=factories.engine())
    page = open_page(f"/p/words/runs/new/?like={earlier.pk}", judged.bo)
    page.get_by_text("Checking and labels").click()
    chain = page.locator(".chain")
    page.get_by_role("checkbox", name="Judge").check()
    assert "changed" in (chain.get_attribute("class") or "")
    assert chain.get_by_text("Was auto").is_visible()
    page.get_by_role("checkbox", name="Judge").uncheck()
    assert "changed" not in (chain.get_attribute("class") or "")


@pytest.mark.parametrize("scheme", ["light", pytest.param("dark", marks=pytest.mark.long)])
def test_axe_finds_nothing_serious_and_a_phone_shows_all_of_it(open_page: Opener, judged: Cast, scheme: str) -> None:
    page = open_page("/p/words/tools/", judged.bo, color_scheme=scheme, **PHONE)
    for address in ("tools/", "tools/claims/?cell=refuted.incorrect", "tools/judge/", "runs/new/"):
        page.goto(f"/p/words/{address}")
        page.evaluate("for (const fold of document.querySelectorAll('details.fold')) fold.open = true")
        clean(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["viewport"]["width"], address
