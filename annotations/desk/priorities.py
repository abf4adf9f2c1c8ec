"""In which order a queue's items are handed out: each strategy's priority, worked out for all at once and stored.

Called when items are added or the strategy changes, and by idle workers while new scores, verdicts or labels come
(annotations.desk.tending). Never when an item is taken. What the strategies mean is told in docs/desk.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import connection, transaction
from django.db.models import F, Value
from django.db.models.functions import Greatest

from annotations.desk.prioritysql import changed
from annotations.models import LabelQueue
from annotations.selectors.together import Statement, answers
from inference.desk import Strategy

# Strategies that follow what is said of steps.
FOLLOWING = (Strategy.UNCERTAINTY, Strategy.DISAGREEMENT, Strategy.COVERAGE)
# Items are moved so many at a time, each time in a transaction of its own: taking passes over those that are locked.
BATCH = 1_000
# So many moved ones outrun what the planner knows, and leave as many dead entries at the front of the indexes.
MANY = 10_000
ROOM: Statement = ("SELECT set_config('work_mem', '64MB', true)", {})
# Who takes or submits an item just now keeps its row, and the item its place: it hardly matters to it any more.
MOVE = """
    UPDATE annotations_labelitem i SET priority = moved.priority
    FROM unnest(%(ids)s::bigint[], %(priorities)s::float8[]) AS moved (id, priority)
    WHERE i.id = moved.id
      AND i.id IN (SELECT id FROM annotations_labelitem WHERE id = ANY(%(ids)s) FOR NO KEY UPDATE SKIP LOCKED)
"""


def refresh(queue: LabelQueue, *, wait: bool = True) -> int | None:
    """Work the priorities of a queue's open items out anew; return how many items moved.

    One at a time does it for a queue: others wait, or with `wait` False return None at once.
    """
    with _alone(queue.pk, wait) as mine:
        if not mine:
            return None
        began, moved = _moved(queue)
        for at in range(0, len(moved), BATCH):
            ids, priorities = zip(*moved[at : at + BATCH], strict=True)
            with connection.cursor() as cursor:
                cursor.execute(MOVE, {"ids": list(ids), "priorities": list(priorities)})
    # Only now: who changes the queue holds its row while he waits for the lock.
    LabelQueue.objects.filter(pk=queue.pk).update(ordered_at=Greatest(F("ordered_at"), Value(began)))
    if len(moved) > MANY:
        transaction.on_commit(_swept)
    elif queue.ordered_at is None:
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE annotations_labelitem")
    return len(moved)


def _swept() -> None:
    """Take the old places of moved items out of the indexes: each taking would walk past all of them."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE, SKIP_LOCKED) annotations_labelitem")


def _moved(queue: LabelQueue) -> tuple[datetime, list[tuple[int, float]]]:
    """Return the database's time, and the items whose priority is another one now."""
    asked = {"project": queue.project_id, "queue": queue.pk, "seed": queue.seed, "voter": None}
    began, _, moved = answers(
        ("SELECT statement_timestamp()", {}), ROOM, (changed(Strategy(queue.strategy)), asked)
    )  # fmt: skip
    return began[0][0], [(int(item), float(priority)) for item, priority in moved]


@contextmanager
def _alone(queue_id: int, wait: bool) -> Iterator[bool]:
    """Hold the queue's lock: until the end of a surrounding transaction, else until the work is done."""
    kind = "xact_lock" if connection.in_atomic_block else "lock"
    name = f"pg_{'' if wait else 'try_'}advisory_{kind}"
    key = {"queue": queue_id}
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {name}(hashtext('studio desk order'), %(queue)s::int)", key)  # noqa: S608
        mine = bool(cursor.fetchone()[0]) if not wait else True
    try:
        yield mine
    finally:
        if mine and kind == "lock":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(hashtext('studio desk order'), %(queue)s::int)", key)
