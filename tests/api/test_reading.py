"""Reading over HTTP: what is shown, in which order, and in how many queries."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from annotations.api.steps import NodeShape
from annotations.labelling import Judgement, save_label
from annotations.models import Node, Problem
from tests.factories import Cast, cast, check, engine, fill, imported_rating, person, problem, run, score, tree

pytestmark = pytest.mark.django_db
SETTINGS = ("--custom-settings", "annotations.api.schema.SETTINGS")
WORDS = "/api/v1/projects/words/"


@pytest.fixture
def team() -> Cast:
    return cast()


def client(user: object) -> APIClient:
    made = APIClient()
    made.force_authenticate(user)
    return made


def test_one_lists_the_projects_one_may_see(team: Cast) -> None:
    cast("elsewhere").project.memberships.filter(user=team.ada).delete()
    problem(team.project)
    found = client(team.ada).get("/api/v1/projects/").json()
    shown = [(row["slug"], row["role"], row["problems"], row["archived"]) for row in found["results"]]
    assert shown == [("words", "annotator", 1, False)]
    assert client(team.cy).get("/api/v1/projects/").json()["count"] == 0


def test_a_project_says_what_one_may_do_and_choose(team: Cast) -> None:
    engine("closed")
    chosen = engine("scripted", team.project)
    shown = client(team.ada).get(WORDS).json()
    assert "label" in shown["may"] and "export data" not in shown["may"]
    assert shown["engines"] == [{"id": chosen.pk, "name": "scripted", "kind": "scripted"}]
    assert shown["categories"][0]["key"] == "arithmetic"


def test_problems_are_found_by_words_and_level_and_come_in_pages(team: Cast) -> None:
    for number in range(3):
        Problem.objects.create(
            project=team.project, text=f"A farmer has {number} cows.", level=number, content_hash=str(number)
        )
    problem(team.project)
    ada = client(team.ada)
    assert ada.get(WORDS + "problems/?q=farmer").json()["count"] == 3
    assert [row["level"] for row in ada.get(WORDS + "problems/?q=farmer&sort=-level").json()["results"]] == [2, 1, 0]
    page = ada.get(WORDS + "problems/?limit=2&offset=2").json()
    assert (page["count"], len(page["results"]), page["next"]) == (4, 2, None)
    assert len(ada.get(WORDS + "problems/?limit=100000").json()["results"]) == 4


def test_a_problem_shows_its_trees(team: Cast) -> None:
    asked = problem(team.project)
    grown = tree(team.project, asked)
    shown = client(team.vi).get(f"{WORDS}problems/{asked.pk}/").json()
    assert (shown["text"], shown["answer"], [row["id"] for row in shown["trees"]]) == (asked.text, "9", [grown.pk])


def test_trees_are_narrowed_by_problem_run_and_state(team: Cast) -> None:
    filled = fill(team.project, team.ada)
    ada = client(team.ada)
    for query, count in (("", 1), (f"?run={filled.run.pk}", 1), ("?problem=1", 0), ("?state=growing", 0)):
        assert ada.get(f"{WORDS}trees/{query}").json()["count"] == count, query
    for query, field in (("?state=sleeping", "state"), ("?run=x", "run"), (f"?problem={10**30}", "problem")):
        refused = ada.get(f"{WORDS}trees/{query}")
        assert (refused.status_code, refused.json()["field"]) == (400, field)


def test_a_tree_shows_steps_with_evidence_and_labels(team: Cast) -> None:
    grown = tree(team.project, problem(team.project))
    first = grown.nodes.get(seq=1)
    check(first)
    score(first, 0.25)
    imported_rating(first, "incorrect", "row-1")
    event = save_label(
        access=team.access(team.ada), node_id=first.pk, judgement=Judgement("correct"), seen_version=None, key=None
    )
    shown = client(team.vi).get(f"{WORDS}trees/{grown.pk}/").json()
    step = shown["nodes"][0]
    assert [node["seq"] for node in shown["nodes"]] == [1, 2, 3, 4]
    assert all(set(node) == set(NodeShape.Meta.fields) for node in shown["nodes"])
    assert (step["text"], step["parent_seq"], step["value"]) == ("Lena has 5 + 4 = 9 pens.", None, 0.0)
    assert step["verdicts"][0]["claims"][0]["detail"] == "5 + 4 = 9, not 8"
    assert step["scores"][0]["value"] == 0.25
    assert (step["rating"], step["version"]) == ("correct", event.pk)
    assert {label["author"] for label in step["labels"]} == {"ada", None}
    assert shown["nodes"][1]["labels"] == []


def test_in_blind_mode_the_tree_holds_ones_own_labels_only(team: Cast) -> None:
    team.project.settings = {"blind": True}
    team.project.save()
    grown = tree(team.project, problem(team.project))
    save_label(
        access=team.access(team.bo),
        node_id=grown.nodes.get(seq=1).pk,
        judgement=Judgement("incorrect"),
        seen_version=None,
        key=None,
    )
    for user, rating in ((team.ada, None), (team.vi, None), (team.bo, "incorrect"), (team.odo, "incorrect")):
        step = client(user).get(f"{WORDS}trees/{grown.pk}/").json()["nodes"][0]
        assert (step["rating"], bool(step["labels"]), bool(step["version"])) == (rating, bool(rating), bool(rating))


def test_a_tree_costs_the_same_queries_whatever_its_size(team: Cast) -> None:
    counts = []
    for size in (2, 40):
        steps = tuple((number, f"Step {number}.") for number in range(size))
        asked = problem(team.project, text=f"Of {size}")
        grown = tree(team.project, asked, steps)
        for node in Node.objects.filter(tree=grown):
            check(node)
        with CaptureQueriesContext(
            connection,
        ) as seen:
            client(team.ada).get(f"{WORDS}trees/{grown.pk}/")
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 7


def test_runs_are_listed_newest_first_and_one_shows_progress(team: Cast) -> None:
    runs = [run(team.project, kind, state="done") for kind in ("generate", "export")]
    ada = client(team.ada)
    assert [row["id"] for row in ada.get(WORDS + "runs/").json()["results"]] == [runs[1].pk, runs[0].pk]
    assert ada.get(WORDS + "runs/?kind=export").json()["count"] == 1
    assert ada.get(WORDS + "runs/?kind=dance").status_code == 400
    shown = ada.get(f"{WORDS}runs/{runs[0].pk}/").json()
    assert (shown["state"], shown["progress"]["nodes"], shown["snapshots"]) == ("done", 0, [])


def test_a_site_admin_reads_every_project(team: Cast) -> None:
    root = person("root", is_superuser=True)
    assert client(root).get(WORDS).json()["role"] == "owner"
    assert client(root).get("/api/v1/projects/").json()["results"][0]["role"] is None


def test_the_schema_is_complete(tmp_path: object) -> None:
    call_command("spectacular", "--validate", "--fail-on-warn", *SETTINGS, "--file", f"{tmp_path}/schema.yaml")
    schema = Client().get("/api/v1/schema/").json()
    assert "/api/v1/projects/{slug}/nodes/{node_id}/labels/" in schema["paths"]
