"""A deducibility scorer: made from right solutions without a label, no PRM, and the guide of a search."""

from __future__ import annotations

from pathlib import Path

import pytest

from annotations import jobs
from annotations.errors import BadInput, DomainError
from annotations.models import ModelArtefact, Node, Problem, Run, Score
from annotations.selectors.verified import right_solutions
from annotations.tasks.score import run_score
from annotations.tasks.train import run_train
from inference.sources.templates import TemplateSource
from tests import factories
from tests.annotations.test_guiding import asking, grow_all
from tests.annotations.test_train import a_run, quietly
from tests.factories import Cast

pytestmark = pytest.mark.django_db(transaction=True)
DEDUCE = {"objective": "deducibility", "features": "words", "l2": "1,10"}


@pytest.fixture
def cast(settings: object, tmp_path: Path) -> Cast:
    settings.STUDIO_HOME = tmp_path  # type: ignore[attr-defined]
    settings.MEDIA_ROOT = tmp_path / "files"  # type: ignore[attr-defined]
    return factories.cast()


def solved_problems(cast: Cast, count: int = 30) -> None:
    """Put worked problems into the project, in each of which errors can be planted."""
    for made in TemplateSource().problems(seed=3, count=count):
        row = factories.problem(cast.project, made.problem.text, made.problem.answer)
        Problem.objects.filter(pk=row.pk).update(solution="\n".join(made.steps))


def trained(cast: Cast, **params: object) -> dict[str, object]:
    run = jobs.request_training(access=cast.access(cast.bo), params={**DEDUCE, **params})
    return run_train(run=run, progress=quietly)


def test_it_is_trained_without_a_label_and_is_no_prm(cast: Cast) -> None:
    solved_problems(cast)
    said: list[dict[str, object]] = []
    run = jobs.request_training(access=cast.access(cast.bo), params=DEDUCE)

    report = run_train(run=run, progress=lambda at: said.append(dict(at)))

    made = ModelArtefact.objects.get()
    assert (made.kind, run.name) == ("deducibility-head", "Train a deducibility scorer")
    assert 0 <= made.metrics["accuracy_low"] <= made.metrics["accuracy"] <= made.metrics["accuracy_high"] <= 1
    assert report["n_test_pairs"] == sum(asked for _, asked in made.metrics["by_kind"].values()) > 0
    assert {entry["stage"] for entry in said} == {"planting", "reading", "fitting"}
    assert not Score.objects.exists()
    with pytest.raises(BadInput, match="There is no PRM to score with"):
        run_score(run=a_run(cast, "score"), progress=quietly)
    assert run_train(run=run, progress=quietly) == report, "what was made before the worker died is found again"
    assert ModelArtefact.objects.count() == 1


def test_problems_marked_test_only_measure(cast: Cast) -> None:
    solved_problems(cast, 12)
    Problem.objects.update(split="test")

    with pytest.raises(DomainError, match="0 pairs of steps to train on; at least 8 are needed"):
        trained(cast)


def test_verified_paths_serve_where_no_solution_came_with_a_problem(cast: Cast) -> None:
    asked = factories.problem(cast.project)
    grown = factories.tree(cast.project, asked)
    grown.source = "search"
    grown.save(update_fields=["source"])

    (found,) = right_solutions(cast.access(cast.bo), 5)

    assert (found.steps, found.answer, found.test) == (("Lena has 5 + 4 = 9 pens.",), "9", False)


def test_without_a_right_solution_it_is_refused_when_asked_for(cast: Cast) -> None:
    factories.problem(cast.project)

    with pytest.raises(BadInput, match="There is no right solution to plant errors in") as refused:
        jobs.request_training(access=cast.access(cast.bo), params=DEDUCE)

    assert refused.value.field == "objective"
    assert not Run.objects.exists()


def test_a_beam_is_guided_by_it_to_the_end(cast: Cast) -> None:
    solved_problems(cast)
    model = trained(cast)["model_id"]

    run = asking(cast, {"method": "beam", "guide": "deducibility", "width": 2, "draws": 3})
    grow_all()

    run.refresh_from_db()
    assert (run.state, run.input["guide"]) == ("done", model), run.error
    values = {round(step.value_sum, 3) for step in Node.objects.filter(run=run, role="step")}
    assert len(values) > 3, "graded by the head"
