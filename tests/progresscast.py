"""Labelled items with known figures, for what the desk's progress tells."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from annotations.models import LabelEvent, LabelItem, LabelQueue, LabelScheme, LabelSession, Node, SessionEvent, User
from tests import factories
from tests.factories import Cast

FIRST, SECOND = datetime(2026, 3, 2, 23, 30, tzinfo=UTC), datetime(2026, 3, 4, 0, 30, tzinfo=UTC)
# Number of the step, rating, category, seconds.
Said = tuple[int, str | None, str, float]


def item(queue: LabelQueue, number: int, **fields: object) -> LabelItem:
    """Make a path of two steps to be labelled."""
    tree = factories.tree(
        queue.project, factories.problem(queue.project, f"{queue.name}: how many pens are in box {number}?")
    )
    leaf = tree.nodes.get(seq=2)
    return LabelItem.objects.create(project=queue.project, queue=queue, tree=tree, leaf=leaf, number=number, **fields)


def submit(of: LabelItem, user: User, at: datetime, said: Sequence[Said], **fields: object) -> LabelSession:
    """Store a person's submitted session with what he said, in order."""
    steps: dict[int, Node] = {node.seq: node for node in of.tree.nodes.all()}
    last = {number: rating for number, rating, _, _ in said}
    wrong = next((number for number, rating in sorted(last.items()) if rating == "incorrect"), None)
    values = {
        "state": "submitted", "submitted_at": at, "finish": "found_error" if wrong else "solution",
        "first_error": steps[wrong] if wrong else None, "ratings": sum(1 for rating in last.values() if rating),
        "seconds": sum(seconds for *_, seconds in said), **fields,
    }  # fmt: skip
    shown = values.pop("shown", None)
    session = LabelSession.objects.create(project=of.project, item=of, queue=of.queue, user=user, **values)
    scheme = LabelScheme.objects.filter(project=of.project).latest("version")
    for number, rating, category, seconds in said:
        LabelEvent.objects.create(
            project=of.project, node=steps[number], scheme=scheme, author=user, voter=f"u{user.pk}", rating=rating,
            category=category, seconds=seconds, session=session, shown=shown,
        )  # fmt: skip
    return session


def labelled(team: Cast, first: datetime = FIRST, second: datetime = SECOND) -> LabelQueue:
    """Two items that Ada and Bo labelled, one that Ada has, one that she skipped; one with nobody."""
    queue = factories.label_queue(team.project, overlap=2)
    one, two, three, four = (item(queue, number, wanted=2, places=places) for number, places in enumerate((0, 0, 1, 2)))
    submit(one, team.ada, first, [(1, "correct", "", 4), (2, "incorrect", "", 5), (2, "incorrect", "arithmetic", 1)])
    submit(one, team.bo, second, [(1, "correct", "", 8), (2, "incorrect", "", 10)])
    # Its session counts two steps more, which she had rated in another item.
    submit(two, team.ada, second, [(1, "correct", "", 2), (2, "correct", "", 3)], ratings=4)
    submit(two, team.bo, second, [(1, "incorrect", "set_up", 20), (2, "correct", "", 1), (2, None, "", 0)])
    LabelItem.objects.filter(pk=one.pk).update(state="agreed")
    LabelItem.objects.filter(pk=two.pk).update(state="disputed")
    held = {"project": team.project, "queue": queue, "user": team.ada}
    LabelSession.objects.create(**held, item=three)
    skipped = LabelSession.objects.create(**held, item=four, state="skipped", reason="@home")
    SessionEvent.objects.create(
        project=team.project, session=skipped, user=team.ada, kind="skipped", data={"reason": "=1+1, no problem"}
    )
    return queue
