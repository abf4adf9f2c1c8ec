"""What somebody submitted today, queue by queue: the line that cheers a labeller on."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, NamedTuple

from annotations.access import Access
from annotations.selectors.together import Prepared, Statement, answers


class Today(NamedTuple):
    """What the viewer submitted today (UTC) in a queue; `seconds` are those a rating, None without one."""

    items: int
    ratings: int
    seconds: float | None


NOTHING = Today(0, 0, None)
TODAY = Prepared(
    "desk_today",
    """
    SELECT s.queue_id, count(*), coalesce(sum(e.n), 0), sum(s.seconds) / nullif(sum(e.n), 0)
    FROM annotations_labelsession s CROSS JOIN LATERAL (
        SELECT count(DISTINCT e.node_id) AS n FROM annotations_labelevent e
        WHERE e.session_id = s.id AND e.source = 'person' AND e.rating IS NOT NULL) e
    WHERE s.project_id = %(project)s AND (%(queue)s IS NULL OR s.queue_id = %(queue)s) AND s.user_id = %(user)s
      AND s.state = 'submitted' AND s.submitted_at >= %(midnight)s
    GROUP BY s.queue_id
""",
    project="bigint",
    queue="bigint",
    user="bigint",
    midnight="timestamptz",
)


def asked_today(access: Access, queue_id: int | None = None) -> Statement:
    """Return the question what the viewer did today, for `answers` beside others; `read_today` reads its rows."""
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return TODAY.asked(project=access.project.pk, queue=queue_id, user=access.user.pk, midnight=midnight)


def read_today(rows: list[tuple[Any, ...]]) -> dict[int, Today]:
    """Return today's work by queue; a queue without any is not in it."""
    return {
        queue: Today(int(items), int(ratings), None if seconds is None else float(seconds))
        for queue, items, ratings, seconds in rows
    }


def today(access: Access, queue_id: int) -> Today:
    """Return how many items and ratings the viewer submitted today in a queue, and his seconds a rating. One query."""
    return read_today(answers(asked_today(access, queue_id))[0]).get(queue_id, NOTHING)
