"""Leases of items: renewed by whatever a person does, given back, skipped, and taken away when no sign of life comes.

An item's place goes with its lease. `expire` is called by every taking for its queue, and by idle workers for all.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from annotations import rules
from annotations.access import Access
from annotations.desk.params import DeskSettings
from annotations.errors import BadInput, Conflict, NotFound
from annotations.models import LabelSession
from annotations.rules import Act
from annotations.selectors.together import Prepared, Statement, answers

REASON_LIMIT = 500
# A sign of life moves a lease only when it moves it by this much: most cost no write.
COARSE_SECONDS = 15
MOST_SWEPT = 500
LEASE = f"coalesce((q.settings ->> 'lease_minutes')::int, {DeskSettings().lease_minutes}) * interval '1 minute'"

# `gone` holds the sessions that lost their lease; their items get the places back.
GIVEN_BACK = """
    items AS MATERIALIZED (
        SELECT i.id FROM annotations_labelitem i WHERE i.id IN (SELECT item_id FROM gone)
        ORDER BY i.id FOR NO KEY UPDATE),
    freed AS (
        UPDATE annotations_labelitem i SET places = places + g.n, takers = takers - g.n
        FROM (SELECT item_id, count(*) AS n FROM gone GROUP BY item_id) g
        WHERE i.id = g.item_id AND i.id IN (SELECT id FROM items)),
    noted AS (
        INSERT INTO annotations_sessionevent (project_id, session_id, user_id, kind, data)
        SELECT project_id, id, %(user)s, {kind}, {data} FROM gone)
    SELECT id FROM gone
"""
# What another person of the queue (or, with neither named, anybody anywhere) let lie. Nobody waits for a locked row.
EXPIRE_SQL = """
    WITH overdue AS MATERIALIZED (
        SELECT s.id, s.item_id FROM annotations_labelsession s JOIN annotations_labelitem i ON i.id = s.item_id
        WHERE s.state = 'leased' AND s.lease_until < now() AND (%(queue)s IS NULL OR s.queue_id = %(queue)s)
          AND (%(but)s IS NULL OR s.user_id <> %(but)s)
        ORDER BY s.lease_until LIMIT %(most)s FOR NO KEY UPDATE OF s, i SKIP LOCKED),
    gone AS (
        UPDATE annotations_labelsession s SET state = 'expired', lease_until = NULL FROM overdue o
        WHERE s.id = o.id RETURNING s.project_id, s.id, s.item_id),
""" + GIVEN_BACK.format(kind="'expired'", data="'{}'::jsonb")  # noqa: S608 constants only
EXPIRE = Prepared("desk_expire", EXPIRE_SQL, queue="bigint", but="bigint", most="int", user="bigint")
REASON = "CASE WHEN %(reason)s = '' THEN '{}'::jsonb ELSE jsonb_build_object('reason', %(reason)s) END"
LEAVE_SQL = """
    WITH gone AS (
        UPDATE annotations_labelsession s SET state = %(state)s, lease_until = NULL, seen_at = now(),
               reason = %(reason)s
        WHERE s.id = ANY(%(sessions)s) AND s.project_id = %(project)s AND s.user_id = %(user)s AND s.state = 'leased'
        RETURNING s.project_id, s.id, s.item_id),
""" + GIVEN_BACK.format(kind="%(state)s", data=REASON)  # noqa: S608
LEAVE = Prepared(
    "desk_leave",
    LEAVE_SQL,
    sessions="bigint[]",
    project="bigint",
    user="bigint",
    state="text",
    reason="text",
)
# Locks the sessions first, in order: what a person says of one item comes one message after the other.
RENEW = Prepared(
    "desk_renew",
    f"""
    WITH mine AS MATERIALIZED (
        SELECT id, queue_id, state, lease_until FROM annotations_labelsession
        WHERE id = ANY(%(sessions)s) AND project_id = %(project)s AND user_id = %(user)s
        ORDER BY id FOR NO KEY UPDATE),
    held AS (
        SELECT m.id, m.lease_until, now() + {LEASE} AS until
        FROM mine m JOIN annotations_labelqueue q ON q.id = m.queue_id WHERE m.state = 'leased'),
    moved AS (
        UPDATE annotations_labelsession s SET lease_until = h.until, seen_at = now() FROM held h
        WHERE s.id = h.id AND coalesce(h.lease_until, now()) < h.until - interval '{COARSE_SECONDS} seconds'
        RETURNING s.id, s.lease_until)
    SELECT h.id, coalesce(m.lease_until, h.lease_until) FROM held h LEFT JOIN moved m ON m.id = h.id
""",  # noqa: S608 constants only
    sessions="bigint[]",
    project="bigint",
    user="bigint",
)
# Somebody comes back to what he gave back, skipped or let lie: it is his again if it still has a place.
REGAIN = Prepared(
    "desk_regain",
    f"""
    WITH free AS MATERIALIZED (
        SELECT s.id, s.item_id, now() + {LEASE} AS until
        FROM annotations_labelsession s JOIN annotations_labelitem i ON i.id = s.item_id
        JOIN annotations_labelqueue q ON q.id = s.queue_id
        WHERE s.id = ANY(%(sessions)s) AND s.project_id = %(project)s AND s.user_id = %(user)s
          AND s.state = ANY(%(states)s) AND i.state = 'open' AND i.places > 0 AND q.state <> 'closed'
        FOR NO KEY UPDATE OF s, i SKIP LOCKED),
    back AS (
        UPDATE annotations_labelsession s
        SET state = 'leased', lease_until = f.until, seen_at = now(), reason = '' FROM free f
        WHERE s.id = f.id RETURNING s.project_id, s.id, s.item_id, s.lease_until),
    placed AS (
        UPDATE annotations_labelitem i SET places = places - 1, takers = takers + 1 FROM back b WHERE i.id = b.item_id),
    noted AS (
        INSERT INTO annotations_sessionevent (project_id, session_id, user_id, kind, data)
        SELECT project_id, id, %(user)s, 'taken', '{{"again": true}}' FROM back)
    SELECT id, lease_until FROM back
""",  # noqa: S608
    sessions="bigint[]",
    project="bigint",
    user="bigint",
    states="text[]",
)


def overdue(queue_id: int | None, *, but: int | None = None, most: int = MOST_SWEPT) -> Statement:
    """Return the statement that takes overdue leases away, of one queue or all, but not those of the person `but`."""
    return EXPIRE.asked(queue=queue_id, but=but, most=most, user=None)


def sweep() -> int:
    """Take overdue leases away everywhere; return how many, at most MOST_SWEPT."""
    (gone,) = answers(overdue(None))
    return len(gone)


def renewal(access: Access, session_ids: Sequence[int]) -> Statement:
    """Return the statement of `renew`, for a message that has more to say; its rows are (session, until).

    The sessions stay locked until the end of the message's transaction.
    """
    return RENEW.asked(sessions=list(session_ids), project=access.project.pk, user=access.user.pk)


def renew(access: Access, session_ids: Sequence[int]) -> dict[int, datetime]:
    """Prolong the viewer's leases and say until when they are; whose lease is gone is left out.

    A lease that expired or was given back is his again if its item still has a place.
    """
    rules.check(access, Act.LABEL)
    (rows,) = answers(renewal(access, session_ids))
    until: dict[int, datetime] = dict(rows)
    lost = [session for session in session_ids if session not in until]
    return until | regain(access, lost, ("expired", "returned")) if lost else until


def regain(access: Access, session_ids: Sequence[int], states: Sequence[str]) -> dict[int, datetime]:
    """Lease the viewer's items in these states to him again where there is a place; return until when."""
    rules.check(access, Act.LABEL)
    asked = {"project": access.project.pk, "user": access.user.pk, "states": list(states)}
    (rows,) = answers(REGAIN.asked(sessions=list(session_ids), **asked))
    return dict(rows)


def give_back(access: Access, session_ids: Sequence[int]) -> list[int]:
    """Give leases back, for others to have the items at once; return the sessions that were leased until now."""
    rules.check(access, Act.LABEL)
    return _leave(access, session_ids, "returned", "")


@transaction.atomic
def skip(access: Access, session_id: int, reason: str) -> None:
    """Give an item back with the reason; it comes to this person again only when nothing else is left.

    BadInput for no reason or a long one, NotFound for somebody else's session, Conflict if it is not leased any more.
    """
    rules.check(access, Act.LABEL)
    reason = reason.strip()
    if not 1 <= len(reason) <= REASON_LIMIT or "\x00" in reason:
        raise BadInput(f"Say in 1 to {REASON_LIMIT} characters why the item is skipped.", "reason")
    if _leave(access, [session_id], "skipped", reason):
        return
    mine = LabelSession.objects.filter(project=access.project, user=access.user, pk=session_id)
    state = mine.values_list("state", flat=True).first()
    if state is None:
        raise NotFound("There is no such item of yours.")
    raise Conflict(f"This item is not open at yours any more: it is {state}.", fresh=state)


def _leave(access: Access, session_ids: Sequence[int], state: str, reason: str) -> list[int]:
    person = {"project": access.project.pk, "user": access.user.pk}
    (gone,) = answers(LEAVE.asked(sessions=list(session_ids), state=state, reason=reason, **person))
    return [int(row[0]) for row in gone]
