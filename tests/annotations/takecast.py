"""A queue with many short items, and people who take and submit them."""

from __future__ import annotations

from typing import Any

from django.db.models import F
from django.db.models.functions import Now

from annotations.desk.taking import Nothing, Taken, take
from annotations.models import LabelItem, LabelQueue, LabelSession, Membership, Node, Project, User
from tests.factories import Cast, label_queue, person, problem, tree


def queue_of(project: Project, count: int, **fields: Any) -> LabelQueue:
    """Make a queue of one-step items; overlap 1 if nothing else is said."""
    queue = label_queue(project, **fields)
    add(queue, count)
    return queue


def add(queue: LabelQueue, count: int, role: str = "work") -> list[LabelItem]:
    known = LabelItem.objects.filter(queue=queue).count()
    asked = problem(queue.project, text=f"How many? {queue.pk} {known}")
    grown = tree(queue.project, asked, steps=tuple((0, f"There are {n} pens.") for n in range(count)))
    wanted = queue.overlap if role == "work" else 30_000
    steps = Node.objects.filter(tree=grown).order_by("seq")
    return LabelItem.objects.bulk_create(
        LabelItem(
            project_id=queue.project_id, queue=queue, tree=grown, leaf=leaf, number=number, role=role, wanted=wanted,
            places=wanted, expected={"ratings": {}, "first_error": None} if role != "work" else None,
        )
        for number, leaf in enumerate(steps, known + 1)
    )  # fmt: skip


def annotator(team: Cast, name: str) -> User:
    user = person(name)
    Membership.objects.create(project=team.project, user=user, role="annotator")
    return user


def given(team: Cast, user: User, queue: LabelQueue, *have: int) -> LabelSession:
    """Return what the person takes; the test expects that there is something."""
    found = take(access=team.access(user), queue_id=queue.pk, have=have)
    assert isinstance(found, Taken), found
    return found.session


def refused(team: Cast, user: User, queue: LabelQueue, *have: int) -> Nothing:
    found = take(access=team.access(user), queue_id=queue.pk, have=have)
    assert isinstance(found, Nothing), found
    return found


def submit(session: LabelSession) -> None:
    """Submit without labels, as the desk does."""
    LabelSession.objects.filter(pk=session.pk).update(state="submitted", submitted_at=Now(), lease_until=None)
    LabelItem.objects.filter(pk=session.item_id, places=0).exclude(takers__lt=F("wanted")).update(state="agreed")


def labelled(team: Cast, user: User, queue: LabelQueue, count: int) -> list[int]:
    """Take and submit so many items; return their numbers."""
    numbers = []
    for _ in range(count):
        session = given(team, user, queue)
        submit(session)
        numbers.append(session.item.number)
    return numbers
