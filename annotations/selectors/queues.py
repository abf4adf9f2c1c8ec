"""The labelling queues that somebody sees, what is left in them for him, and (for reviewers) how they stand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from annotations import rules
from annotations.access import Access
from annotations.errors import NotFound
from annotations.models import LabelQueue, QueueMember
from annotations.rules import Act
from annotations.selectors.desktoday import NOTHING, Today, asked_today, read_today
from annotations.selectors.together import Statement, answers
from inference.desk import DeskState

COUNTS = """
    SELECT queue_id, count(*) FILTER (WHERE role = 'work' AND state <> 'withdrawn'),
           count(*) FILTER (WHERE role = 'work' AND state = 'open'),
           count(*) FILTER (WHERE role = 'work' AND state = 'open' AND places > 0),
           count(*) FILTER (WHERE state = 'disputed'), count(*) FILTER (WHERE state = 'dropped'),
           count(*) FILTER (WHERE role <> 'work')
    FROM annotations_labelitem WHERE queue_id = ANY(%(queues)s) GROUP BY queue_id
"""
LEASES = """
    SELECT queue_id, count(*) FILTER (WHERE user_id <> %(user)s), count(*) FILTER (WHERE user_id = %(user)s),
           min(lease_until) FILTER (WHERE user_id <> %(user)s)
    FROM annotations_labelsession
    WHERE state = 'leased' AND lease_until > now() AND queue_id = ANY(%(queues)s) GROUP BY queue_id
"""
# `covered`: free places on items that he has had his say on.
MINE = """
    SELECT s.queue_id, count(*) FILTER (WHERE s.state IN ('submitted', 'surplus')),
           count(*) FILTER (WHERE i.state = 'open' AND i.role = 'work' AND i.places > 0
                                  AND s.state IN ('leased', 'submitted', 'surplus'))
    FROM annotations_labelsession s JOIN annotations_labelitem i ON i.id = s.item_id
    WHERE s.queue_id = ANY(%(queues)s) AND s.user_id = %(user)s GROUP BY s.queue_id
"""
MEMBER = """
    SELECT queue_id, assigned, passed FROM annotations_queuemember
    WHERE queue_id = ANY(%(queues)s) AND user_id = %(user)s
"""

MEMBERS = """
    SELECT u.id, u.username, u.first_name, u.last_name, m.role, coalesce(q.assigned, false), coalesce(q.taken, 0),
           q.passed
    FROM annotations_membership m JOIN annotations_user u ON u.id = m.user_id AND u.is_active
    LEFT JOIN annotations_queuemember q ON q.queue_id = %(queue)s AND q.user_id = m.user_id
    WHERE m.project_id = %(project)s AND m.role <> 'viewer' ORDER BY lower(u.username)
"""


@dataclass(slots=True)
class QueueHead:
    """A queue as its list shows it to one person. `free` items have places, `left` of them are for him.

    `held` are others' leases, `mine` his own; `today` is what he submitted today.
    """

    queue: LabelQueue
    items: int = 0
    open: int = 0
    free: int = 0
    disputed: int = 0
    dropped: int = 0
    known: int = 0
    held: int = 0
    mine: int = 0
    held_until: datetime | None = None
    done_by_me: int = 0
    today: Today = NOTHING
    covered: int = 0
    assigned: bool = False
    passed: bool | None = None

    @property
    def done(self) -> int:
        return self.items - self.open

    @property
    def everyone(self) -> bool:
        return bool(self.queue.settings.get("everyone", True))

    @property
    def left(self) -> int:
        """How many items he could still label, those that he has now included; 0 where none is handed out to him."""
        if self.queue.state != DeskState.OPEN or self.passed is False or not (self.everyone or self.assigned):
            return 0
        return max(self.free - self.covered, 0) + self.mine


@dataclass(frozen=True, slots=True)
class Labeller:
    """A member who may label; `taken` items of the queue, `passed` its screening (None: not done)."""

    id: int
    username: str
    first: str
    last: str
    role: str
    assigned: bool
    taken: int
    passed: bool | None

    @property
    def name(self) -> str:
        return f"{self.first} {self.last}".strip() or self.username


def manages(access: Access) -> bool:
    """Return whether the viewer sees how people label, in an archived project too."""
    return Act.ADJUDICATE in rules.ROLE_ACTS[access.role]


def queues_of(access: Access) -> QuerySet[LabelQueue]:
    """Return the queues that the viewer may know of: all for reviewers, else those for everybody or assigned to him."""
    queues = LabelQueue.objects.filter(project=access.project)
    if manages(access):
        return queues
    his = QueueMember.objects.filter(queue=OuterRef("pk"), user=access.user, assigned=True)
    return queues.filter(~Q(settings__contains={"everyone": False}) | Exists(his))


def find_queue(access: Access, queue_id: int) -> LabelQueue:
    """Return a queue; NotFound for another project's and for one that is assigned to others only."""
    found = queues_of(access).filter(pk=queue_id).first()
    if found is None:
        raise NotFound("There is no such queue.")
    return found


def queue_list(access: Access) -> list[QueueHead]:
    """Return the queues that the viewer may know of, open ones first: two messages whatever their number."""
    heads = {queue.pk: QueueHead(queue) for queue in queues_of(access)}
    _count(access, heads)
    order = list(DeskState)
    return sorted(heads.values(), key=lambda head: (order.index(DeskState(head.queue.state)), head.queue.pk))


def queue_head(access: Access, queue_id: int) -> QueueHead:
    head = QueueHead(find_queue(access, queue_id))
    _count(access, {head.queue.pk: head})
    return head


def labellers(access: Access, queue_id: int) -> list[Labeller]:
    """Return the members who may label, with what the queue knows of them (0: a queue that is not made yet)."""
    (rows,) = answers((MEMBERS, {"project": access.project.pk, "queue": queue_id}))
    return [Labeller(*row) for row in rows]


def _count(access: Access, heads: dict[int, QueueHead]) -> None:
    if not heads:
        return
    values = {"queues": list(heads), "user": access.user.pk}
    asked: list[Statement] = [(sql, values) for sql in (COUNTS, LEASES, MINE, MEMBER)]
    counts, leases, mine, member, done_today = answers(*asked, asked_today(access))
    for key, *numbers in counts:
        head = heads[key]
        head.items, head.open, head.free, head.disputed, head.dropped, head.known = numbers
    for key, held, own, until in leases:
        heads[key].held, heads[key].mine, heads[key].held_until = held, own, until
    for key, done, covered in mine:
        heads[key].done_by_me, heads[key].covered = done, covered
    for key, today in read_today(done_today).items():
        if key in heads:
            heads[key].today = today
    for key, assigned, passed in member:
        heads[key].assigned, heads[key].passed = assigned, passed
