"""A reviewer's afternoon with runs, by keyboard: pause, resume, stop one tree, grow again, compare."""

from __future__ import annotations

import re

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from annotations.models import Problem, Run, Tree
from tests.browser.acts import before_script, clean, press
from tests.browser.conftest import Opener
from tests.factories import Cast, engine, run


@pytest.fixture
def growing(planted: tuple[Cast, Tree]) -> Run:
    team, tree = planted
    params = {"children": 3, "rounds": 8}
    made = run(
        team.project, name="First trees", started_at=timezone.now(), params=params, requested_by=team.bo,
        engine=engine("Scripted", team.project),
    )  # fmt: skip
    Tree.objects.filter(pk=tree.pk).update(run=made, state="growing", rounds_done=2)
    return made


def test_a_run_is_paused_resumed_trimmed_grown_again_and_compared_by_keyboard(
    planted: tuple[Cast, Tree], growing: Run, open_page: Opener
) -> None:
    team, tree = planted
    page = open_page(f"/p/words/runs/{growing.pk}/", team.bo)
    press(page, "#pause")
    expect(page.locator("h1")).to_contain_text("Paused: 0 of 1 tree")
    clean(page)
    press(page, "#resume")
    expect(page.locator("h1")).to_contain_text("Growing 1 tree")
    press(page, f"#stop-{tree.pk}")
    expect(page.locator(f"#tree-{tree.pk}")).to_have_class("dot neutral")

    press(page, "#clone")
    expect(page.locator("#p-children")).to_have_value("3")
    page.locator("#p-children").focus()
    page.keyboard.press("Control+A")
    page.keyboard.type("5")
    expect(page.locator(".field.changed .was:visible")).to_have_text("Was 3")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(rf"/runs/(?!{growing.pk}/)\d+/$"))
    expect(page.locator(".lineage")).to_contain_text("Children 3 → 5")

    again = Run.objects.latest("pk")
    Tree.objects.filter(run=growing).update(state="done", correct_paths=1)
    Tree.objects.filter(run=again).update(state="done", correct_paths=0)
    another(team, growing, again)
    page.goto("/p/words/runs/")
    for made in (growing, again):
        page.locator(f"input[name=run][value='{made.pk}']").focus()
        page.keyboard.press("Space")
    press(page, "text=Compare two runs")
    expect(page.locator("h1")).to_contain_text("Of 2 problems")
    clean(page)
    page.select_option("#run-a", str(again.pk))
    page.select_option("#run-b", str(growing.pk))
    press(page, "text=Compare runs")
    page.wait_for_url(re.compile(rf"a={again.pk}&b={growing.pk}"))


def test_a_setting_that_is_changed_before_the_script_has_come_is_marked_too(
    planted: tuple[Cast, Tree], growing: Run, open_page: Opener
) -> None:
    page = open_page("/", planted[0].bo)
    come = before_script(page, f"/p/words/runs/new/?like={growing.pk}", "changed")
    page.locator("#p-children").fill("5")
    come()
    expect(page.locator(".field.changed .was:visible")).to_have_text(["Was 3"])


def another(team: Cast, *runs: Run) -> None:
    """Give each run a finished tree of one more problem."""
    problem = Problem.objects.filter(project=team.project, source="sample").first()
    for made in runs:
        Tree.objects.create(project=team.project, problem=problem, run=made, state="done", correct_paths=1)
