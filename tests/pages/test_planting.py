"""Planting errors from the Data page: asked for with settings, refused beside the field, reported in its run."""

from __future__ import annotations

from pathlib import Path

import pytest

from annotations.models import LabelEvent, Problem, Run, Tree
from annotations.tasks.loop import WorkLoop
from annotations.tasks.plant import run_plant
from inference.types import Queue
from tests import factories
from tests.factories import Cast, cast
from tests.pages.asking import PART, sign_in, three_ways

pytestmark = pytest.mark.django_db
DATA = "/p/words/data/"


@pytest.fixture
def team() -> Cast:
    return cast()


def test_a_reviewer_plants_errors_and_reads_what_came_of_it(team: Cast, tmp_path: Path) -> None:
    form = {"p-problems": "6", "p-per_problem": "2", "p-seed": "3", "p-source": "templates"}

    answer = sign_in(team.bo).post(f"{DATA}plant/", form)

    run = Run.objects.get()
    assert answer.headers["Location"] == f"/p/words/runs/{run.pk}/"
    assert (run.kind, run.params["problems"], run.params["held_out"]) == ("plant", 6, 0.2)
    Run.objects.filter(pk=run.pk).update(report=run_plant(run=run, progress=lambda said: None), state="done")
    page = three_ways(sign_in(team.bo), f"/p/words/runs/{run.pk}/")
    for words in ("Planted errors in", "12 wrong solutions.", "What came in"):
        assert words in page
    assert Tree.objects.filter(source="planted").count() == Problem.objects.count() == 6
    assert set(LabelEvent.objects.values_list("voter", "source")) == {("planted", "planted")}


@pytest.mark.parametrize("headers", [{}, PART])
def test_a_setting_that_does_not_fit_is_refused_beside_it(team: Cast, headers: dict[str, str]) -> None:
    page = sign_in(team.bo).post(f"{DATA}plant/", {"p-kinds": "typo", "p-problems": "6"}, headers=headers)

    assert page.status_code == 400
    assert "Expected some of operand, operator" in page.text
    assert ("<html" in page.text) == (headers == {})
    assert not Run.objects.exists()


def test_an_engine_plants_what_is_wrong_for_sure_as_work_of_the_gpu(team: Cast) -> None:
    bo, scripted = sign_in(team.bo), factories.engine(project=team.project)
    form = {"p-by": "engine", "p-problems": "12", "p-per_problem": "3", "p-seed": "3"}
    refused = bo.post(f"{DATA}plant/", form, headers=PART)
    assert (refused.status_code, "Choose an engine that is granted" in refused.text) == (400, True)

    assert bo.post(f"{DATA}plant/", {**form, "engine": scripted.pk}).status_code == 302

    run = Run.objects.get()
    assert (run.engine, run.shards.get().queue, run.name) == (scripted, "gpu", "Plant errors by scripted")
    assert not WorkLoop(Queue.LIGHT).run_once()
    assert WorkLoop(Queue.GPU).run_once()
    run.refresh_from_db()
    assert run.state == "done", run.error
    assert set(run.report["planted_by_kind"]) == {"engine"}
    assert run.report["planted"] + run.report["discarded"] == 36
    errors = LabelEvent.objects.filter(rating="incorrect").select_related("node__tree")
    assert {event.data["kind"] for event in errors} == {"engine"}
    for event in errors:
        right = event.node.tree.nodes.get(depth=event.node.depth, labels__rating="correct")
        assert right.parent_seq == event.node.parent_seq and right.text != event.node.text
    page = three_ways(bo, f"/p/words/runs/{run.pk}/")
    for words in ("Made by an engine", "of the engine were discarded", "Plant errors by scripted"):
        assert words in page


def test_over_http_an_engine_is_named_beside_the_settings(team: Cast) -> None:
    scripted, bo = factories.engine(project=team.project), sign_in(team.bo)

    def ask(**body: object) -> tuple[int, str]:
        answer = bo.post("/api/v1/projects/words/runs/", {"kind": "plant", **body}, content_type="application/json")
        return answer.status_code, str(answer.json().get("field", ""))

    assert ask(params={"by": "engine"}) == (400, "engine")
    assert ask(params={"by": "hand"}) == (400, "by")
    assert ask(engine=scripted.pk, params={"problems": 5}) == (400, "engine")
    assert ask(engine=scripted.pk, params={"by": "engine", "problems": 5}) == (202, "")
    assert Run.objects.get().engine == scripted
