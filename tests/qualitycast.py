"""People who label the same paths: sessions and label events made directly, as submitting leaves them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from annotations.models import (
    LabelEvent,
    LabelItem,
    LabelQueue,
    LabelScheme,
    LabelSession,
    Membership,
    Node,
    Problem,
    Project,
    Tree,
    User,
)
from tests.factories import person

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
RATINGS = {"c": "correct", "n": "neutral", "i": "incorrect"}


def annotator(project: Project, name: str) -> User:
    user = person(name)
    Membership.objects.get_or_create(project=project, user=user, defaults={"role": "annotator"})
    return user


def paths(project: Project, queue: LabelQueue, count: int, steps: int = 3) -> list[LabelItem]:
    """Make items of one path each; step d of item n reads "Step d of problem n."."""
    first = LabelItem.objects.filter(queue=queue).count() + 1
    items = []
    for number in range(first, first + count):
        text = f"Problem {number}: a shop has {number} crates. How many apples?"
        asked = Problem.objects.create(project=project, text=text, content_hash=sha256(text.encode()).hexdigest())
        tree = Tree.objects.create(project=project, problem=asked, state="done", node_count=steps)
        nodes = Node.objects.bulk_create(
            Node(project=project, tree=tree, seq=at, parent_seq=at - 1 or None, depth=at, terminal=at == steps,
                 text=f"Step {at} of problem {number}: {at} + {number} = {at + number} crates.")
            for at in range(1, steps + 1)
        )  # fmt: skip
        items.append(LabelItem.objects.create(project=project, queue=queue, tree=tree, leaf=nodes[-1], number=number))
    return items


def submitted(
    item: LabelItem, user: User, words: str, *, at: int = 0, seconds: float = 6.0, scored: bool = False
) -> LabelSession:
    """Have somebody submit an item; `words` are his ratings in order ("cci": two right, the third wrong; "-": none).

    `at` counts hours from the start; `scored`: as a known item is.
    """
    nodes = list(Node.objects.filter(tree=item.tree).order_by("seq"))
    said = {node: RATINGS[word] for node, word in zip(nodes, words, strict=False) if word in RATINGS}
    wrong = next((node for node, rating in said.items() if rating == "incorrect"), None)
    session = LabelSession.objects.create(
        project_id=item.project_id, item=item, queue_id=item.queue_id, user=user, state="submitted",
        finish="found_error" if wrong else "solution", first_error=wrong, ratings=len(said),
        seconds=seconds * len(said), submitted_at=START + timedelta(hours=at), **(score(item, said) if scored else {}),
    )  # fmt: skip
    say(session, said, seconds)
    LabelItem.objects.filter(pk=item.pk).update(takers=item.sessions.count(), places=0)
    return session


def score(item: LabelItem, said: Mapping[Node, str]) -> dict[str, int]:
    expected = (item.expected or {}).get("ratings", {})
    known = {node: rating for node, rating in said.items() if str(node.pk) in expected}
    return {
        "gold_right": sum(expected[str(node.pk)] == rating for node, rating in known.items()),
        "gold_known": len(known),
    }


def say(session: LabelSession | None, said: Mapping[Node, str | None], seconds: float = 6.0, **more: object) -> None:
    """Append what the session's person (or `more`'s voter) says of steps."""
    node = next(iter(said))
    scheme = LabelScheme.objects.filter(project_id=node.project_id).latest("version")
    who = {"author": session.user, "voter": f"u{session.user_id}", "session": session} if session else {}
    LabelEvent.objects.bulk_create(
        LabelEvent(**{
            "project_id": node.project_id, "node": node, "scheme": scheme, "rating": rating, "seconds": seconds,
            **who, **more,
        })
        for node, rating in said.items()
    )  # fmt: skip


def label_all(items: Sequence[LabelItem], users: Sequence[User], words: Sequence[Sequence[str]]) -> None:
    """Have user u submit item n with words[u][n]; "" leaves it out."""
    for user, told in zip(users, words, strict=True):
        for number, (item, said) in enumerate(zip(items, told, strict=True)):
            if said:
                submitted(item, user, said, at=number)
