"""Items of the desk that people see differently: Ada and Ann find an error where Al finds none, made row by row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from annotations.models import (
    LabelEvent,
    LabelItem,
    LabelQueue,
    LabelScheme,
    LabelSession,
    Membership,
    Node,
    Tree,
    User,
)
from tests.factories import Cast, label_queue, person, problem, tree

STEPS = (
    (0, "Lena has 5 + 4 = 9 pens."),
    (1, "She gives 3 of them away: 9 - 3 = 5 pens are left."),
    (2, "She buys twice as many: 5 + 2 * 5 = 15."),
    (3, "Answer: 15"),
)
# Per step: correct, incorrect, neutral, or nothing said.
WORDS = {"ada": "ci..", "al": "cccc", "ann": "cni."}
RATINGS = {"c": "correct", "i": "incorrect", "n": "neutral"}


@dataclass(frozen=True)
class Case:
    """A queue with its first item and the steps of its path."""

    team: Cast
    queue: LabelQueue
    item: LabelItem
    nodes: list[Node]

    def session(self, user: User) -> LabelSession:
        return LabelSession.objects.get(item=self.item, user=user)

    def submit(self, user: User, words: str, **fields: Any) -> LabelSession:
        return submit(self.item, self.nodes, user, words, **fields)


def case(
    team: Cast, asked: str = "How many pens does Lena have?", words: dict[str, str] | None = None, **settings: Any
) -> Case:
    """Make a disputed item that these people labelled, Ada, Al and Ann unless others are named."""
    queue = LabelQueue.objects.filter(project=team.project, settings=settings).first()
    queue = queue or label_queue(team.project, "First look", overlap=3, settings=settings)
    grown = tree(team.project, problem(team.project, asked, "18"), STEPS)
    return on(team, queue, grown, words)


def on(team: Cast, queue: LabelQueue, grown: Tree, words: dict[str, str] | None = None) -> Case:
    nodes = list(Node.objects.filter(tree=grown).order_by("seq"))[: len(STEPS)]
    number = LabelItem.objects.filter(queue=queue).count() + 1
    item = LabelItem.objects.create(
        project=team.project, queue=queue, tree=grown, leaf=nodes[-1], number=number, wanted=3, places=0, takers=3,
        state="disputed", settled_at=timezone.now(),
    )  # fmt: skip
    for name, said in (WORDS if words is None else words).items():
        submit(item, nodes, annotator(team, name), said)
    return Case(team, queue, item, nodes)


def annotator(team: Cast, name: str) -> User:
    user = person(name)
    Membership.objects.get_or_create(project=team.project, user=user, defaults={"role": "annotator"})
    return user


def submit(
    item: LabelItem, nodes: list[Node], user: User, words: str, *, state: str = "submitted", **said: Any
) -> LabelSession:
    """Store a session of a person with a word for each step, "." for none; `said` goes into the first error's label."""
    wrong = nodes[words.index("i")] if "i" in words else None
    session = LabelSession.objects.create(
        project_id=item.project_id, item=item, queue_id=item.queue_id, user=user, state=state, seconds=42.0,
        submitted_at=timezone.now() if state == "submitted" else None, first_error=wrong,
        finish="found_error" if wrong else "solution",
    )  # fmt: skip
    scheme = LabelScheme.objects.filter(project_id=item.project_id).latest("version")
    LabelEvent.objects.bulk_create(
        LabelEvent(
            project_id=item.project_id, node=node, scheme=scheme, author=user, voter=f"u{user.pk}", session=session,
            rating=RATINGS[letter], **(said if node == wrong else {}),
        )
        for node, letter in zip(nodes, words, strict=False)
        if letter in RATINGS
    )  # fmt: skip
    return session
