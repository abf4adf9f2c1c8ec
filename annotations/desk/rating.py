"""Storing rating acts, many in one message. What is not stored is looked at one by one (annotations.desk.doubts).

What an act needs: a session of the person's own that is not submitted; a step of the session's item; no newer word of
his on the step than the page knows of; an active category; for an undo the event that it takes back.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from annotations.access import Access
from annotations.desk.leasing import renewal
from annotations.desk.wire import CLIENT, Outcome, Rate, saved
from annotations.selectors.labels import voter_of
from annotations.selectors.together import BY_INDEX, Prepared, answers

# The person's sessions that take labels, and the steps on the paths of their items (none: the whole tree is the item).
MINE = """
    mine AS (
        SELECT s.id, i.tree_id, i.leaf_id
        FROM annotations_labelsession s JOIN annotations_labelitem i ON i.id = s.item_id
        WHERE s.project_id = %(project)s AND s.user_id = %(user)s AND s.id = ANY(%(sessions)s)
          AND s.state NOT IN ('submitted', 'surplus')),
    path AS (
        SELECT m.id AS session, n.tree_id, n.seq, n.parent_seq FROM mine m JOIN annotations_node n ON n.id = m.leaf_id
        UNION ALL
        SELECT p.session, n.tree_id, n.seq, n.parent_seq FROM path p JOIN annotations_node n
        ON n.tree_id = p.tree_id AND n.seq = p.parent_seq)
"""
# A step of an item is one of its path, or another continuation beside one of them.
OF_ITEM = """(m.leaf_id IS NULL OR EXISTS (
    SELECT FROM path p WHERE p.session = m.id AND p.parent_seq IS NOT DISTINCT FROM n.parent_seq))"""
# "id + 0" keeps the planner, while it takes the labels for few, from walking all of them backwards for the newest.
SAVE = Prepared(
    "save_ratings",
    f"""
    WITH stored AS (
    INSERT INTO annotations_labelevent (project_id, node_id, author_id, voter, source, scheme_id, kind, rating,
        category, note, rewrite, seconds, supersedes_id, session_id, shown, client, idempotency_key, data)
    WITH RECURSIVE {MINE},
    scheme AS (SELECT id, categories FROM annotations_labelscheme WHERE project_id = %(project)s
               ORDER BY version DESC LIMIT 1)
    SELECT %(project)s, g.node, %(user)s, %(voter)s, 'person', scheme.id,
           CASE WHEN g.undo_of IS NULL THEN 'rating' ELSE 'retract' END, g.rating,
           coalesce(g.category, ''), coalesce(g.note, ''), coalesce(g.rewrite, ''), g.seconds, undone.id, g.session,
           g.shown, %(client)s, g.key, coalesce(g.data, '{{}}')
    FROM jsonb_to_recordset(%(acts)s) AS g(number int, key uuid, session bigint, node bigint, seen bigint, rating text,
             category text, note text, rewrite text, seconds float8, shown jsonb, data jsonb, undo_of uuid)
    JOIN mine m ON m.id = g.session
    CROSS JOIN LATERAL (
        SELECT parent_seq FROM annotations_node n WHERE n.id = g.node AND n.tree_id = m.tree_id LIMIT 1) n
    CROSS JOIN scheme
    CROSS JOIN LATERAL (SELECT CASE WHEN g.undo_of IS NOT NULL THEN (
        SELECT max(e.id + 0) FROM annotations_labelevent e WHERE e.node_id = g.node AND e.voter = %(voter)s
        AND e.idempotency_key = g.undo_of) END AS id) undone
    WHERE {OF_ITEM}
      AND (g.undo_of IS NULL OR undone.id IS NOT NULL)
      AND (g.category IS NULL OR EXISTS (SELECT FROM jsonb_array_elements(scheme.categories) c
                                      WHERE c ->> 'key' = g.category AND (c ->> 'active')::boolean))
      AND g.seen = (SELECT coalesce(max(e.id + 0), 0) FROM annotations_labelevent e WHERE e.node_id = g.node
                    AND e.voter = %(voter)s)
    ORDER BY g.number
    ON CONFLICT (project_id, author_id, idempotency_key) DO NOTHING
    RETURNING idempotency_key, id, created_at)
    SELECT json_object_agg(idempotency_key, id), max(created_at) FROM stored
""",  # noqa: S608 constants only
    project="bigint",
    user="bigint",
    voter="text",
    client="text",
    sessions="bigint[]",
    acts="jsonb",
)
Leases = dict[int, datetime]


def store(access: Access, acts: Sequence[Rate], seen: dict[int, int]) -> tuple[dict[UUID, Outcome], Leases]:
    """Store what nothing stands against, in one message; return these outcomes and the leases that were renewed.

    No step may be in `acts` twice. `seen` holds what earlier acts of the same request made of a step.
    """
    sessions = list({act.session for act in acts})
    *_, renewed, stored = answers(
        BY_INDEX,
        # What the second message of a person compares itself with is what the first one stored: the first locks.
        renewal(access, sessions),
        SAVE.asked(
            project=access.project.pk,
            user=access.user.pk,
            voter=voter_of(access.user.pk),
            client=CLIENT,
            sessions=sessions,
            acts=json.dumps([_row(number, act, seen) for number, act in enumerate(acts)], separators=(",", ":")),
        ),
    )
    ((versions, at),) = stored
    found = versions or {}
    when = at and said_at(at)
    outcomes = {act.key: saved(act, version=found[key], at=when) for act in acts if (key := str(act.key)) in found}
    return outcomes, dict(renewed)


def said_at(at: datetime) -> str:
    return at.isoformat(timespec="seconds")


def _row(number: int, act: Rate, seen: dict[int, int]) -> dict[str, Any]:
    """Return what the statement reads of an act; what was not said is left out."""
    said = act.judgement
    row = {
        "number": number,
        "key": str(act.key),
        "session": act.session,
        "node": act.node,
        "seen": max(act.seen, seen.get(act.node, 0)),
        "rating": said.rating,
        "seconds": said.seconds,
    }
    more = {
        "category": said.category,
        "note": said.note,
        "rewrite": said.rewrite,
        "shown": said.shown,
        "data": act.data,
        "undo_of": act.undo_of and str(act.undo_of),
    }
    return row | {name: value for name, value in more.items() if value}
