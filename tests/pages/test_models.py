"""PRM heads: what they reach, retraining, scoring; the report of a training on its run's page."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from annotations.models import ModelArtefact, Problem, Run, Worker
from tests.factories import Cast, cast, engine, problem
from tests.pages.asking import PART, sign_in, three_ways

pytestmark = pytest.mark.django_db
MODELS = "/p/words/models/"
GAIN: dict[str, Any] = {
    "sentence": "no detectable change (interval -0.010 to +0.030)",
    "auroc_new": 0.812,
    "auroc_new_low": 0.76,
    "auroc_new_high": 0.861,
    "auroc_old": 0.801,
    "difference": 0.011,
    "low": -0.01,
    "high": 0.03,
    "detectable": False,
    "n_train_steps": 412,
}


@pytest.fixture
def team() -> Cast:
    return cast()


def trained(team: Cast, **report: Any) -> ModelArtefact:
    now = timezone.now()
    found = {**GAIN, **report, "model_id": 1}
    run = Run.objects.create(
        project=team.project, kind="train", state="done", report=found, started_at=now, finished_at=now
    )
    return ModelArtefact.objects.create(
        project=team.project, name=f"PRM head {run.pk}", base="SmolLM2", kind="prm-head", metrics=found, run=run
    )


def test_without_a_head_the_page_says_what_to_do(team: Cast) -> None:
    assert "Label some steps" in three_ways(sign_in(team.bo), MODELS)


def test_a_head_is_listed_with_its_figures_and_no_change_is_said_plainly(team: Cast) -> None:
    trained(team)

    page = three_ways(sign_in(team.ada), MODELS)

    for words in ("0.812", "0.760 to 0.861", "0.801", "no detectable change", "412"):
        assert words in page
    assert "Retrain</button>" not in page
    assert "Score all trees" not in page


def test_a_gain_is_shown_with_its_size(team: Cast) -> None:
    trained(team, detectable=True, difference=0.05, sentence="AUROC rose by 0.050 (interval +0.010 to +0.090)")

    assert '<span class="mark correct">+0.050</span>' in sign_in(team.bo).get(MODELS).text


@pytest.mark.parametrize("headers", [{}, PART])
def test_a_reviewer_retrains_with_settings_of_his_own(team: Cast, headers: dict[str, str]) -> None:
    sign_in(team.bo).post(f"{MODELS}retrain/", {"p-held_out": "0.3", "p-neutral": "drop"}, headers=headers)

    run = Run.objects.get(kind="train")
    assert (run.params["held_out"], run.params["neutral"]) == (0.3, "drop")


@pytest.mark.parametrize("headers", [{}, PART])
def test_a_refused_setting_is_said_beside_it_and_kept(team: Cast, headers: dict[str, str]) -> None:
    page = sign_in(team.bo).post(
        f"{MODELS}retrain/", {"p-held_out": "0.9", "p-neutral": "drop", "p-l2": "ten"}, headers=headers
    )

    assert page.status_code == 400
    assert "Expected at most 0.5" in page.text
    assert "expected numbers with commas" in page.text.lower()
    assert 'value="0.9"' in page.text
    assert "<option selected>drop</option>" in page.text
    assert not Run.objects.exists()


def test_all_trees_are_scored_by_the_chosen_head(team: Cast) -> None:
    first, _ = trained(team), trained(team)

    sign_in(team.bo).post(f"{MODELS}score/", {"model": first.pk})

    assert Run.objects.get(kind="score").params["model_id"] == first.pk


@pytest.mark.parametrize("model", ["", "12345", "x"])
def test_scoring_without_a_head_is_refused_with_a_sentence(team: Cast, model: str) -> None:
    answer = sign_in(team.bo).post(f"{MODELS}score/", {"model": model})

    assert answer.status_code == 400
    assert not Run.objects.exists()


def test_a_head_of_another_project_scores_nothing_here(team: Cast) -> None:
    other = trained(cast("units"))

    assert sign_in(team.bo).post(f"{MODELS}score/", {"model": other.pk}).status_code == 400


@pytest.mark.parametrize("act", ["retrain", "score"])
def test_annotators_neither_train_nor_score(team: Cast, act: str) -> None:
    assert sign_in(team.ada).post(f"{MODELS}{act}/").status_code == 403
    assert sign_in(team.bo).get(f"{MODELS}{act}/").status_code == 405


def test_without_a_worker_it_is_said_with_the_command_that_starts_one(team: Cast) -> None:
    bo = sign_in(team.bo)

    assert "celery -A rationale_studio worker -Q gpu --pool=solo" in bo.get(MODELS).text
    Worker.objects.create(name="g", queue="gpu", host="here", pid=1)
    assert "No worker takes gpu work" not in bo.get(MODELS).text


def test_a_failed_training_is_told_where_the_next_one_starts(team: Cast) -> None:
    Run.objects.create(project=team.project, kind="train", state="failed", error="torch is not installed here.")

    assert "torch is not installed here." in sign_in(team.bo).get(MODELS).text


def test_the_run_of_a_training_shows_new_against_old(team: Cast) -> None:
    run = trained(team).run

    page = three_ways(sign_in(team.ada), f"/p/words/runs/{run.pk}/")

    assert "No detectable change (interval -0.010 to +0.030)." in page
    assert "AUROC of this head: 0.812 (0.760 to 0.861); the head before: 0.801" in page
    assert "Difference +0.011" in page


def test_a_training_with_too_few_labels_says_of_what(team: Cast) -> None:
    report = {"sentence": "not enough labels: 3 wrong steps to train on", "model_id": None}
    run = Run.objects.create(project=team.project, kind="train", state="done", report=report, started_at=timezone.now())
    bo = sign_in(team.bo)

    assert "Not enough labels: 3 wrong steps" in bo.get(f"/p/words/runs/{run.pk}/").text
    assert "not enough labels: 3 wrong steps" in bo.get(MODELS).text


DEDUCED: dict[str, Any] = {
    "sentence": "ranks 86.5 % of 327 held-out pairs rightly (interval 82.4 to 89.8)",
    "accuracy": 0.8654,
    "accuracy_low": 0.8242,
    "accuracy_high": 0.8982,
    "pairs_right": 283,
    "n_test_pairs": 327,
    "n_train_pairs": 1520,
    "by_kind": {"elsewhere": [88, 90], "operator": [33, 37]},
    "model_id": 1,
}


def deducer(team: Cast) -> ModelArtefact:
    run = Run.objects.create(
        project=team.project, kind="train", plugin="deducibility-head", state="done", report=DEDUCED,
        started_at=timezone.now(),
    )  # fmt: skip
    return ModelArtefact.objects.create(
        project=team.project, name="Scorer 1", base="SmolLM2", kind="deducibility-head", metrics=DEDUCED, run=run
    )


def test_a_deducibility_scorer_is_no_prm_head_and_shows_what_it_ranks_rightly(team: Cast) -> None:
    run = deducer(team).run

    page = three_ways(sign_in(team.ada), MODELS)
    report = three_ways(sign_in(team.ada), f"/p/words/runs/{run.pk}/")

    for words in ("No PRM head yet", "Scorer 1", "86.5 %", "82.4 to 89.8 %", "283 of 327", "1,520"):
        assert words in page
    for words in ("Trained a deducibility scorer", "Ranks 86.5 % of 327", "Step of another problem", "97.8 %"):
        assert words in report


@pytest.mark.parametrize("headers", [{}, PART])
def test_a_deducibility_scorer_is_asked_for_beside_its_settings(team: Cast, headers: dict[str, str]) -> None:
    bo, asked = sign_in(team.bo), {"p-objective": "deducibility", "p-margin": "2", "p-pairs": "400"}

    refused = bo.post(f"{MODELS}retrain/", asked, headers=headers)
    Problem.objects.create(
        project=team.project, text="2 and 2?", solution="2 + 2 = 4.", answer="4", content_hash="c" * 64
    )
    wrong = bo.post(f"{MODELS}retrain/", {**asked, "p-margin": "0"}, headers=headers)
    bo.post(f"{MODELS}retrain/", asked, headers=headers)

    assert refused.status_code == 400 and "There is no right solution to plant errors in" in refused.text
    assert "Expected at least 0.01" in wrong.text
    assert (Run.objects.get().params["objective"], Run.objects.get().params["margin"]) == ("deducibility", 2.0)
    assert Run.objects.get().plugin == "deducibility-head"


@pytest.mark.parametrize("headers", [{}, PART])
def test_a_search_whose_scorer_is_not_there_is_refused_beside_its_setting(team: Cast, headers: dict[str, str]) -> None:
    made = engine(project=team.project)
    problem(team.project)
    asked = {"engine": made.pk, "scope": "all", "p-method": "beam", "p-guide": "deducibility"}

    page = sign_in(team.bo).post("/p/words/runs/new/", asked, headers=headers)

    assert page.status_code == 400
    guide = page.text[page.text.index('id="p-guide"') :][:800]
    assert "There is no deducibility scorer to guide this search: train one on the page Models" in guide
    assert not Run.objects.exists()
