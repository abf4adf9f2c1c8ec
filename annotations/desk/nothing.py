"""Why there is nothing to hand out, in words. Asked only then: it counts the whole queue."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from annotations.access import Access
from annotations.desk.params import DeskSettings
from annotations.desk.takesql import ME, MOST_HELD, asked
from annotations.errors import NotFound
from annotations.models import LabelQueue, QueueMember
from annotations.selectors.together import answers


@dataclass(frozen=True, slots=True)
class Nothing:
    """There is no next item; `until` is when the first one that others hold may come back."""

    reason: str
    until: datetime | None = None


BUSY = Nothing("The last items are being handed out just now. Ask again in a moment.")
# Mine: what the person holds or has submitted, of this item.
STANDING = f"""
    WITH me AS MATERIALIZED ({ME}),
    items AS (
        SELECT i.id, i.role, i.state, i.places, s.state AS mine
        FROM annotations_labelitem i
        LEFT JOIN annotations_labelsession s ON s.item_id = i.id AND s.user_id = %(user)s
        WHERE i.queue_id = %(queue)s AND i.role <> 'gold' AND i.state <> 'withdrawn'),
    others AS (
        SELECT count(DISTINCT s.item_id) AS n, min(s.lease_until) AS until
        FROM annotations_labelsession s JOIN items i ON i.id = s.item_id AND i.role = 'work'
        WHERE s.queue_id = %(queue)s AND s.state = 'leased' AND s.user_id <> %(user)s
          AND coalesce(i.mine, '') NOT IN ('leased', 'submitted', 'surplus'))
    SELECT me.phase, me.held, me.needed, me.had, others.n, others.until,
           (SELECT count(*) FROM items WHERE role = 'work'),
           (SELECT count(*) FROM items WHERE role = 'work' AND mine = 'leased'),
           (SELECT count(*) FROM items WHERE role = 'work' AND state = 'open' AND places > 0
                                         AND mine IN ('submitted', 'surplus')),
           EXISTS (SELECT FROM items
                   WHERE state = 'open' AND places > 0 AND coalesce(mine, '') NOT IN ('leased', 'submitted', 'surplus')
                     AND role = CASE me.phase WHEN 'work' THEN 'work' ELSE 'screening' END
                     AND (me.phase = 'work' OR me.phase = 'screening' AND me.had < me.needed))
    FROM me CROSS JOIN others
"""  # noqa: S608 constants only


@dataclass(frozen=True, slots=True)
class Standing:
    """How a queue stands for one person; numbers are items."""

    phase: str
    held: int
    needed: int
    had: int
    with_others: int
    until: datetime | None
    total: int
    mine: int
    wait_for_others: int
    free: bool


def why(access: Access, queue_id: int) -> Nothing | None:
    """Return why the person gets nothing; None if there is something, which others had locked as he asked."""
    queue = LabelQueue.objects.filter(project=access.project, pk=queue_id).first()
    if queue is None:
        raise NotFound("There is no such queue.")
    if queue.state != "open":
        return Nothing(f"This queue is {queue.state}: nothing is handed out.")
    parameters: dict[str, Any] = asked(access.project.pk, queue_id, access.user.pk)
    (rows,) = answers((STANDING, parameters))
    if not rows:
        return Nothing("This queue is not assigned to you.")
    standing = Standing(*rows[0])
    if standing.held >= MOST_HELD:
        return Nothing(f"You hold {standing.held} items, as many as one may: submit, skip or return one of them.")
    if standing.free:
        return None
    if standing.phase == "work":
        return left(standing)
    return screened(queue, access.user.pk, standing)


def screened(queue: LabelQueue, user_id: int, standing: Standing) -> Nothing:
    """Return how the person's screening stands; he gets no work before it is passed."""
    settings = DeskSettings.from_mapping(queue.settings)
    if standing.phase == "screening":
        return Nothing(
            f"You have all {items(standing.needed)} of the screening: work comes when they are submitted and passed."
        )
    done = queue.sessions.filter(user_id=user_id, item__role="screening", state="submitted")
    right = sum(one.gold_right or 0 for one in done)
    known = sum(one.gold_known or 0 for one in done)
    by_whom = QueueMember.objects.filter(queue=queue, user_id=user_id, passed_by__isnull=False).exists()
    if by_whom or not known:
        return Nothing("You did not pass the screening of this queue.")
    return Nothing(
        f"You did not pass the screening: {right} of {known} ratings were right,"
        f" {settings.pass_mark:.0%} are needed. A reviewer can let you in."
    )


def left(standing: Standing) -> Nothing:
    """Return who has what is not labelled yet."""
    if not standing.total:
        return Nothing("This queue has no items.")
    said = []
    if standing.wait_for_others:
        waits = "waits" if standing.wait_for_others == 1 else "wait"
        said.append(f"You have labelled all that you can: {items(standing.wait_for_others)} {waits} for somebody else.")
    if standing.with_others:
        are = "is" if standing.with_others == 1 else "are"
        said.append(f"{items(standing.with_others)} that {are} left {are} with others.")
    if said:
        return Nothing(" ".join(said), standing.until)
    if standing.mine:
        return Nothing("You have the last of this queue in hand.")
    return Nothing(f"All items of this queue are labelled ({standing.total:,}).")


def items(count: int) -> str:
    return "1 item" if count == 1 else f"{count:,} items"
