"""A search that asks a PRM: the project's head scores its paths on the worker, the same one to the run's end."""

from __future__ import annotations

from pathlib import Path

import pytest

from annotations.errors import BadInput
from annotations.models import Engine, ModelArtefact, Node, Run, RunShard, Score
from annotations.tasks.score import run_score
from annotations.tasks.train import run_train
from tests import factories
from tests.annotations.test_jobs import asked, rows_of, scripted_engine, worker
from tests.annotations.test_train import WORDS, a_run, labelled_trees, quietly
from tests.factories import Cast

pytestmark = pytest.mark.django_db(transaction=True)
BEAM = {"method": "beam", "guide": "prm", "width": 2, "draws": 3}


@pytest.fixture
def cast(settings: object, tmp_path: Path) -> Cast:
    settings.STUDIO_HOME = tmp_path  # type: ignore[attr-defined]
    settings.MEDIA_ROOT = tmp_path / "files"  # type: ignore[attr-defined]
    people = factories.cast()
    labelled_trees(people, problems=12)
    return people


def asking(cast: Cast, params: dict[str, object], **limits: object) -> Run:
    engine = scripted_engine(cast.project)
    Engine.objects.filter(pk=engine.pk).update(limits={"shard": 12, **limits})
    return asked(cast, **params)


def train(cast: Cast, **params: object) -> int:
    report = run_train(run=a_run(cast, params={**WORDS, **params}), progress=quietly)
    return int(report["model_id"])


def grow_all() -> None:
    loop = worker()
    while loop.run_once():
        pass
    loop.resident.close()


def test_a_beams_values_are_the_scores_of_the_projects_head(cast: Cast) -> None:
    head = train(cast)
    run = asking(cast, BEAM)
    grow_all()
    run_score(run=a_run(cast, "score", params={"model_id": head}), progress=quietly)
    scores = dict(Score.objects.filter(node__run=run, model=head).values_list("node", "value"))
    steps = list(Node.objects.filter(run=run, role="step").prefetch_related("checks"))
    firsts = [step for step in steps if step.parent_seq is None and step.checks.get().verdict != "refuted"]
    assert firsts and all(step.value_sum == pytest.approx(2 * scores[step.pk] - 1, abs=1e-5) for step in firsts)
    refuted = [step for step in steps if step.checks.get().verdict == "refuted"]
    assert refuted and {step.value_sum for step in refuted} == {-1.0}


def test_a_run_keeps_the_head_it_began_with_whatever_is_trained_since(cast: Cast) -> None:
    first = train(cast)
    calm = asking(cast, BEAM)
    grow_all()
    disturbed = asking(cast, BEAM)
    worker().run_once()
    second = train(cast, neutral="drop", l2="1")
    grow_all()
    disturbed.refresh_from_db()
    assert disturbed.input["guide"] == first != second
    assert rows_of(calm) == rows_of(disturbed)


@pytest.mark.parametrize("limits", [{}, {"latency": 0.002, "max_batch": 6}])
def test_the_tree_search_takes_the_prm_into_its_rewards_in_lockstep_and_in_a_flow(
    cast: Cast, limits: dict[str, object]
) -> None:
    train(cast)
    run = asking(cast, {"rounds": 2, "reward_fidelity": 0.0, "reward_prm": 1.0}, **limits)
    grow_all()
    run.refresh_from_db()
    assert run.state == "done", run.error
    values = {round(node.value_sum / node.visits, 3) for node in Node.objects.filter(run=run, visits=1)}
    assert len(values) > 3, "graded by the head; outcomes alone would give 0 and 1"


@pytest.mark.parametrize(
    ("params", "field", "says"),
    [
        ({**BEAM, "guide": "prm"}, "guide", "There is no PRM .* train one on the page Models, or choose another guide"),
        ({**BEAM, "guide": "deducibility"}, "guide", "There is no deducibility scorer"),
        ({"reward_prm": 1.0}, "reward_prm", "There is no PRM .* or set its weight to 0"),
    ],
)
def test_a_run_without_its_scorer_is_refused_when_it_is_asked_for(
    cast: Cast, params: dict[str, object], field: str, says: str
) -> None:
    with pytest.raises(BadInput, match=says) as refused:
        asking(cast, params)
    assert refused.value.field == field
    assert not Run.objects.exists()


def test_a_run_whose_scorer_is_gone_before_its_first_tree_fails_and_says_what_to_do(cast: Cast) -> None:
    train(cast)
    run = asking(cast, BEAM)
    ModelArtefact.objects.update(active=False)
    grow_all()
    assert "train one on the page Models" in RunShard.objects.filter(run=run).values_list("error", flat=True)[0]
    assert not Node.objects.filter(run=run).exists()
