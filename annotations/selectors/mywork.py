"""What the viewer labelled at the desk: his sessions, newest first, and how each was decided if he may know it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from annotations.access import Access
from annotations.desk.params import DeskSettings
from annotations.selectors.labels import sees_item
from annotations.selectors.questions import OF_PERSON
from annotations.selectors.together import answers
from inference.desk import DeskState, ItemState, SessionState

PAGE = 50
LAST_PAGE = 2_000
# What is still his to do, and what can be taken up again.
AGAIN = (SessionState.RETURNED, SessionState.EXPIRED, SessionState.SKIPPED)
SHOWS = {
    "": ("All", "true"),
    "open": ("To finish", "s.state IN ('leased', 'returned', 'expired')"),
    "asked": ("Questions", "a.questions > 0"),
}
ROWS = f"""
    SELECT s.item_id, s.queue_id, q.name, q.settings, q.state, s.state, left(p.text, 240), s.finish, s.first_error_id,
           e.depth, s.seconds, s.ratings, s.gold_right, s.gold_known, coalesce(s.submitted_at, s.seen_at), i.state,
           d.id, d.back, d.first_error_id, d.finish, coalesce(a.questions, 0), s.id, i.places
    FROM annotations_labelsession s
    JOIN annotations_labelqueue q ON q.id = s.queue_id
    JOIN annotations_labelitem i ON i.id = s.item_id
    JOIN annotations_tree t ON t.id = i.tree_id JOIN annotations_problem p ON p.id = t.problem_id
    LEFT JOIN annotations_node e ON e.id = s.first_error_id
    LEFT JOIN LATERAL (
        SELECT d.id, d.back, d.first_error_id, d.finish FROM annotations_itemdecision d
        WHERE d.item_id = s.item_id ORDER BY d.id DESC LIMIT 1) d ON true
    LEFT JOIN (SELECT o.item_id, count(*) AS questions FROM ({OF_PERSON}) o GROUP BY o.item_id) a
        ON a.item_id = s.item_id
    WHERE s.project_id = %(project)s AND s.user_id = %(user)s
      AND s.queue_id IN (SELECT id FROM annotations_labelqueue WHERE project_id = %(project)s) AND {{shown}}
    ORDER BY coalesce(s.submitted_at, s.seen_at) DESC, s.id DESC LIMIT %(most)s OFFSET %(first)s
"""  # noqa: S608 constants only


def unfinished(state: str, *, queue: str, item: str, places: int) -> bool:
    """Whether a session in this state can be gone on with, or taken up again since its item has a place."""
    if state == SessionState.LEASED:
        return queue != DeskState.CLOSED
    has_place = item == ItemState.OPEN and places > 0
    return state in AGAIN and queue == DeskState.OPEN and has_place


@dataclass(frozen=True, slots=True)
class MyRow:
    """One session. `gold` is (right, known) where the queue tells; `same` whether it was decided as he said."""

    session: int
    item: int
    queue: int
    queue_name: str
    state: str
    problem: str
    finish: str
    error: int | None
    seconds: float
    ratings: int
    gold: tuple[int, int] | None
    when: datetime
    same: bool | None
    questions: int
    unfinished: bool


@dataclass(frozen=True, slots=True)
class MyPage:
    rows: list[MyRow]
    has_next: bool


def my_sessions(access: Access, show: str = "", page: int = 1) -> MyPage:
    """Return a page of the viewer's own sessions: one query."""
    sql = ROWS.format(shown=SHOWS[show if show in SHOWS else ""][1])
    asked = {"project": access.project.pk, "user": access.user.pk, "most": PAGE + 1, "first": PAGE * (page - 1)}
    (rows,) = answers((sql, asked))
    return MyPage([_row(access, row) for row in rows[:PAGE]], len(rows) > PAGE)


def _row(access: Access, row: tuple[Any, ...]) -> MyRow:
    item, queue, name, switches, queue_state, state, problem, finish, error_id, error, seconds, ratings, *rest = row
    right, known, when, item_state, decision, back, decided_error, decided_finish, questions, session, places = rest
    settings = DeskSettings.from_mapping(json.loads(switches))
    told = decision is not None and not back
    told = told and sees_item(access, reveal=settings.reveal, mine=state, state=item_state)
    return MyRow(
        session=session,
        item=item,
        queue=queue,
        queue_name=name,
        state=state,
        problem=problem,
        finish=finish,
        error=error,
        seconds=seconds,
        ratings=ratings,
        gold=(right, known) if settings.feedback and known else None,
        when=when,
        same=(decided_error, decided_finish) == (error_id, finish) if told else None,
        questions=questions,
        unfinished=unfinished(state, queue=queue_state, item=item_state, places=places),
    )
