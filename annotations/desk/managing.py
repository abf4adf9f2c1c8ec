"""How many people an item waits for: more or fewer of them, leases taken back, items withdrawn and brought back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection, transaction

from annotations import rules
from annotations.access import Access
from annotations.desk import settling
from annotations.errors import Conflict, NotFound
from annotations.models import LabelItem, LabelQueue
from annotations.rules import Act
from annotations.selectors.queues import find_queue

# Items with known labels have places for everybody, those that wait for a tie-breaker keep it.
OVERLAP = """
    UPDATE annotations_labelitem SET wanted = greatest(%(overlap)s, takers),
                                     places = greatest(%(overlap)s, takers) - takers
    WHERE queue_id = %(queue)s AND role = 'work' AND state = 'open' AND wanted = %(before)s
"""
# All that were wanted have submitted.
COMPLETE = """
    SELECT i.id FROM annotations_labelitem i
    WHERE i.queue_id = %(queue)s AND i.role = 'work' AND i.state = 'open' AND i.places = 0 AND i.takers > 0
      AND NOT EXISTS (SELECT FROM annotations_labelsession s WHERE s.item_id = i.id AND s.state = 'leased')
    ORDER BY i.id
"""
# Sessions are locked before their items and both in order, as wherever both are.
LOCK = """
    SELECT 1 FROM annotations_labelsession WHERE queue_id = %(queue)s AND item_id = ANY(%(items)s) AND state = 'leased'
    ORDER BY id FOR NO KEY UPDATE
"""
LOCK_ITEMS = """
    SELECT id FROM annotations_labelitem WHERE project_id = %(project)s AND queue_id = %(queue)s AND id = ANY(%(items)s)
    ORDER BY id FOR NO KEY UPDATE
"""
TAKE_BACK = """
    WITH freed AS (
        UPDATE annotations_labelsession SET state = 'returned', lease_until = NULL
        WHERE project_id = %(project)s AND state = 'leased' AND item_id = ANY(%(items)s)
          AND (%(session)s::bigint IS NULL OR id = %(session)s)
        RETURNING id, item_id
    ), told AS (
        INSERT INTO annotations_sessionevent (project_id, session_id, user_id, kind, data)
        SELECT %(project)s, id, %(user)s, 'returned', jsonb_build_object('by', 'reviewer') FROM freed
    )
    UPDATE annotations_labelitem i SET takers = i.takers - f.n, places = i.places + f.n
    FROM (SELECT item_id, count(*)::int AS n FROM freed GROUP BY item_id) f WHERE i.id = f.item_id
"""
WITHDRAW = """
    UPDATE annotations_labelitem SET state = 'withdrawn', places = 0, settled_at = now()
    WHERE id = ANY(%(items)s) AND state = 'open'
"""
BRING_BACK = """
    UPDATE annotations_labelitem SET state = 'open', places = greatest(wanted - takers, 0), settled_at = NULL
    WHERE id = ANY(%(items)s) AND state = 'withdrawn'
"""


def change_overlap(queue: LabelQueue, before: int) -> None:
    """Give the open items that `before` people were to label as many as the queue wants now, and settle the full."""
    with connection.cursor() as cursor:
        cursor.execute(OVERLAP, {"queue": queue.pk, "overlap": queue.overlap, "before": before})
    if queue.overlap < before:
        settle_complete(queue)


def settle_complete(queue: LabelQueue) -> None:
    """Settle the open items that wait for nobody any more."""
    with connection.cursor() as cursor:
        cursor.execute(COMPLETE, {"queue": queue.pk})
        ids = [row[0] for row in cursor.fetchall()]
    for item in LabelItem.objects.filter(pk__in=ids).select_related("queue").order_by("pk").iterator():
        settling.settle(item)


@transaction.atomic
def free_lease(*, access: Access, queue_id: int, session_id: int) -> None:
    """Take an item back from who has it, for somebody else. What he has rated stays his; Conflict if he has it no more.

    If he submits it later all the same, it is kept as surplus.
    """
    rules.check(access, Act.QUEUE)
    queue = find_queue(access, queue_id)
    item = queue.sessions.filter(pk=session_id).values_list("item_id", flat=True).first()
    if item is None:
        raise NotFound("There is no such session.")
    if not _take_back(access, queue, [item], session_id):
        raise Conflict("Nobody has this item any more.")


@transaction.atomic
def withdraw(*, access: Access, queue_id: int, items: Sequence[int]) -> int:
    """Take open items out of a queue, from whoever has them as well, and return how many; their labels stay."""
    rules.check(access, Act.QUEUE)
    queue = find_queue(access, queue_id)
    _take_back(access, queue, items, None)
    with connection.cursor() as cursor:
        cursor.execute(WITHDRAW, {"items": _of(queue, items)})
        return int(cursor.rowcount)


@transaction.atomic
def bring_back(*, access: Access, queue_id: int, items: Sequence[int]) -> int:
    """Put withdrawn items back and return how many."""
    rules.check(access, Act.QUEUE)
    queue = find_queue(access, queue_id)
    with connection.cursor() as cursor:
        cursor.execute(BRING_BACK, {"items": _of(queue, items)})
        brought = int(cursor.rowcount)
    settle_complete(queue)
    return brought


def _take_back(access: Access, queue: LabelQueue, items: Sequence[int], session: int | None) -> int:
    values: dict[str, Any] = {"project": access.project.pk, "queue": queue.pk, "user": access.user.pk}
    with connection.cursor() as cursor:
        cursor.execute(LOCK, {**values, "items": list(items)})
        cursor.execute(LOCK_ITEMS, {**values, "items": list(items)})
        cursor.execute(TAKE_BACK, {**values, "items": [row[0] for row in cursor.fetchall()], "session": session})
        return int(cursor.rowcount)


def _of(queue: LabelQueue, items: Sequence[int]) -> list[int]:
    return list(queue.items.filter(pk__in=list(items)).values_list("pk", flat=True))
