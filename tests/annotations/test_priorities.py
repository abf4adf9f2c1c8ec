"""Which items stand in front, by strategy, and when that is looked at again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from annotations.desk.priorities import refresh
from annotations.desk.tending import tend
from annotations.models import LabelEvent, LabelItem, LabelQueue, LabelScheme, LabelSession, Node, User
from annotations.reviewing.fold import fold
from tests.annotations.takecast import labelled, queue_of
from tests.factories import Cast, cast, check, imported_rating, label_queue, problem, score, tree

pytestmark = pytest.mark.django_db


@pytest.fixture
def team() -> Cast:
    return cast()


def ordered(queue: LabelQueue) -> list[int]:
    """Fold, refresh, and return the items' numbers in their order."""
    fold(queue.project_id)
    refresh(queue)
    return list(LabelItem.objects.filter(queue=queue).order_by("-priority", "number").values_list("number", flat=True))


def step(queue: LabelQueue, number: int) -> Node:
    leaf = LabelItem.objects.get(queue=queue, number=number).leaf
    assert leaf is not None
    return leaf


def rate(user: User, node: Node, rating: str, category: str = "", session: LabelSession | None = None) -> None:
    scheme = LabelScheme.objects.get(project_id=node.project_id)
    said = {"project_id": node.project_id, "node": node, "scheme": scheme, "author": user, "voter": f"u{user.pk}"}
    LabelEvent.objects.create(**said, rating=rating, category=category, session=session)


def test_order_and_random(team: Cast) -> None:
    queue = queue_of(team.project, 12)
    assert ordered(queue) == list(range(1, 13))

    queue.strategy, queue.seed = "random", 3
    drawn = ordered(queue)
    assert drawn != list(range(1, 13))
    assert sorted(drawn) == list(range(1, 13))
    assert ordered(queue) == drawn
    queue.seed = 4
    assert ordered(queue) != drawn
    queue.strategy = "order"
    assert ordered(queue) == list(range(1, 13))


def test_uncertainty_goes_by_the_least_certain_step_of_the_prm(team: Cast) -> None:
    queue = queue_of(team.project, 4, strategy="uncertainty")
    for number, value in ((1, 0.99), (2, 0.6), (3, 0.2)):
        score(step(queue, number), value)
    score(step(queue, 1), 0.5, scorer="another")
    score(step(queue, 4), 0.7, scorer="another")

    assert ordered(queue) == [2, 4, 3, 1]


def test_a_path_counts_its_own_steps_and_a_tree_all(team: Cast) -> None:
    queue = label_queue(team.project, strategy="uncertainty")
    grown = tree(team.project, problem(team.project))
    steps = list(Node.objects.filter(tree=grown).order_by("seq"))
    for number, leaf in enumerate((steps[1], steps[3], None), 1):
        LabelItem.objects.create(project=team.project, queue=queue, tree=grown, leaf=leaf, number=number)
    score(steps[2], 0.5)
    score(steps[0], 0.75)

    assert ordered(queue) == [2, 3, 1]
    values = LabelItem.objects.filter(queue=queue).order_by("number").values_list("priority", flat=True)
    assert list(values) == pytest.approx([0.5, 1, 1])


def test_disagreement_goes_by_the_widest_gap_on_a_step(team: Cast) -> None:
    queue = queue_of(team.project, 6, strategy="disagreement")
    for number, value in ((1, 0.9), (2, 0.9), (3, 0.1), (4, 0.8)):
        score(step(queue, number), value)
    check(step(queue, 2), "refuted")
    check(step(queue, 3), "supported")
    rate(team.ada, step(queue, 4), "incorrect")
    rate(team.ada, step(queue, 5), "correct")
    rate(team.bo, step(queue, 5), "neutral")
    rate(team.ada, step(queue, 6), "correct")
    imported_rating(step(queue, 6), "incorrect", key="corpus")

    assert ordered(queue) == [6, 2, 4, 5, 1, 3]


def test_coverage_prefers_kinds_of_errors_that_were_labelled_least(team: Cast) -> None:
    queue = queue_of(team.project, 8, strategy="coverage")
    for number in (2, 3, 4):
        rate(team.bo, step(queue, number), "incorrect", "unit")
    for number in (5, 6, 7):
        rate(team.bo, step(queue, number), "incorrect", "misread")
    check(step(queue, 8), "refuted")
    assert ordered(queue) == [2, 5, 8, 3, 6, 4, 7, 1]

    assert labelled(team, team.ada, queue, 2) == [2, 5]
    for session in LabelSession.objects.filter(queue=queue).select_related("item__leaf"):
        rate(team.ada, session.item.leaf, "incorrect", "unit", session)
    assert ordered(queue) == [2, 5, 6, 8, 7, 3, 4, 1]


def test_idle_workers_follow_what_is_said_but_not_all_the_time(team: Cast) -> None:
    queue = queue_of(team.project, 2, strategy="uncertainty")
    assert tend()
    assert not tend()
    score(step(queue, 2), 0.5)
    fold(team.project.pk)
    assert not tend()

    LabelQueue.objects.update(ordered_at=timezone.now() - timedelta(seconds=61))

    assert tend()
    assert LabelItem.objects.get(queue=queue, number=2).priority == 1
    assert not tend()
