"""The tour: its acts ask for runs, its stops are read from the project, and blind means blind until the last step."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from annotations.labelling import Judgement, save_label
from annotations.models import LabelEvent, Node, Project, Run, ToolCheck, Worker
from annotations.selectors.drill import drill
from annotations.selectors.tour import tour
from annotations.tasks.loop import WorkLoop
from inference.types import Queue
from tests import factories
from tests.factories import Cast, cast, score
from tests.pages.asking import PART, sign_in, three_ways

pytestmark = pytest.mark.django_db
TOUR, BLIND = "/p/words/tour/", "/p/words/tour/blind/"


@pytest.fixture
def team() -> Cast:
    return cast()


@pytest.fixture
def corpus(team: Cast, monkeypatch: pytest.MonkeyPatch) -> Cast:
    """A planted corpus whose every second planted error is labelled correct, checked."""
    settings = {"problems": 40, "per_problem": 2, "kinds": "arithmetic", "wrong_labels": 0.5, "seed": 1}
    monkeypatch.setattr("annotations.touring.CORPUS", settings)
    sign_in(team.bo).post(f"{TOUR}act/", {"act": "plant"})
    assert WorkLoop(Queue.LIGHT).run_once()
    assert WorkLoop(Queue.TOOLS).run_once()
    return team


def test_the_tour_has_a_project_of_its_own_once(team: Cast) -> None:
    first = sign_in(team.cy).post("/tour/").headers["Location"]
    assert sign_in(team.cy).post("/tour/").headers["Location"] == first == "/p/tour/tour/"
    assert sign_in(team.ada).post("/tour/").headers["Location"] != first
    assert Project.objects.filter(name="Tour").count() == 2


def test_acts_ask_for_runs_and_say_why_not(team: Cast) -> None:
    page = three_ways(sign_in(team.bo), TOUR)
    assert "Plant a corpus" in page
    assert "Take a corpus first." in page
    refused = sign_in(team.bo).post(f"{TOUR}act/", {"act": "measure"}, headers=PART)
    assert refused.status_code == 400
    assert "There is no problem without a tree" in refused.text
    assert "No pass rate was measured yet" in sign_in(team.bo).post(f"{TOUR}act/", {"act": "grow"}, follow=True).text
    for act, kind in (("stories", "problems"), ("train", "train"), ("replay", "replay"), ("export", "export")):
        assert sign_in(team.bo).post(f"{TOUR}act/", {"act": act}, headers=PART).status_code == 200
        assert Run.objects.latest("id").kind == kind
    assert sign_in(team.bo).post(f"{TOUR}act/").status_code == 400


def test_a_training_without_a_head_is_told_and_offered_again(corpus: Cast) -> None:
    factories.run(corpus.project, "train", "done", report={"model_id": None, "sentence": "not enough labels"})
    page = sign_in(corpus.bo).get(TOUR).text
    assert "The training made no head: not enough labels." in page
    assert 'value="train"' in page
    assert "PRM trained" not in page


def test_wrong_labels_that_a_tool_refutes_are_corrected_one_by_one(corpus: Cast) -> None:
    page = sign_in(corpus.bo).get(TOUR).text
    access = corpus.access(corpus.bo)
    found = tour(access)
    assert found.refuted > 3
    assert f"{found.refuted} steps labelled correct are refuted." in page
    nodes = Node.objects.filter(checks__verdict="refuted", labels__rating="correct")[:3]
    for node in nodes:
        judgement = Judgement("incorrect", client="review")
        save_label(access=access, node_id=node.pk, judgement=judgement, seen_version=None, key=None)
    again = tour(access)
    assert (again.refuted, again.corrected) == (found.refuted - 3, 3)
    assert 'id="stop-refuted"' in sign_in(corpus.bo).get(TOUR).text


def test_fifteen_steps_are_labelled_blind_and_then_everybody_speaks(corpus: Cast) -> None:
    access, client = corpus.access(corpus.ada), sign_in(corpus.ada)
    nodes = drill(access).nodes
    ratings = LabelEvent.objects.filter(node__in=nodes).values_list("node__tree", "data")
    assert len(nodes) == len({tree for tree, _ in ratings}) == 15
    assert drill(corpus.access(corpus.bo)).nodes != nodes
    assert ToolCheck.objects.filter(node__in=nodes, verdict="refuted").count() >= 3
    score(Node.objects.get(pk=nodes[0]), 0.2, scorer="prm")
    page = three_ways(client, BLIND)
    assert "Step 1 of 15" in page
    for word in ("refuted", "on purpose", "planted", "PRM"):
        assert word not in page
    for number, node in enumerate(nodes, 1):
        shown = answer(client, node, "incorrect" if number == 1 else "correct")
    assert drill(access).done
    assert "Who says what" in shown
    for words in ("you and the labels", "you and the tool", "you and the PRM", "0.2"):
        assert words in shown
    changed = client.get(f"{BLIND}?step=1").text
    assert (
        'value="incorrect" class="incorrect" data-key="3" data-help="Incorrect, next step" aria-pressed="true"'
        in changed
    )


def answer(client: Client, node: int, rating: str) -> str:
    said = client.post(BLIND, {"node": node, "rating": rating, "key": uuid4()}, headers=PART)
    assert said.status_code == 200
    return str(said.text)


def test_a_step_of_somebody_elses_drill_and_a_missing_rating_are_refused(corpus: Cast) -> None:
    mine = set(drill(corpus.access(corpus.ada)).nodes)
    other = next(node for node in drill(corpus.access(corpus.bo)).nodes if node not in mine)
    client = sign_in(corpus.ada)
    assert client.post(BLIND, {"node": other, "rating": "correct", "key": uuid4()}).status_code == 400
    assert client.post(BLIND, {"node": min(mine), "key": uuid4()}).status_code == 400
    assert not LabelEvent.objects.filter(source="person").exists()


def test_the_pages_ask_a_fixed_number_of_questions(corpus: Cast, django_assert_max_num_queries: Any) -> None:
    client = sign_in(corpus.bo)
    client.get(TOUR)
    with django_assert_max_num_queries(13):
        client.get(TOUR)
    with django_assert_max_num_queries(5):
        client.get(BLIND)


def test_who_may_not_see_others_labels_sees_none_at_the_end(corpus: Cast) -> None:
    corpus.project.settings = {"blind": True}
    corpus.project.save()
    client = sign_in(corpus.ada)
    for node in drill(corpus.access(corpus.ada)).nodes:
        shown = answer(client, node, "neutral")
    assert "not shown" in shown
    assert "you and the labels" not in shown


def test_a_killed_worker_is_named_with_the_one_that_took_over(team: Cast) -> None:
    Worker.objects.create(name="gpu@a:1", queue="gpu", host="a", pid=1, started_at="2026-01-01T00:00Z")
    alive = {"queue": "gpu", "host": "a", "pid": 2, "doing": "generate run 4, shard 1"}
    Worker.objects.create(name="gpu@a:2", **alive)
    team.vi.is_staff = True
    team.vi.save()
    assert "kill -9 2" in sign_in(team.vi).get(TOUR).text
    assert tour(team.access(team.vi)).taken_over is None
    Worker.objects.filter(pid=1).update(seen_at=lost())
    for words in ("gpu@a:2", "kill -9", "run 4"):
        assert words not in sign_in(team.bo).get(TOUR).text
    page = sign_in(team.vi).get(TOUR).text
    assert "Process 1 is gone; 2 works since" in page
    assert "Plant a corpus" not in page


def lost() -> object:
    from datetime import timedelta

    from django.utils import timezone

    return timezone.now() - timedelta(minutes=2)
