"""The review's questions as SQL: matrices, what is counted, what is listed. Holds no viewer and asks nothing."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from annotations.selectors.labels import RESOLVED_SQL


class Matrix(StrEnum):
    """Who is held against whom."""

    LABEL = "label"
    TOOL = "tool"
    CHECK = "check"
    PAIR = "pair"


SIDES = ("correct", "incorrect")
RATED = ("correct", "neutral", "incorrect", "none")
CHECKED = ("supported", "undecided", "refuted")
# The column of rows and of columns, and their words; "none" counts the steps without a label.
AXES: dict[Matrix, tuple[str, tuple[str, ...], str, tuple[str, ...]]] = {
    Matrix.LABEL: ("a", SIDES, "rated", RATED),
    Matrix.TOOL: ("checked", CHECKED, "rated", RATED),
    Matrix.CHECK: ("a", SIDES, "checked", CHECKED),
    Matrix.PAIR: ("a", SIDES, "b", SIDES),
}
# Which cells hold a mistake of one or the other. A supported step is as often wrong as any other (docs/log.md), so
# that a scorer that doubts it contradicts nobody.
MISTAKES: dict[Matrix, tuple[tuple[str, str], ...]] = {
    Matrix.LABEL: (("correct", "incorrect"), ("incorrect", "correct")),
    Matrix.TOOL: (("refuted", "correct"), ("supported", "incorrect")),
    Matrix.CHECK: (("correct", "refuted"),),
    Matrix.PAIR: (("correct", "incorrect"), ("incorrect", "correct")),
}
# How sure it is that somebody is wrong, from 0 to 1. About 97 of 100 refuted steps hold a false equation.
SIDE_TAKEN = "CASE WHEN a = 'correct' THEN va ELSE 1 - va END"
CONFIDENCE: dict[Matrix, str] = {
    Matrix.LABEL: SIDE_TAKEN,
    Matrix.TOOL: "CASE checked WHEN 'refuted' THEN 0.97 WHEN 'supported' THEN 0.1 ELSE 0 END",
    Matrix.CHECK: SIDE_TAKEN,
    Matrix.PAIR: "abs(va - vb)",
}
FACETS = ("source", "depth", "length", "category")


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked for. Without `row` and `col` all mistakes of the matrix; None or "" in a facet does not filter.

    `nodes` are the steps of a slice, all of which are listed in its order unless a cell is chosen.
    """

    matrix: Matrix = Matrix.LABEL
    row: str = ""
    col: str = ""
    scorer: str = ""
    other: str = ""
    source: str = ""
    depth: int | None = None
    length: int | None = None
    category: str = ""
    nodes: tuple[int, ...] | None = None


PLACE = "c.source, c.depth, c.length"
# What the viewer may know of each step: kept counts, the same without labels, one row a step of a slice.
KEPT = f"""
    SELECT c.sides, c.verdict, c.rating, c.category, {PLACE}, c.n FROM annotations_reviewcell c
    WHERE c.project_id = %(project)s AND c.n > 0
"""  # noqa: S608 constants only
JOINED = "annotations_reviewstep s JOIN annotations_reviewcell c ON c.project_id = s.project_id AND c.key = s.cell"
OWN = f"""
    SELECT c.sides, c.verdict, '' AS rating, '' AS category, {PLACE}, c.n FROM annotations_reviewcell c
    WHERE c.project_id = %(project)s AND c.n > 0
    UNION ALL
    SELECT c.sides, c.verdict, x.rating, x.category, {PLACE}, x.n
    FROM ({RESOLVED_SQL}) m JOIN {JOINED} ON s.project_id = %(project)s AND s.node_id = m.node_id
    CROSS JOIN LATERAL (VALUES (m.rating::text, m.category::text, 1), ('', '', -1)) AS x (rating, category, n)
"""  # noqa: S608
LABELS_KEPT = ("c.rating", "c.category", "")
LABELS_OWN = (
    "coalesce(m.rating, '')",
    "coalesce(m.category, '')",
    f"LEFT JOIN ({RESOLVED_SQL}) m ON m.node_id = s.node_id",  # noqa: S608
)
SIDE = "CASE {sides} ->> %({scorer})s WHEN '1' THEN 'correct' WHEN '0' THEN 'incorrect' ELSE '' END"
SEEN = f"""
    {SIDE.format(sides="sides", scorer="scorer")} AS a, {SIDE.format(sides="sides", scorer="other")} AS b,
    verdict AS checked, CASE rating WHEN '' THEN 'none' ELSE rating END AS rated, category, source, depth, length
"""


def where(question: Question, without: str = "") -> str:
    """Return the condition of the slice's facets, all but one."""
    asked = [name for name in FACETS if name != without and getattr(question, name) not in ("", None)]
    return " AND ".join(f"{name} = %({name})s" for name in asked) or "true"


def picked(question: Question) -> str:
    """Return the condition of the chosen cell, or of all mistakes."""
    row, rows, col, cols = AXES[question.matrix]
    if question.row:
        return f"{row} = %(row)s AND {col} = %(col)s"
    if question.nodes is not None:
        return "true"
    return "(" + " OR ".join(f"({row} = '{r}' AND {col} = '{c}')" for r, c in MISTAKES[question.matrix]) + ")"


SHOWN = """
    SELECT n.id, n.tree_id, n.seq, n.depth, left(n.text, 400), left(p.text, 200), s.scores, page.checked, page.rated,
           page.confidence
    FROM page
    JOIN annotations_reviewstep s ON s.project_id = %(project)s AND s.node_id = page.node_id
    JOIN annotations_node n ON n.id = page.node_id
    JOIN annotations_tree t ON t.id = n.tree_id
    JOIN annotations_problem p ON p.id = t.problem_id
"""
CHOSEN = f"""
    SELECT key, a, checked, rated FROM (
        SELECT key, {SEEN} FROM annotations_reviewcell WHERE project_id = %(project)s AND n > 0) seen
"""  # noqa: S608 constants only
# The best of each cell by the index, then the best of these: however many steps the cells hold. A tie goes the way
# that the index runs, so that no step stands on two pages.
BY_SCORE = """
    SELECT x.node_id, k.a, k.checked, k.rated, {confidence} AS confidence FROM chosen k CROSS JOIN LATERAL (
        SELECT i.node_id, i.value FROM annotations_reviewscore i
        WHERE i.project_id = %(project)s AND i.scorer = %(scorer)s AND i.cell = k.key
        ORDER BY i.value {way}, i.node_id {way} LIMIT %(reach)s) x
    WHERE k.a = '{side}'
"""
SCORED = (
    BY_SCORE.format(confidence="x.value", way="DESC", side="correct")
    + " UNION ALL "
    + BY_SCORE.format(confidence="1 - x.value", way="ASC", side="incorrect")
)
SCORED_ORDER = "confidence DESC, a, CASE a WHEN 'correct' THEN -page.node_id ELSE page.node_id END"
CHECKED_FIRST = f"""
    SELECT x.node_id, k.a, k.checked, k.rated, {CONFIDENCE[Matrix.TOOL]} AS confidence FROM chosen k
    CROSS JOIN LATERAL (
        SELECT i.node_id FROM annotations_reviewstep i WHERE i.project_id = %(project)s AND i.cell = k.key
        ORDER BY i.node_id LIMIT %(reach)s) x
"""  # noqa: S608


def list_sql(blind: bool, question: Question) -> str:
    """Return the query of one page: what a row shows is looked up for the rows of the page alone."""
    if blind or question.nodes is not None or question.matrix is Matrix.PAIR:
        return whole_sql(blind, question)
    best, order = (CHECKED_FIRST, "confidence DESC, page.node_id")
    if question.matrix is not Matrix.TOOL:
        best, order = SCORED, SCORED_ORDER
    return f"""
        WITH chosen AS MATERIALIZED ({CHOSEN} WHERE {picked(question)} AND {where(question)}),
        page AS (SELECT * FROM ({best}) page ORDER BY {order} LIMIT %(limit)s OFFSET %(offset)s)
        {SHOWN} ORDER BY {order}
    """  # noqa: S608


def whole_sql(blind: bool, question: Question) -> str:
    """Return the same where the order is another one, or the labels are not those that are kept: all is looked at."""
    rating, category, mine = LABELS_OWN if blind else LABELS_KEPT
    order = "confidence DESC NULLS LAST, page.node_id"
    within, at = "", "0"
    if question.nodes is not None:
        within = "JOIN unnest(%(nodes)s::bigint[]) WITH ORDINALITY AS w (node_id, at) ON w.node_id = s.node_id"
        order, at = "at, page.node_id", "w.at"
    return f"""
        WITH page AS (
            SELECT node_id, at, checked, rated, {CONFIDENCE[question.matrix]} AS confidence
            FROM (SELECT {SEEN}, node_id, at, (scores ->> %(scorer)s)::float8 AS va,
                         (scores ->> %(other)s)::float8 AS vb
                  FROM (SELECT s.node_id, s.scores, {at} AS at, c.sides, c.verdict, {rating} AS rating,
                               {category} AS category, {PLACE}
                        FROM {JOINED} {within} {mine}
                        WHERE s.project_id = %(project)s AND c.project_id = %(project)s) c) page
            WHERE {picked(question)} AND {where(question)}
            ORDER BY {order} LIMIT %(limit)s OFFSET %(offset)s)
        {SHOWN} ORDER BY {order}
    """  # noqa: S608
