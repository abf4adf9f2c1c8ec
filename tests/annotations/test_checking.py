"""Stored steps are checked as work of a run: each once, with its evidence, and the review counts it."""

from __future__ import annotations

import pytest

from annotations.checking import check_unchecked, request_checking
from annotations.errors import BadInput, NotAllowed
from annotations.jobs import request_planting
from annotations.models import LabelEvent, Run, RunShard, ToolCheck
from annotations.selectors.review import Matrix, Question, find, ground
from annotations.tasks.loop import WorkLoop
from inference.types import Queue
from tests import factories
from tests.annotations.check_cast import work
from tests.factories import Cast, cast, score

pytestmark = pytest.mark.django_db
LENA = ((0, "Lena has 5 + 4 = 9 pens."), (1, "Answer: 9"), (0, "Lena has 5 + 4 = 8 pens."), (3, "So it is odd."))


def checked(team: Cast, **asked: object) -> Run:
    run = request_checking(access=team.access(team.bo), **asked)  # type: ignore[arg-type]
    work()
    return Run.objects.get(pk=run.pk)


def test_every_step_is_checked_once_and_counted() -> None:
    team = cast()
    tree = factories.tree(team.project, factories.problem(team.project), LENA)
    for node in tree.nodes.all():
        score(node, 0.9, scorer="mine")

    first, again = checked(team), checked(team)

    verdicts = list(ToolCheck.objects.order_by("node__seq").values_list("node__seq", "verdict"))
    assert verdicts == [(1, "supported"), (3, "refuted"), (4, "undecided")]
    assert "9" in ToolCheck.objects.get(node__seq=3).claims[0]["detail"]
    assert (first.state, first.report["checks"], again.report["checks"], again.report["steps"]) == ("done", 3, 0, 3)
    assert first.report["verdicts"] == {"none>supported": 1, "none>refuted": 1, "none>undecided": 1}
    access = team.access(team.bo)
    ground(access)
    assert find(access, Question(Matrix.CHECK, scorer="mine")).matrices[Matrix.CHECK][("correct", "refuted")] == 1


def test_what_does_not_fit_is_refused_with_the_field_that_does_not() -> None:
    team = cast()
    access = team.access(team.bo)
    with pytest.raises(NotAllowed):
        request_checking(access=team.access(team.ada))
    with pytest.raises(BadInput, match="knows problems"):
        request_checking(access=access)
    asked = factories.problem(team.project)
    with pytest.raises(BadInput, match="no step to check"):
        request_checking(access=access)
    factories.tree(team.project, asked)
    for field, settings in (
        ("verifier", {"verifier": "answer"}),
        ("kind", {"kind": "sql"}),
        ("policy", {"policy": "x"}),
    ):
        with pytest.raises(BadInput) as refused:
            request_checking(access=access, params=settings)
        assert refused.value.field == field
    with pytest.raises(BadInput, match="asks a model"):
        request_checking(access=access, engine_id=1)


def test_what_no_tool_has_seen_is_asked_for_once() -> None:
    team = cast()
    access = team.access(team.bo)
    assert check_unchecked(access) is None
    factories.tree(team.project, factories.problem(team.project), LENA)
    assert check_unchecked(access) is not None
    work()
    assert check_unchecked(access) is None


def test_a_tree_that_the_studio_still_grows_waits() -> None:
    team = cast()
    tree = factories.tree(team.project, factories.problem(team.project), LENA)
    grown = factories.run(team.project)
    type(tree).objects.filter(pk=tree.pk).update(run=grown, shard=RunShard.objects.get(run=grown), state="growing")
    with pytest.raises(BadInput, match="no step to check"):
        request_checking(access=team.access(team.bo), parent_run=grown.pk)


def test_planted_steps_are_checked_at_once_and_wrong_labels_among_them_are_found() -> None:
    team = cast()
    settings = {"problems": 12, "kinds": "arithmetic", "wrong_labels": 0.5, "seed": 1}
    planted = request_planting(access=team.access(team.bo), params=settings)

    assert WorkLoop(Queue.LIGHT).run_once()
    work()

    assert sorted(Run.objects.values_list("kind", "state")) == [("check", "done"), ("plant", "done")]
    wrong = Run.objects.get(pk=planted.pk).report["wrong_labels"]
    access = team.access(team.bo)
    ground(access)
    cells = find(access, Question(Matrix.TOOL)).matrices[Matrix.TOOL]
    assert 0 < cells["refuted", "correct"] <= wrong
    assert LabelEvent.objects.filter(data__wrong_on_purpose=True, rating="correct", category="").count() == wrong
