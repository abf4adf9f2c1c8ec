"""Runs: growing trees from a form, watching one live, cancelling it, reading what it found."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.template import Context, Template
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from annotations.models import Engine, EngineGrant, Problem, Run, RunShard, ToolCheck, Tree, Worker
from tests import factories
from tests.factories import Cast, cast
from tests.pages.asking import PART, sign_in, three_ways

pytestmark = pytest.mark.django_db
NEW = "/p/words/runs/new/"
PICKED = re.compile(r'name="problem" value="(\d+)" checked')


@pytest.fixture
def team() -> Cast:
    team = cast()
    engine = Engine.objects.create(name="Scripted", kind="scripted")
    EngineGrant.objects.create(project=team.project, engine=engine)
    return team


def problems(team: Cast, count: int = 3) -> list[Problem]:
    made = [factories.problem(team.project, f"Lena has {n} pens and buys {n}. How many?") for n in range(count)]
    Problem.objects.filter(pk=made[-1].pk).update(level=3)
    return made


def asked(**fields: Any) -> dict[str, Any]:
    engine = str(Engine.objects.get().pk)
    return {"engine": engine, "scope": "all", "p-early_stop": "on", **fields}


def make_run(team: Cast, kind: str = "generate", **fields: Any) -> Run:
    run = Run.objects.create(project=team.project, kind=kind, requested_by=team.bo, **fields)
    queue = "light" if kind in ("import", "export") else "gpu"
    state = "queued" if run.state in ("queued", "running", "cancelling") else "done"
    RunShard.objects.create(project=team.project, run=run, number=1, queue=queue, state=state)
    return run


def grown(team: Cast, run: Run) -> Tree:
    tree = factories.tree(team.project, factories.problem(team.project))
    Tree.objects.filter(pk=tree.pk).update(run=run, shard=run.shards.get())
    tree.nodes.update(run=run)
    node = tree.nodes.get(seq=3)
    ToolCheck.objects.create(
        project=team.project, node=node, run=run, verifier="claims", version="1", verdict="refuted"
    )
    return tree


def worker(queue: str = "gpu") -> Worker:
    return Worker.objects.create(name=f"{queue}@here:1", queue=queue, host="here", pid=1, seen_at=timezone.now())


def address(run: Run) -> str:
    return f"/p/words/runs/{run.pk}/"


def test_the_list_and_the_form_come_in_three_ways(team: Cast) -> None:
    problems(team)
    make_run(team, name="First trees")
    bo = sign_in(team.bo)

    assert "First trees" in three_ways(bo, "/p/words/runs/")
    assert "First trees" not in bo.get("/p/words/runs/?kind=export", headers=PART).text
    form = three_ways(bo, NEW)
    assert "Steps drawn at each expansion" in form
    assert 'value="1.414"' in form


def test_an_empty_project_is_told_what_to_do_first(team: Cast) -> None:
    assert "Import problems" in sign_in(team.bo).get(NEW).text
    EngineGrant.objects.all().delete()
    assert "No engine is granted" in sign_in(team.bo).get(NEW).text


@pytest.mark.parametrize("headers", [{}, PART])
def test_a_reviewer_grows_trees_with_settings_of_his_own(team: Cast, headers: dict[str, str]) -> None:
    problems(team)

    answer = sign_in(team.bo).post(NEW, asked(**{"p-children": "5", "seed": "7"}), headers=headers)

    run = Run.objects.get()
    assert (run.params["children"], run.params["early_stop"], run.seed) == (5, True, 7)
    assert run.trees.count() == 3
    assert address(run) == (answer.headers["HX-Redirect"] if headers else answer.headers["Location"])


@pytest.mark.parametrize(
    ("choice", "trees"),
    [
        ({"scope": "all"}, 3),
        ({"scope": "all", "limit": "2"}, 2),
        ({"scope": "without"}, 2),
        ({"scope": "level", "level": ["3"]}, 1),
        ({"scope": "level", "level": ["1", "3"], "limit": "1"}, 1),
    ],
)
def test_the_choice_of_problems_is_what_grows(team: Cast, choice: dict[str, Any], trees: int) -> None:
    factories.tree(team.project, problems(team)[0])

    sign_in(team.bo).post(NEW, asked(**choice))

    assert Run.objects.get().trees.count() == trees


def test_problems_of_the_address_stand_in_the_form_and_alone_grow(team: Cast) -> None:
    first, second, _ = (made.pk for made in problems(team))
    theirs = factories.problem(cast("others").project).pk
    bo = sign_in(team.bo)

    page = three_ways(bo, f"{NEW}?problem={second}&problem={first}&problem={second}&problem={theirs}&problem=x")
    assert PICKED.findall(page) == [str(second), str(first)]
    assert 'value="picked" checked' in page and "These 2 problems" in page
    assert "This problem" in bo.get(f"{NEW}?problem={first}").text
    assert "picked" not in bo.get(f"{NEW}?problem={theirs}").text

    refused = bo.post(NEW, asked(scope="picked", problem=[second], seed="x")).text
    assert PICKED.findall(refused) == [str(second)]
    bo.post(NEW, asked(scope="picked", problem=[second]))
    assert [tree.problem_id for tree in Run.objects.get().trees.all()] == [second]
    many = "&".join(f"problem={number}" for number in range(501))
    assert "At most 500 problems" in bo.get(f"{NEW}?{many}").text


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"p-children": "many"}, "a whole number"),
        ({"p-temperature": "9"}, "at most 5"),
        ({"p-policy": "guess"}, "one of veto, paper"),
        ({"p-reward_fidelity": "0"}, "Expected a weight above 0 here or in reward_outcome"),
        ({"p-method": "vote", "p-temperature": "0"}, "Expected more than 0 for vote"),
        ({"seed": "-1"}, "Expected a whole number from 0"),
        ({"limit": "0"}, "Expected a whole number from 1"),
        ({"scope": "level"}, "Choose at least one level."),
        ({"scope": "picked"}, "Choose at least one problem."),
        ({"scope": "picked", "problem": ["999999"]}, "Problem 999999 is not of this project."),
        ({"scope": "level", "level": ["77"]}, "No problem fits this choice."),
        ({"scope": "some"}, "Choose which problems"),
        ({"engine": "x"}, "Choose an engine."),
        ({"engine": "999999"}, "granted to this project"),
    ],
)
@pytest.mark.parametrize("headers", [{}, PART])
def test_a_refused_form_says_why_and_keeps_what_was_typed(
    team: Cast, wrong: dict[str, Any], says: str, headers: dict[str, str]
) -> None:
    problems(team)

    page = sign_in(team.bo).post(NEW, asked(**{"name": "My run", "p-rounds": "21", **wrong}), headers=headers)

    assert page.status_code == 400
    assert says in page.text
    assert 'value="My run"' in page.text
    assert 'value="21"' in page.text
    assert not Run.objects.exists()


def test_a_rule_between_settings_is_asked_of_all_that_stands_in_the_form(team: Cast) -> None:
    problems(team)
    by_outcome = {"p-reward_fidelity": "0", "p-reward_outcome": "1", "p-method": "mcts"}
    sign_in(team.bo).post(NEW, asked(**by_outcome))
    assert Run.objects.get().params["reward_outcome"] == 1.0
    page = sign_in(team.bo).post(NEW, asked(**by_outcome, **{"p-children": "many", "p-width": "none"})).text
    assert page.count("a whole number, got") == 2 and page.count('aria-invalid="true"') == 2


def test_settings_tell_which_methods_read_them(team: Cast) -> None:
    problems(team)
    form = sign_in(team.bo).get(NEW).text
    assert 'data-only="beam best_of_n"' in form and 'data-only="omega"' in form
    assert "Read by mcts, omega</span>" in form, "without a script the words are there"


def test_a_run_is_asked_for_again_with_the_same_settings(team: Cast) -> None:
    problems(team)
    run = make_run(team, params={"children": 4, "gone_since": 1}, engine=Engine.objects.get())

    form = sign_in(team.bo).get(f"{NEW}?like={run.pk}").text

    assert 'name="p-children" value="4"' in form


def test_annotators_watch_and_do_not_start(team: Cast) -> None:
    problems(team)
    run = make_run(team)
    ada = sign_in(team.ada)

    assert "Grow trees</a>" not in ada.get("/p/words/runs/").text
    assert "Cancel run" not in ada.get(address(run)).text
    assert ada.post(NEW, asked()).status_code == 403
    assert ada.post(f"{address(run)}cancel/").status_code == 403
    assert sign_in(team.cy).get(address(run)).status_code == 404


def test_a_live_run_says_how_far_it_is_and_asks_again(team: Cast) -> None:
    worker()
    run = make_run(team, state="running", started_at=timezone.now())
    tree = grown(team, run)
    rounds = [{"nodes": 4, "tokens": 90, "seconds": 0.5}]
    run.shards.update(checkpoint={"rounds": rounds, "sums": {"tokens": 90, "seconds": 0.5, "nodes": 4}})

    page = three_ways(sign_in(team.ada), address(run))

    assert "Growing 1 tree of “Words”: 1 done, 180 tokens/s" in page
    assert 'hx-trigger="every' in page
    assert f'href="/p/words/trees/{tree.pk}/"' in page
    assert "1 refuted" in page
    assert "Steps by round: first 4" in page
    assert "No worker takes" not in page


@pytest.mark.parametrize("state", ["done", "failed", "cancelled"])
def test_a_run_that_has_ended_asks_no_more(team: Cast, state: str) -> None:
    run = make_run(team, state=state, started_at=timezone.now(), finished_at=timezone.now())
    grown(team, run)

    part = sign_in(team.ada).get(address(run), headers=PART).text

    assert "hx-trigger" not in part
    assert "Cancel run" not in part


def test_the_live_part_takes_the_same_queries_however_large_the_run(team: Cast) -> None:
    run = make_run(team, state="running", started_at=timezone.now())
    grown(team, run)
    ada = sign_in(team.ada)
    ada.get(address(run), headers=PART)

    with CaptureQueriesContext(connection) as few:
        ada.get(address(run), headers=PART)
    for problem in problems(team, 30):
        tree = factories.tree(team.project, problem)
        Tree.objects.filter(pk=tree.pk).update(run=run)
        tree.nodes.update(run=run)
    with CaptureQueriesContext(connection) as many:
        ada.get(address(run), headers=PART)

    assert len(many) == len(few)


def test_without_a_worker_the_page_says_how_to_start_one(team: Cast) -> None:
    run = make_run(team)
    grown(team, run)

    page = sign_in(team.ada).get(address(run)).text

    assert "No worker takes gpu work now" in page
    assert "make studio" in page
    assert "celery -A rationale_studio worker -Q gpu --pool=solo" in page


def test_a_failed_run_says_the_cause_what_is_safe_and_what_to_do(team: Cast) -> None:
    run = make_run(team, state="failed", error="The model folder is empty.", started_at=timezone.now())

    page = sign_in(team.bo).get(address(run)).text

    assert "The model folder is empty." in page
    assert "All finished rounds are stored." in page
    assert f"{NEW}?like={run.pk}" in page


@pytest.mark.parametrize("headers", [{}, PART])
def test_cancelling_stops_a_waiting_run_at_once(team: Cast, headers: dict[str, str]) -> None:
    run = make_run(team)

    sign_in(team.bo).post(f"{address(run)}cancel/", headers=headers)

    run.refresh_from_db()
    assert run.state == "cancelled"
    assert sign_in(team.bo).get(f"{address(run)}cancel/").status_code == 405


def test_an_import_shows_each_refused_row(team: Cast) -> None:
    refused = [{"line": 7, "field": "text", "expected": "a text", "found": "null"}]
    report = {"format": "jsonl", "rows_read": 3, "rows_refused": 1, "refused": refused, "problems_new": 2}
    run = make_run(team, "import", state="done", report=report, input={"name": "a.jsonl"}, started_at=timezone.now())

    page = three_ways(sign_in(team.bo), address(run))

    assert "Imported a.jsonl in a second" in page
    assert "3 rows read as jsonl, 1 refused" in page
    assert ">7</td>" in page
    assert "a text" in page


def test_an_import_under_way_says_what_it_last_told(team: Cast) -> None:
    told = {"progress": {"rows": 1200, "refused": 3, "stage": "reading"}}
    run = make_run(team, "import", state="running", report=told, input={"name": "a.jsonl"}, started_at=timezone.now())

    assert "Importing a.jsonl: reading, 1,200 rows, 3 refused" in sign_in(team.ada).get(address(run)).text


def strip(team: Cast) -> str:
    request = RequestFactory().get("/p/words/")
    request.access = team.access(team.ada)  # type: ignore[attr-defined]
    return Template("{% load work %}{% work_strip %}").render(Context({"request": request})).strip()


def test_the_strip_is_there_only_while_a_worker_is_missing_or_a_run_goes_on(team: Cast) -> None:
    assert "make studio" in strip(team)
    for queue in ("gpu", "tools", "light"):
        worker(queue)
    assert strip(team) == ""
    run = make_run(team, name="First trees")
    assert f'href="{address(run)}"' in strip(team)
    assert "make studio" not in strip(team)
