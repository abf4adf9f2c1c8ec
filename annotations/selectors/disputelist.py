"""The list of items that people see differently, or that are settled: filtered, in order, with neighbours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from annotations import rules
from annotations.access import Access
from annotations.rules import Act
from annotations.selectors.questions import OPEN
from annotations.selectors.together import answers
from inference.desk import ItemState

PAGE = 40
LAST_PAGE = 125
# As far as the list goes.
MOST = PAGE * LAST_PAGE
STATES = (ItemState.DISPUTED, ItemState.DECIDED, ItemState.DROPPED, ItemState.AGREED)
HANDED_IN = "SELECT s.* FROM annotations_labelsession s WHERE s.item_id = i.id AND s.state IN ('submitted', 'surplus')"
KINDS: Mapping[str, tuple[str, str]] = {
    "first": ("first error", f"(SELECT count(DISTINCT coalesce(s.first_error_id, 0)) > 1 FROM ({HANDED_IN}) s)"),  # noqa: S608
    "ratings": (
        "ratings",
        f"""EXISTS (SELECT FROM (
            SELECT DISTINCT ON (e.node_id, e.voter) e.node_id, e.rating FROM ({HANDED_IN}) s
            JOIN annotations_labelevent e ON e.session_id = s.id ORDER BY e.node_id, e.voter, e.id DESC) said
            WHERE said.rating IS NOT NULL GROUP BY said.node_id HAVING count(DISTINCT said.rating) > 1)""",  # noqa: S608
    ),
    "finish": ("finish", f"(SELECT count(DISTINCT s.finish) > 1 FROM ({HANDED_IN}) s)"),  # noqa: S608
}
# Open questions first, then what waits longest; what is settled comes newest first.
WAITING = "asked DESC, settled_at, id"
SETTLED = "settled_at DESC, id DESC"
FOUND = """
    SELECT i.id, i.queue_id, i.tree_id, i.number, i.settled_at, i.id IN (SELECT item_id FROM asked) AS asked
    FROM annotations_labelitem i
    WHERE i.project_id = %(project)s AND i.state = %(state)s
      AND (%(queue)s::bigint IS NULL OR i.queue_id = %(queue)s)
      AND (%(person)s::bigint IS NULL OR EXISTS (SELECT FROM ({handed_in}) s WHERE s.user_id = %(person)s))
      AND {kind}
    ORDER BY {order} LIMIT %(limit)s
"""
LISTED = """
    WITH asked AS MATERIALIZED (SELECT DISTINCT o.item_id FROM ({open}) o), found AS ({found})
    SELECT i.id, i.number, i.queue_id, q.name, left(p.text, 240), i.settled_at, i.asked, {kinds}
    FROM (SELECT * FROM found ORDER BY {order} LIMIT %(most)s OFFSET %(first)s) i
    JOIN annotations_labelqueue q ON q.id = i.queue_id
    JOIN annotations_tree t ON t.id = i.tree_id JOIN annotations_problem p ON p.id = t.problem_id
    ORDER BY {order}
"""
SAID = """
    SELECT s.item_id, u.id, u.username, s.finish, e.depth FROM annotations_labelsession s
    JOIN annotations_user u ON u.id = s.user_id LEFT JOIN annotations_node e ON e.id = s.first_error_id
    WHERE s.project_id = %(project)s AND s.item_id = ANY(%(items)s) AND s.state IN ('submitted', 'surplus')
    ORDER BY s.item_id, s.submitted_at, s.id
"""
BESIDE = """
    WITH asked AS MATERIALIZED (SELECT DISTINCT o.item_id FROM ({open}) o), found AS ({found})
    SELECT number, before, after, total FROM (
        SELECT id, row_number() OVER w AS number, lag(id) OVER w AS before, lead(id) OVER w AS after,
               count(*) OVER () AS total
        FROM found WINDOW w AS (ORDER BY {order})) placed WHERE id = %(item)s
"""
COUNTS = """
    SELECT state, count(*) FROM annotations_labelitem WHERE project_id = %(project)s AND state = ANY(%(states)s)
    GROUP BY state
"""
CHOICES = """
    SELECT 'queue', q.id, q.name FROM annotations_labelqueue q WHERE q.project_id = %(project)s
    UNION ALL
    SELECT 'person', u.id, u.username FROM annotations_user u WHERE u.id IN (
        SELECT m.user_id FROM annotations_membership m WHERE m.project_id = %(project)s)
    ORDER BY 1, 3
"""


@dataclass(frozen=True, slots=True)
class DisputeQuery:
    """Which items somebody looks for."""

    state: str = ItemState.DISPUTED
    queue: int | None = None
    person: int | None = None
    kind: str = ""
    page: int = 1


@dataclass(frozen=True, slots=True)
class Said:
    """What one person made of an item: the depth of his first error, or why he ended."""

    name: str
    finish: str
    error: int | None


@dataclass(slots=True)
class DisputeRow:
    id: int
    number: int
    queue: int
    queue_name: str
    problem: str
    settled_at: datetime | None
    asked: bool
    kinds: list[str]
    people: list[Said] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class DisputePage:
    rows: list[DisputeRow]
    counts: dict[str, int]
    queues: list[tuple[int, str]]
    people: list[tuple[int, str]]
    has_next: bool


@dataclass(frozen=True, slots=True)
class Beside:
    """Where an item stands in a list; 0 and None: it is not in it."""

    number: int = 0
    before: int | None = None
    after: int | None = None
    total: int = 0


def dispute_page(access: Access, query: DisputeQuery) -> DisputePage:
    """Return a page of the list; NotAllowed for whoever does not decide. Two messages."""
    rules.check(access, Act.ADJUDICATE)
    params = _params(access, query)
    params |= {"most": PAGE + 1, "first": PAGE * (query.page - 1), "states": list(STATES)}
    rows, counts, choices = answers((_sql(LISTED, query), params), (COUNTS, params), (CHOICES, params))
    made = [_row(*row) for row in rows]
    by_item = {row.id: row for row in made}
    (said,) = answers((SAID, {**params, "items": list(by_item)}))
    for item, _, *word in said:
        by_item[item].people.append(Said(*word))
    chosen: dict[str, list[tuple[int, str]]] = {"queue": [], "person": []}
    for kind, key, name in choices:
        chosen[kind].append((key, name))
    return DisputePage(made[:PAGE], dict(counts), chosen["queue"], chosen["person"], len(made) > PAGE)


def _row(
    key: int, number: int, queue: int, name: str, problem: str, when: datetime | None, asked: bool, *differs: bool
) -> DisputeRow:
    kinds = [word for (word, _), yes in zip(KINDS.values(), differs, strict=True) if yes]
    return DisputeRow(key, number, queue, name, problem, when, asked, kinds)


def beside(access: Access, query: DisputeQuery, item_id: int) -> Beside:
    """Return an item's place in the list and the items before and after it."""
    rules.check(access, Act.ADJUDICATE)
    (rows,) = answers((_sql(BESIDE, query), {**_params(access, query), "item": item_id}))
    return Beside(*rows[0]) if rows else Beside()


def _sql(statement: str, query: DisputeQuery) -> str:
    order = WAITING if query.state == ItemState.DISPUTED else SETTLED
    kind = KINDS[query.kind][1] if query.kind in KINDS else "true"
    found = FOUND.format(handed_in=HANDED_IN, kind=kind, order=order)
    return statement.format(open=OPEN, found=found, order=order, kinds=", ".join(sql for _, sql in KINDS.values()))


def _params(access: Access, query: DisputeQuery) -> dict[str, Any]:
    return {
        "project": access.project.pk,
        "state": query.state,
        "queue": query.queue,
        "person": query.person,
        "limit": MOST,
    }
