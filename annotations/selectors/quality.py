"""What people said in sessions that they submitted, to be held against gold and against one another.

Only these count: a person's newest word on a step among his submitted sessions; what he said on the tree's own page,
where he may have seen others' labels, does not.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from annotations import rules
from annotations.access import Access
from annotations.models import LabelQueue
from annotations.rules import Act
from annotations.selectors.together import Statement, answers

WORK, KNOWN, ALL = "work", "known", "all"
# Whether a session `s` names the first error that is expected of its item `i`, or rightly that there is none.
ITEM_RIGHT = """
    coalesce(CASE s.finish WHEN 'solution' THEN (i.expected ->> 'first_error') IS NULL
                           WHEN 'found_error' THEN s.first_error_id = (i.expected ->> 'first_error')::bigint END, false)
"""
# A session's row: what it was on, whose, when, what it found, and how it met what was known.
SESSIONS_SQL = """
    SELECT s.id, s.item_id, s.user_id, u.username, extract(epoch FROM s.submitted_at)::float8, i.role = 'work',
           CASE WHEN i.leaf_id IS NULL THEN NULL
                WHEN s.first_error_id IS NOT NULL THEN f.depth
                WHEN s.finish = 'solution' THEN 0 END,
           s.gold_right, s.gold_known,
           CASE WHEN s.gold_known IS NOT NULL AND i.role <> 'work' AND i.expected ? 'first_error' THEN {right} END
    FROM annotations_labelsession s
    JOIN annotations_labelitem i ON i.id = s.item_id
    JOIN annotations_user u ON u.id = s.user_id
    LEFT JOIN annotations_node f ON f.id = s.first_error_id
    WHERE {chosen}
    ORDER BY s.submitted_at, s.id
"""
CHOSEN = """
    s.project_id = %(project)s AND s.state = 'submitted'
    AND (%(queue)s::bigint IS NULL OR s.queue_id = %(queue)s)
    AND (%(people)s::bigint[] IS NULL OR s.user_id = ANY(%(people)s))
    AND (%(since)s::timestamptz IS NULL OR s.submitted_at >= %(since)s)
    AND (%(until)s::timestamptz IS NULL OR s.submitted_at < %(until)s)
"""
# Everything said as one text of numbers: rows cost several times as much, and sorting in SQL twice as much again.
# `annotations.desk.measuring` keeps the newest word of each person on each step.
RATINGS_SQL = f"""
    SELECT string_agg(e.id || ' ' || e.node_id || ' ' || s.id || ' ' || CASE e.rating WHEN 'correct' THEN 0
           WHEN 'neutral' THEN 1 WHEN 'incorrect' THEN 2 ELSE -1 END || ' ' || coalesce(e.seconds, 0), ' ')
    FROM annotations_labelevent e JOIN annotations_labelsession s ON s.id = e.session_id
    WHERE e.project_id = %(project)s AND e.node_id IS NOT NULL AND {CHOSEN}
"""  # noqa: S608 constants only
PEOPLE_SQL = """
    SELECT DISTINCT u.id, u.username FROM annotations_labelsession s JOIN annotations_user u ON u.id = s.user_id
    WHERE s.project_id = %(project)s AND s.state = 'submitted' ORDER BY u.username
"""
CELL_STEPS = 50
# The steps of which one person says this and another that, in the order of their items.
CELL_SQL = f"""
    WITH said AS (
        SELECT DISTINCT ON (e.node_id, e.voter) e.node_id, s.item_id, s.user_id, e.rating
        FROM annotations_labelevent e JOIN annotations_labelsession s ON s.id = e.session_id
        WHERE e.project_id = %(project)s AND s.user_id IN (%(first)s, %(second)s) AND {CHOSEN}
        ORDER BY e.node_id, e.voter, e.id DESC)
    SELECT n.seq, n.tree_id, n.depth, n.text, p.text, i.number
    FROM said a JOIN said b ON b.node_id = a.node_id AND b.user_id = %(second)s AND b.rating = %(column)s
    JOIN annotations_node n ON n.id = a.node_id JOIN annotations_tree t ON t.id = n.tree_id
    JOIN annotations_problem p ON p.id = t.problem_id JOIN annotations_labelitem i ON i.id = a.item_id
    WHERE a.user_id = %(first)s AND a.rating = %(row)s
      AND (%(items)s = 'all' OR (i.role = 'work') = (%(items)s = 'work'))
    ORDER BY i.queue_id, i.number, n.depth, n.id LIMIT %(limit)s OFFSET %(offset)s
"""  # noqa: S608 constants only


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose labels of what and when; None: all. Days are UTC's, both included; `items` is work, known or all."""

    queue: int | None = None
    people: tuple[int, ...] = ()
    since: date | None = None
    until: date | None = None
    items: str = WORK

    def params(self, access: Access) -> dict[str, Any]:
        return {
            "project": access.project.pk,
            "queue": self.queue,
            "people": list(self.people) or None,
            "since": _midnight(self.since),
            "until": _midnight(None if self.until is None else self.until + timedelta(days=1)),
        }


@dataclass(frozen=True, slots=True)
class Session:
    """A submitted session. `first_error` is a step's depth, 0 for none, None where none was named."""

    id: int
    item: int
    user: int
    username: str
    at: float
    work: bool
    first_error: int | None
    gold_right: int | None
    gold_known: int | None
    item_right: bool | None


@dataclass(frozen=True, slots=True)
class Said:
    """Sessions, oldest first, their ratings as text (event, node, session, code, seconds), all who submitted."""

    sessions: list[Session]
    ratings: str
    people: list[tuple[int, str]]


@dataclass(frozen=True, slots=True)
class CellStep:
    """A step of which two people say what a cell of their matrix holds; `item` is the item's number."""

    seq: int
    tree: int
    depth: int
    text: str
    problem: str
    item: int


def said(access: Access, asked: Asked) -> Said:
    """Return the submitted sessions and ratings of the filter, and everybody who submitted in this project."""
    rules.check(access, Act.ADJUDICATE)
    params = asked.params(access)
    sessions: Statement = (SESSIONS_SQL.format(chosen=CHOSEN, right=ITEM_RIGHT), params)
    rows, ratings, people = answers(sessions, (RATINGS_SQL, params), (PEOPLE_SQL, params))
    return Said([Session(*row) for row in rows], ratings[0][0] or "", [(row[0], row[1]) for row in people])


def queues(access: Access) -> list[LabelQueue]:
    return list(LabelQueue.objects.filter(project=access.project).order_by("id"))


def cell_steps(access: Access, asked: Asked, pair: tuple[int, int], cell: tuple[str, str], page: int) -> list[CellStep]:
    """Return a page of the steps of which the first says `cell[0]` and the second `cell[1]`, and one more."""
    rules.check(access, Act.ADJUDICATE)
    params = asked.params(access) | {
        "first": pair[0],
        "second": pair[1],
        "row": cell[0],
        "column": cell[1],
        "items": asked.items,
        "limit": CELL_STEPS + 1,
        "offset": (page - 1) * CELL_STEPS,
    }
    [rows] = answers((CELL_SQL, params))
    return [CellStep(*row) for row in rows]


def _midnight(day: date | None) -> datetime | None:
    return None if day is None else datetime.combine(day, time(), tzinfo=UTC)
