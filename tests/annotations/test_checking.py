"""Stored steps are checked as work of a run: each once, with its evidence, and the review counts it."""

from __future__ import annotations

import pytest

from annotations.checking import request_checking
from annotations.errors import BadInput, NotAllowed
from annotations.jobs import request_planting
from annotations.models import LabelEvent, Run, ToolCheck
from annotations.selectors.review import Matrix, Question, find, ground
from annotations.tasks.check import run_check
from annotations.tasks.loop import WorkLoop
from inference.types import Queue
from tests import factories
from tests.factories import cast, score

pytestmark = pytest.mark.django_db


def test_every_step_is_checked_once_and_counted() -> None:
    team = cast()
    steps = ((0, "Lena has 5 + 4 = 9 pens."), (1, "Answer: 9"), (0, "Lena has 5 + 4 = 8 pens."), (3, "So it is odd."))
    tree = factories.tree(team.project, factories.problem(team.project), steps)
    for node in tree.nodes.all():
        score(node, 0.9, scorer="mine")
    told: list[dict[str, object]] = []
    run = request_checking(access=team.access(team.bo))

    report = run_check(run=run, progress=told.append)
    again = run_check(run=run, progress=told.append)

    verdicts = list(ToolCheck.objects.order_by("node__seq").values_list("node__seq", "verdict"))
    assert verdicts == [(1, "supported"), (3, "refuted"), (4, "undecided")]
    assert "9" in ToolCheck.objects.get(node__seq=3).claims[0]["detail"]
    assert (report["steps"], again["steps"], told[0]["steps_total"]) == (3, 0, 3)
    access = team.access(team.bo)
    ground(access)
    assert find(access, Question(Matrix.CHECK, scorer="mine")).matrices[Matrix.CHECK][("correct", "refuted")] == 1


def test_who_may_not_start_runs_may_not_check_and_only_a_verifier_without_a_model_is_asked() -> None:
    team = cast()
    with pytest.raises(NotAllowed):
        request_checking(access=team.access(team.ada))
    with pytest.raises(BadInput, match="expected claims"):
        request_checking(access=team.access(team.bo), verifier="answer")


def test_planted_steps_are_checked_at_once_and_wrong_labels_among_them_are_found() -> None:
    team = cast()
    settings = {"problems": 12, "kinds": "arithmetic", "wrong_labels": 0.5, "seed": 1}
    planted = request_planting(access=team.access(team.bo), params=settings)

    assert WorkLoop(Queue.LIGHT).run_once()
    assert WorkLoop(Queue.TOOLS).run_once()

    assert sorted(Run.objects.values_list("kind", "state")) == [("check", "done"), ("plant", "done")]
    wrong = Run.objects.get(pk=planted.pk).report["wrong_labels"]
    access = team.access(team.bo)
    ground(access)
    cells = find(access, Question(Matrix.TOOL)).matrices[Matrix.TOOL]
    assert 0 < cells["refuted", "correct"] <= wrong
    assert LabelEvent.objects.filter(data__wrong_on_purpose=True, rating="correct", category="").count() == wrong
