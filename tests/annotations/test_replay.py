"""Replay: labels are released bit by bit, heads trained on them are measured, and the page draws the curve."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from annotations.errors import BadInput
from annotations.models import ModelArtefact, Run, Score
from annotations.planting import plant_into
from annotations.tasks.replay import run_replay
from inference.planted.params import PlantParams
from tests import factories
from tests.factories import Cast
from tests.pages.asking import PART, sign_in, three_ways

pytestmark = pytest.mark.django_db
WORDS = {"features": "words", "counts": "60,150", "l2": "10,100"}


@pytest.fixture(autouse=True)
def home_of_its_own(settings: Any, tmp_path: Path) -> None:
    settings.STUDIO_HOME = tmp_path


@pytest.fixture
def cast() -> Cast:
    return factories.cast()


def a_run(cast: Cast, **params: object) -> Run:
    return Run.objects.create(
        project=cast.project, kind="replay", requested_by=cast.bo, params={**WORDS, **params}, state="running"
    )


def quietly(said: dict[str, object]) -> None:
    """Take progress and say nothing."""


def test_labels_are_released_and_each_point_is_told_as_it_comes(cast: Cast) -> None:
    plant_into(project=cast.project, params=PlantParams(problems=50, kinds="arithmetic,operator", seed=2))
    said: list[dict[str, Any]] = []
    run = a_run(cast)

    report = run_replay(run=run, progress=lambda at: said.append(dict(at)))

    assert [point["labels"] for point in report["points"]] == [60, 150]
    assert report["points"][0]["problems"] < report["points"][1]["problems"]
    assert [point["name"] for point in report["baselines"]] == ["constant", "counts"]
    assert report["baselines"][0]["auroc"] == 0.5
    for point in report["points"]:
        assert point["auroc_low"] <= point["auroc"] <= point["auroc_high"]
        assert 0 <= point["f1_low"] <= point["f1_high"] <= 1
    assert report["sentence"] == report["gain"]["sentence"]
    assert [len(at["points"]) for at in said if "points" in at][0] == 1
    assert not ModelArtefact.objects.exists() and not Score.objects.exists()

    Run.objects.filter(pk=run.pk).update(report={"progress": [at for at in said if "points" in at][0]})
    assert "60 labels" in sign_in(cast.vi).get(f"/p/words/runs/{run.pk}/", headers=PART).text
    Run.objects.filter(pk=run.pk).update(report=report, state="done")
    page = three_ways(sign_in(cast.vi), f"/p/words/runs/{run.pk}/")
    for words in ("What labels bring", "150 labels", "First-error F1", "Length, depth, digits, operators", "<polyline"):
        assert words in page


def test_too_few_labels_are_a_sentence(cast: Cast) -> None:
    report = run_replay(run=a_run(cast), progress=quietly)

    assert report["points"] == []
    assert report["sentence"] == "not enough labels: the 0 steps to train on are not of both classes, correct and wrong"


def test_a_setting_that_does_not_fit_is_named(cast: Cast) -> None:
    with pytest.raises(BadInput, match="counts: expected whole numbers from 20"):
        run_replay(run=a_run(cast, counts="5,many"), progress=quietly)

    page = sign_in(cast.bo).post("/p/words/models/replay/", {"p-counts": "5"}, headers=PART)
    assert (page.status_code, "Expected whole numbers from 20" in page.text) == (400, True)


def test_a_reviewer_asks_for_a_replay_on_the_models_page(cast: Cast) -> None:
    answer = sign_in(cast.bo).post("/p/words/models/replay/", {"p-counts": "200,400"})

    run = Run.objects.get(kind="replay")
    assert answer.headers["Location"] == f"/p/words/runs/{run.pk}/"
    assert (run.params["counts"], run.params["measured"]) == ("200,400", 2000)
