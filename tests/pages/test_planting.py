"""Planting errors from the Data page: asked for with settings, refused beside the field, reported in its run."""

from __future__ import annotations

from pathlib import Path

import pytest

from annotations.models import LabelEvent, Problem, Run, Tree
from annotations.tasks.plant import run_plant
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
