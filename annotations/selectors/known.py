"""Items whose labels are known: which could be, what is expected of them, how those who labelled them met it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from annotations import rules
from annotations.access import Access
from annotations.models import LabelQueue
from annotations.rules import Act
from annotations.selectors.labels import EVENTS
from annotations.selectors.quality import ITEM_RIGHT
from annotations.selectors.together import answers
from annotations.trust import Share

# So many items are looked for, and marked, at a time.
MOST = 2_000
# An item is suspect when so many labelled it and most of them failed: then the gold itself may be wrong.
SUSPECT_FROM = 3


class KnownFrom(StrEnum):
    """Where it is known from what is right in an item."""

    SESSION = "session"
    DECISION = "decision"
    AGREED = "agreed"
    LABELS = "labels"


ENDED = "s.item_id = i.id AND s.state = 'submitted'"
FOUND = "s.finish IN ('solution', 'found_error')"
# Which items are looked at, and whose words on their steps say what is right. A step on which these words contradict
# one another is not known.
SOURCES: dict[KnownFrom, tuple[str, str]] = {
    KnownFrom.SESSION: (
        f"EXISTS (SELECT FROM annotations_labelsession s WHERE {ENDED} AND {FOUND} AND s.user_id = %(user)s)",  # noqa: S608
        f"e.session_id IN (SELECT s.id FROM asked i JOIN annotations_labelsession s ON {ENDED}"  # noqa: S608
        " AND s.user_id = %(user)s)",
    ),
    KnownFrom.DECISION: (
        "i.state = 'decided'",
        "e.source = 'decision' AND e.node_id IN (SELECT node FROM steps)",
    ),
    KnownFrom.AGREED: (
        f"(SELECT count(*) >= 2 AND count(DISTINCT coalesce(s.first_error_id, 0)) = 1 AND bool_and({FOUND})"  # noqa: S608
        f" FROM annotations_labelsession s WHERE {ENDED})",
        f"e.session_id IN (SELECT s.id FROM asked i JOIN annotations_labelsession s ON {ENDED})",  # noqa: S608
    ),
    KnownFrom.LABELS: (
        "EXISTS (SELECT FROM annotations_node n JOIN annotations_labelevent e ON e.node_id = n.id"
        " WHERE n.tree_id = i.tree_id AND e.source IN ('planted', 'import'))",
        "e.source IN ('planted', 'import') AND e.node_id IN (SELECT node FROM steps)",
    ),
}
# A path is known when every step up to its first error is, or every step where there is none. Of a tree whatever is
# known counts.
EXPECTED_SQL = """
    WITH RECURSIVE ordered AS MATERIALIZED (
        SELECT i.* FROM annotations_labelitem i
        WHERE i.project_id = %(project)s AND i.queue_id = %(queue)s AND i.state <> 'withdrawn'
          AND (i.role = 'work') = (%(work)s) AND (%(items)s::bigint[] IS NULL OR i.id = ANY(%(items)s))
        ORDER BY hashint8extended(i.id, %(seed)s)),
    asked AS MATERIALIZED (SELECT * FROM ordered i WHERE {fits} LIMIT %(most)s),
    path AS (
        SELECT a.id AS item, n.id AS node, n.tree_id, n.parent_seq, n.depth
        FROM asked a JOIN annotations_node n ON n.id = a.leaf_id
        UNION ALL
        SELECT p.item, n.id, n.tree_id, n.parent_seq, n.depth
        FROM path p JOIN annotations_node n ON n.tree_id = p.tree_id AND n.seq = p.parent_seq),
    steps AS MATERIALIZED (
        SELECT item, node, depth, true AS on_path FROM path
        UNION ALL
        SELECT a.id, n.id, n.depth, false FROM asked a JOIN annotations_node n ON n.tree_id = a.tree_id
        WHERE a.leaf_id IS NULL),
    rated AS (
        SELECT node_id, min(rating) AS rating FROM ({events}) said WHERE rating IS NOT NULL
        GROUP BY node_id HAVING count(DISTINCT rating) = 1),
    told AS (
        SELECT s.item, jsonb_object_agg(s.node, r.rating) FILTER (WHERE r.rating IS NOT NULL) AS ratings,
               (array_agg(s.node ORDER BY s.depth) FILTER (WHERE r.rating = 'incorrect'))[1] AS wrong,
               min(s.depth) FILTER (WHERE r.rating = 'incorrect') AS wrong_at,
               min(s.depth) FILTER (WHERE r.rating IS NULL) AS gap, bool_and(s.on_path) AS on_path
        FROM steps s LEFT JOIN rated r ON r.node_id = s.node GROUP BY s.item),
    known AS (
        SELECT t.item, wrong_at, on_path,
               jsonb_build_object('ratings', ratings, 'source', %(source)s, 'by', %(user)s, 'was', a.state)
               || CASE WHEN on_path THEN jsonb_build_object('first_error', wrong) ELSE '{{}}' END AS expected
        FROM told t JOIN asked a ON a.id = t.item
        WHERE ratings IS NOT NULL AND (NOT on_path OR gap IS NULL OR wrong_at < gap))
"""
CANDIDATES_SQL = """
    SELECT i.id, i.number, p.text, CASE WHEN k.on_path THEN coalesce(k.wrong_at, 0) END, i.takers,
           (SELECT count(*) FROM jsonb_object_keys(k.expected -> 'ratings'))
    FROM known k JOIN annotations_labelitem i ON i.id = k.item JOIN annotations_tree t ON t.id = i.tree_id
    JOIN annotations_problem p ON p.id = t.problem_id ORDER BY i.number
"""
LIST_SQL = f"""
    SELECT i.id, i.number, i.role, i.tree_id, i.leaf_id, p.text, i.expected ->> 'source',
           (SELECT count(*) FROM jsonb_object_keys(i.expected -> 'ratings')),
           CASE WHEN i.expected ? 'first_error' THEN coalesce(x.depth, 0) END, coalesce(x.text, ''),
           d.labelled, d.item_right, d.ratings_right, d.ratings_known, d.holding
    FROM annotations_labelitem i
    JOIN annotations_tree t ON t.id = i.tree_id JOIN annotations_problem p ON p.id = t.problem_id
    LEFT JOIN annotations_node x ON x.id = (i.expected ->> 'first_error')::bigint
    CROSS JOIN LATERAL (
        SELECT count(*) FILTER (WHERE scored) AS labelled,
               count(*) FILTER (WHERE scored AND CASE WHEN i.expected ? 'first_error' THEN {ITEM_RIGHT}
                                                      ELSE s.gold_right = s.gold_known END) AS item_right,
               coalesce(sum(s.gold_right) FILTER (WHERE scored), 0) AS ratings_right,
               coalesce(sum(s.gold_known) FILTER (WHERE scored), 0) AS ratings_known,
               count(*) FILTER (WHERE s.state = 'leased') AS holding
        FROM (SELECT *, state = 'submitted' AND gold_known IS NOT NULL AS scored
              FROM annotations_labelsession WHERE item_id = i.id) s) d
    WHERE i.project_id = %(project)s AND i.queue_id = %(queue)s AND i.role <> 'work'
    ORDER BY (d.labelled - d.item_right + 1.0) / (d.labelled + 2) DESC, i.number LIMIT %(most)s
"""  # noqa: S608 a constant
SCREENED_SQL = """
    SELECT u.id, u.username, m.passed, by.username, count(s.id), coalesce(sum(s.gold_right), 0),
           coalesce(sum(s.gold_known), 0)
    FROM annotations_queuemember m JOIN annotations_user u ON u.id = m.user_id
    LEFT JOIN annotations_user by ON by.id = m.passed_by_id
    LEFT JOIN (annotations_labelsession s JOIN annotations_labelitem i ON i.id = s.item_id AND i.role = 'screening')
         ON s.queue_id = m.queue_id AND s.user_id = m.user_id AND s.state = 'submitted'
    WHERE m.project_id = %(project)s AND m.queue_id = %(queue)s
    GROUP BY u.id, u.username, m.passed, by.username ORDER BY u.username
"""


@dataclass(frozen=True, slots=True)
class Candidate:
    """An item that could be marked. `first_error` is a step's depth, 0 for none, None for a tree."""

    id: int
    number: int
    problem: str
    first_error: int | None
    takers: int
    ratings: int


@dataclass(frozen=True, slots=True)
class KnownItem:
    """A gold or screening item and how those who labelled it since met what is expected."""

    id: int
    number: int
    role: str
    tree: int
    leaf: int | None
    problem: str
    source: str
    ratings: int
    first_error: int | None
    wrong_step: str
    right: Share
    right_ratings: Share
    holding: int

    @property
    def suspect(self) -> bool:
        return self.right.of >= SUSPECT_FROM and self.right.hits * 2 < self.right.of


@dataclass(frozen=True, slots=True)
class Screened:
    """Somebody in a queue and his screening; `passed` None: it is not done."""

    user: int
    name: str
    passed: bool | None
    passed_by: str
    done: int
    right: Share


def expected_sql(source: KnownFrom) -> str:
    """Return the common tables of EXPECTED_SQL, of which `known` (item, wrong_at, on_path, expected) is the last."""
    fits, whose = SOURCES[source]
    return EXPECTED_SQL.format(fits=fits, events=EVENTS.format(whose=whose))


def expected_params(
    access: Access, queue: LabelQueue, source: KnownFrom, *, items: list[int] | None, most: int, work: bool = True
) -> dict[str, Any]:
    return {
        "project": access.project.pk,
        "user": access.user.pk,
        "queue": queue.pk,
        "seed": queue.seed,
        "source": source.value,
        "items": items,
        "most": min(most, MOST),
        "work": work,
    }


def candidates(access: Access, queue: LabelQueue, source: KnownFrom) -> list[Candidate]:
    """Return the items that could be marked, at most MOST."""
    rules.check(access, Act.ADJUDICATE)
    params = expected_params(access, queue, source, items=None, most=MOST)
    [rows] = answers((expected_sql(source) + CANDIDATES_SQL, params))
    return [Candidate(*row) for row in rows]


def known_items(access: Access, queue: LabelQueue) -> tuple[list[KnownItem], list[Screened]]:
    """Return the known items of a queue, those first that most people fail, and how everybody's screening stands."""
    rules.check(access, Act.ADJUDICATE)
    params = {"project": access.project.pk, "queue": queue.pk, "most": MOST}
    items, people = answers((LIST_SQL, params), (SCREENED_SQL, params))
    return [_item(*row) for row in items], [
        Screened(user, name, passed, by or "", done, Share(right, known))
        for user, name, passed, by, done, right, known in people
    ]


def _item(*row: Any) -> KnownItem:
    labelled, right, ratings_right, ratings_known, holding = row[10:]
    known = (*row[:10], Share(right, labelled), Share(ratings_right, ratings_known), holding)
    return KnownItem(*known)
