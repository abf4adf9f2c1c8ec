"""Places of items: a session gives its own back, and takes one again that it had lost."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import F

from annotations.access import Access
from annotations.desk.rating import Leases
from annotations.models import LabelItem, LabelSession
from annotations.selectors.together import answers
from inference.desk import SessionState

# Whoever labels on in an item that ran out or that he gave back has it again, while a place of it is free. Sessions and
# items are locked in order, as wherever both are.
LOCK = """
    SELECT 1 FROM annotations_labelsession
    WHERE project_id = %(project)s AND user_id = %(user)s AND id = ANY(%(sessions)s) ORDER BY id FOR NO KEY UPDATE
"""
LOCK_ITEMS = """
    SELECT 1 FROM annotations_labelitem WHERE id IN (
        SELECT item_id FROM annotations_labelsession WHERE project_id = %(project)s AND user_id = %(user)s
        AND id = ANY(%(sessions)s)) ORDER BY id FOR NO KEY UPDATE
"""
REGAIN = """
    WITH free AS (
        SELECT s.id, s.item_id, make_interval(mins => coalesce((q.settings ->> 'lease_minutes')::int, 20)) AS lease
        FROM annotations_labelsession s JOIN annotations_labelitem i ON i.id = s.item_id
        JOIN annotations_labelqueue q ON q.id = s.queue_id
        WHERE s.project_id = %(project)s AND s.user_id = %(user)s AND s.id = ANY(%(sessions)s)
          AND s.state IN ('expired', 'returned') AND i.places > 0 AND i.state = 'open'),
    held AS (
        UPDATE annotations_labelitem i SET places = places - 1, takers = takers + 1
        FROM free WHERE i.id = free.item_id),
    told AS (
        INSERT INTO annotations_sessionevent (project_id, session_id, user_id, kind, data)
        SELECT %(project)s, id, %(user)s, 'taken', '{"again": true}' FROM free)
    UPDATE annotations_labelsession s SET state = 'leased', seen_at = now(), lease_until = now() + free.lease
    FROM free WHERE s.id = free.id RETURNING s.id, s.lease_until
"""


def regain(access: Access, session_ids: Sequence[int]) -> Leases:
    """Take the places of sessions back that ran out or were given back; return those that are held again."""
    params = {"project": access.project.pk, "user": access.user.pk, "sessions": list(session_ids)}
    *_, found = answers((LOCK, params), (LOCK_ITEMS, params), (REGAIN, params))
    return dict(found)


def leave(session: LabelSession, state: SessionState, reason: str) -> None:
    """Give the place of a locked session back, where it holds one, and say why."""
    if session.state == SessionState.LEASED:
        LabelItem.objects.filter(pk=session.item_id).update(places=F("places") + 1, takers=F("takers") - 1)
    session.state, session.reason, session.lease_until = state, reason, None
    session.save(update_fields=["state", "reason", "lease_until"])
