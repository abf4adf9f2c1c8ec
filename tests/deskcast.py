"""A labelling queue over one problem: a path of three steps with other continuations, and who has it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.utils import timezone

from annotations.desk.acting import save_acts
from annotations.desk.wire import Outcome
from annotations.models import LabelItem, LabelQueue, LabelSession, Node, Tree, User
from tests.factories import Cast, cast, label_queue, problem, tree

STEPS = (
    (0, "Lena has 5 + 4 = 8 pens."),
    (1, "So she has 8."),
    (2, "Answer: 8"),
    (0, "Lena has 5 + 4 = 9 pens."),
    (4, "Answer: 9"),
    (2, "Answer: 9"),
)


@dataclass(frozen=True)
class Desk:
    """The path is steps 1, 2, 3; step 4 stands beside the first, step 6 beside the last, step 5 below step 4."""

    team: Cast
    tree: Tree
    queue: LabelQueue
    item: LabelItem
    nodes: dict[int, Node] = field(default_factory=dict)

    def session(self, who: str = "ada", state: str = "leased", item: LabelItem | None = None) -> LabelSession:
        """Take the item for somebody, as taking does."""
        item = item or self.item
        item.refresh_from_db()
        holds = state in ("leased", "submitted")
        LabelItem.objects.filter(pk=item.pk).update(places=item.places - holds, takers=item.takers + holds)
        item.refresh_from_db()
        return LabelSession.objects.create(
            project=self.team.project,
            item=item,
            queue=self.queue,
            user=self.user(who),
            state=state,
            lease_until=timezone.now() + timedelta(minutes=5) if state == "leased" else None,
        )

    def user(self, who: str) -> User:
        found: User = getattr(self.team, who)
        return found

    def act(self, session: LabelSession, *acts: dict[str, Any]) -> list[Outcome]:
        access = self.team.access(session.user)
        return save_acts(access=access, acts=[{"session": session.pk, "key": str(uuid4()), **act} for act in acts])

    def rate(self, seq: int, rating: str | None, seen: int = 0, **more: Any) -> dict[str, Any]:
        """Return a rating act on the step with this number."""
        return {"kind": "rate", "node": self.nodes[seq].pk, "seen": seen, "rating": rating, **more}

    def work(self, who: str, *ratings: str, finish: str = "solution", item: LabelItem | None = None) -> Outcome:
        """Take the item, rate the steps of its path in order and submit; return what the submission was answered."""
        session = self.session(who, item=item)
        acts = [self.rate(seq, rating) for seq, rating in zip((1, 2, 3), ratings, strict=False)]
        return self.act(session, *acts, {"kind": "submit", "finish": finish})[-1]


def desk(mode: str = "solution", wanted: int = 1, role: str = "work", **queue: Any) -> Desk:
    team = cast()
    grown = tree(team.project, problem(team.project), STEPS)
    nodes = {node.seq: node for node in Node.objects.filter(tree=grown)}
    made = label_queue(team.project, mode=mode, overlap=wanted, **queue)
    leaf = nodes[3] if mode == "solution" else None
    item = LabelItem.objects.create(
        project=team.project, queue=made, tree=grown, leaf=leaf, number=1, wanted=wanted, places=wanted, role=role
    )
    return Desk(team, grown, made, item, nodes)
