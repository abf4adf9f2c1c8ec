"""The buttons of a run, what its figures say of cost and of a full engine, and the same run with other settings."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from annotations.models import Run, Tree
from annotations.selectors import progress
from tests import factories
from tests.factories import Cast, cast
from tests.pages.asking import PART, sign_in, three_ways

pytestmark = pytest.mark.django_db
NEW = "/p/words/runs/new/"


@pytest.fixture
def team() -> Cast:
    return cast()


def address(run: Run) -> str:
    return f"/p/words/runs/{run.pk}/"


def growing(team: Cast, **fields: Any) -> tuple[Run, Tree]:
    engine = factories.engine("Scripted", team.project)
    values = {"started_at": timezone.now(), "params": {"children": 3, "rounds": 8}, "engine": engine, **fields}
    run = factories.run(team.project, **values)
    tree = factories.tree(team.project, factories.problem(team.project))
    Tree.objects.filter(pk=tree.pk).update(run=run, state="growing", rounds_done=2, external_key="")
    tree.refresh_from_db()
    return run, tree


@pytest.mark.parametrize("headers", [{}, PART])
def test_a_reviewer_pauses_and_resumes_a_run(team: Cast, headers: dict[str, str]) -> None:
    run, _ = growing(team)
    bo = sign_in(team.bo)
    assert "Pause run" in bo.get(address(run)).text

    bo.post(f"{address(run)}pause/", headers=headers)
    paused = three_ways(bo, address(run))
    assert "Paused: 0 of 1 tree of “Words” done; what has grown stays" in paused
    assert "Resume run" in paused and "Cancel run" in paused and "Pause run" not in paused
    assert "No worker takes" not in paused
    assert "Resume run" not in sign_in(team.ada).get(address(run)).text

    bo.post(f"{address(run)}resume/", headers=headers)
    assert Run.objects.get().state == "running"
    Run.objects.update(state="done")
    assert bo.post(f"{address(run)}pause/", headers=headers).status_code == 409


def test_one_tree_is_stopped_from_the_runs_page_and_from_its_own(team: Cast) -> None:
    run, tree = growing(team)
    bo, stop = sign_in(team.bo), f"/p/words/trees/{tree.pk}/stop/"
    assert f'action="{stop}"' in bo.get(address(run)).text
    assert f'action="{stop}"' in bo.get(f"/p/words/trees/{tree.pk}/").text
    assert "Stop growing" not in sign_in(team.ada).get(f"/p/words/trees/{tree.pk}/").text

    assert bo.post(stop, {"from": "run"}).headers["Location"] == address(run)
    assert bo.post(stop).headers["Location"] == f"/p/words/trees/{tree.pk}/"

    assert Tree.objects.get(pk=tree.pk).state == "stopped"
    page = bo.get(address(run)).text
    assert "1 stopped" in page and "Growing now" not in page
    assert "Stop growing" not in bo.get(f"/p/words/trees/{tree.pk}/").text


def test_the_figures_say_what_a_label_costs_and_how_full_the_engine_is(team: Cast) -> None:
    run, tree = growing(team, started_at=timezone.now() - timedelta(hours=1))
    stats = {"kept": {"succeeds": 3, "refuted": 1}, "consistency": {"agree": 5, "disagree": 2, "undecided": 1}}
    Tree.objects.filter(pk=tree.pk).update(state="done", correct_paths=1, stats=stats)
    spent = {"tokens": 2000, "seconds": 10.0, "nodes": 4, "row_seconds": 120.0, "busy_seconds": 8.0}
    told = {**spent, "prompt_tokens": 400, "cached_tokens": 300, "retries": 2}
    run.shards.update(checkpoint={"rounds": [told, {"nodes": 3, "tokens": 9, "seconds": 1}], "sums": told})

    page = sign_in(team.ada).get(address(run)).text
    told_by_api = sign_in(team.ada).get(f"/api/v1/projects/words/runs/{run.pk}/").json()["progress"]

    assert "500<span" in page and "2.5 s of a worker each" in page
    assert "15<span" in page and "busy 80 % of the time" in page and "2 requests sent again" in page
    assert "75 % of the prompt tokens" in page
    assert "5 agree" in page and "2 disagree" in page
    assert (told_by_api["tokens_per_label"], told_by_api["occupancy"], told_by_api["cached_share"]) == (500, 15, 0.75)
    assert [part["nodes"] for part in told_by_api["by_round"]] == [4, 3]


def test_an_old_run_without_these_figures_still_shows(team: Cast) -> None:
    run, _ = growing(team)
    run.shards.update(checkpoint={"rounds": [{"nodes": 3, "tokens": 9, "seconds": 1}], "sums": {"tokens": 9}})
    page = sign_in(team.ada).get(address(run)).text
    assert "Requests in flight" not in page and "no label yet" in page


def test_time_parts_of_many_shards_become_one_course_of_at_most_200_points(team: Cast) -> None:
    run, _ = growing(team)
    parts = [{"part": 170_000 + at, "nodes": 1, "tokens": 2, "seconds": 1.0} for at in range(300)]
    run.shards.update(checkpoint={"rounds": parts, "sums": {}})

    told_by_api = sign_in(team.ada).get(f"/api/v1/projects/words/runs/{run.pk}/").json()["progress"]

    assert told_by_api["timed"]
    assert len(told_by_api["by_round"]) == 150
    assert sum(part["nodes"] for part in told_by_api["by_round"]) == 300
    assert "Steps over time" in sign_in(team.ada).get(address(run)).text


def test_what_is_counted_over_the_steps_of_a_large_run_is_not_counted_at_each_look(
    team: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, tree = growing(team)
    factories.check(tree.nodes.get(seq=1), "refuted", run=run)
    monkeypatch.setattr(progress, "LARGE", 1)
    ada = sign_in(team.ada)
    assert "1 refuted" in ada.get(address(run)).text
    with CaptureQueriesContext(connection) as queries:
        assert "1 refuted" in ada.get(address(run), headers=PART).text
    assert not [each for each in queries.captured_queries if "GROUP BY verdict" in each["sql"]]
    Run.objects.update(state="done", finished_at=timezone.now())
    factories.check(tree.nodes.get(seq=2), "refuted", run=run)
    assert "2 refuted" in ada.get(address(run)).text


def test_growing_again_takes_the_same_problems_and_marks_what_is_changed(team: Cast) -> None:
    run, tree = growing(team, name="First trees", state="done")
    factories.problem(team.project, "Another problem?")
    bo = sign_in(team.bo)
    asked = {"engine": str(run.engine_id), "scope": "same", "like": str(run.pk), "p-children": "5", "p-rounds": "8"}

    form = three_ways(bo, f"{NEW}?like={run.pk}")
    assert 'value="same" checked' in form and "Those of First trees" in form
    assert 'class="field changed"' not in form
    refused = bo.post(NEW, {**asked, "seed": "x"}).text
    assert refused.count('class="field changed"') == 2  # children, and the box of early stop that was not ticked
    assert "Was 3" in refused

    bo.post(NEW, {**asked, "p-early_stop": "on"})
    made = Run.objects.latest("pk")
    assert made.parent_run_id == run.pk
    assert list(made.trees.values_list("problem", flat=True)) == [tree.problem_id]
    page = bo.get(address(made)).text
    assert "Grown again after" in page
    assert "Children" in page[page.index("Grown again after") :][:400]
    assert f"/p/words/runs/compare/?a={run.pk}&amp;b={made.pk}" in page


def test_another_projects_run_is_no_original(team: Cast) -> None:
    _, tree = growing(team)
    theirs = factories.run(cast("others").project)
    bo = sign_in(team.bo)
    engine = str(factories.engine("Scripted").pk)
    assert bo.get(f"{NEW}?like={theirs.pk}").status_code == 404
    assert bo.post(NEW, {"engine": engine, "scope": "all", "like": theirs.pk}).status_code == 404
    body = {"engine": int(engine), "problems": [tree.problem_id], "parent_run": theirs.pk}
    refused = bo.post("/api/v1/projects/words/runs/", body, content_type="application/json")
    assert (refused.status_code, refused.json()["field"]) == (400, "parent_run")
