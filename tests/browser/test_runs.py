"""Runs, data, settings and models in a real browser: what moves by itself, what is kept, what axe finds."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import expect

from annotations.models import Engine, EngineGrant, Project, Run, RunShard, Tree, Worker
from tests.browser.conftest import Opener
from tests.factories import Cast, person

SERIOUS = ("serious", "critical")
Planted = tuple[Cast, Tree]
PAGES = (
    "runs/",
    "runs/new/",
    "data/",
    "models/",
    "review/",
    "guidelines/",
    "settings/",
    "settings/members/",
    "settings/categories/",
    "settings/end/",
    "settings/audit/",
)


@pytest.fixture
def growing(planted: Planted) -> Run:
    team, tree = planted
    run = Run.objects.create(
        project=team.project, kind="generate", state="running", requested_by=team.bo, started_at=timezone.now()
    )
    RunShard.objects.create(project=team.project, run=run, number=1, queue="gpu")
    Tree.objects.filter(pk=tree.pk).update(run=run, state="growing", rounds_done=2)
    Worker.objects.create(name="gpu@here:1", queue="gpu", host="here", pid=1)
    return run


def test_a_run_page_follows_its_run_and_falls_silent_at_its_end(
    planted: Planted, growing: Run, open_page: Opener
) -> None:
    team, tree = planted
    page = open_page(f"/p/words/runs/{growing.pk}/", team.ada)
    expect(page.locator("h1")).to_contain_text("Growing 1 tree")

    Tree.objects.filter(pk=tree.pk).update(state="done", correct_paths=1)
    expect(page.locator(f"#tree-{tree.pk}")).to_have_class("dot correct")
    Run.objects.filter(pk=growing.pk).update(state="done", finished_at=timezone.now())
    expect(page.locator("h1")).to_contain_text("Grew 1 tree")
    expect(page.locator("#live")).not_to_have_attribute("hx-trigger", "every 2s")


def test_the_focus_stays_where_it_is_while_the_page_refreshes(
    planted: Planted, growing: Run, open_page: Opener
) -> None:
    team, tree = planted
    page = open_page(f"/p/words/runs/{growing.pk}/", team.bo)
    page.locator("#cancel").focus()

    with page.expect_response(lambda answer: answer.url.endswith(f"/runs/{growing.pk}/")):
        pass
    page.wait_for_timeout(200)

    assert page.evaluate("document.activeElement.id") == "cancel"


def test_a_refused_setting_is_marked_and_the_rest_stays_typed(planted: Planted, open_page: Opener) -> None:
    team, _ = planted
    grant_engine(team.project)
    page = open_page("/p/words/runs/new/", team.bo)
    page.fill("#name", "My trees")
    page.fill("#p-children", "many")
    page.click("button[type=submit].primary")

    expect(page.locator("#p-children")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#name")).to_have_value("My trees")
    open_page.forgive("400")
    page.fill("#p-children", "2")
    page.click("button[type=submit].primary")
    page.wait_for_url(re.compile(r"/runs/\d+/$"))
    assert Run.objects.get().params["children"] == 2


def test_only_the_settings_of_the_chosen_method_are_shown(planted: Planted, open_page: Opener) -> None:
    team, _ = planted
    grant_engine(team.project)
    page = open_page("/p/words/runs/new/", team.bo)
    expect(page.locator("#p-children")).to_be_visible()
    expect(page.locator("summary", has_text="Step beam and best of n")).to_be_hidden()
    page.select_option("#p-method", "beam")

    expect(page.locator("#p-children")).to_be_hidden()
    page.click("summary >> text=Step beam and best of n")
    page.select_option("#p-path_score", "product")
    page.fill("#name", "Beams")
    page.click("button[type=submit].primary")
    page.wait_for_url(re.compile(r"/runs/\d+/$"))
    assert {"method": "beam", "path_score": "product"}.items() <= Run.objects.get().params.items()


def grant_engine(project: Project) -> None:
    engine = Engine.objects.create(name="Scripted", kind="scripted")
    EngineGrant.objects.create(project=project, engine=engine)


def test_a_refused_file_stays_chosen(planted: Planted, open_page: Opener, tmp_path: Path) -> None:
    team, _ = planted
    empty = tmp_path / "empty.jsonl"
    empty.touch()
    page = open_page("/p/words/data/", team.bo)
    page.set_input_files("#file", empty)
    page.click("text=Import file")

    expect(page.locator("#import-wrong")).to_contain_text("The file is empty.")
    assert page.evaluate("document.querySelector('#file').files.length") == 1
    open_page.forgive("400")
    empty.write_text('{"problem": "1 + 1", "answer": "2"}\n')
    page.set_input_files("#file", empty)
    page.click("text=Import file")
    page.wait_for_url(re.compile(r"/runs/\d+/$"))


def test_guidelines_are_previewed_in_place_and_then_saved(planted: Planted, open_page: Opener) -> None:
    team, _ = planted
    page = open_page("/p/words/settings/", team.odo)
    page.fill("#guidelines", "Think **twice**.")
    page.click("text=Preview guidelines")
    expect(page.locator(".preview strong")).to_have_text("twice")
    page.click("text=Save settings")

    expect(page.locator(".notice[role=status]")).to_have_text("Settings saved.")
    assert Project.objects.get(pk=team.project.pk).guidelines == "Think **twice**."


@pytest.mark.parametrize("scheme", ["light", pytest.param("dark", marks=pytest.mark.long)])
def test_axe_finds_nothing_serious(planted: Planted, growing: Run, open_page: Opener, scheme: str) -> None:
    team, _ = planted
    grant_engine(team.project)
    page = open_page("/", team.odo, color_scheme=scheme)
    for address in (*PAGES, f"runs/{growing.pk}/"):
        page.goto(f"/p/words/{address}")
        found = Axe().run(page).response["violations"]
        serious = [(found["id"], found["nodes"][0]["html"]) for found in found if found["impact"] in SERIOUS]
        assert not serious, (address, serious)


def test_the_admin_runs_under_the_policy(planted: Planted, open_page: Opener) -> None:
    root = person("root", is_staff=True, is_superuser=True)
    page = open_page("/admin/annotations/membership/add/", root)

    page.click(".field-project .select2-selection")
    expect(page.locator(".select2-results li").first).to_contain_text("Word problems")
