"""Where scorers, tools and people disagree: matrices, slices and a sorted list, read from what a fold keeps.

Labels come through selectors.labels: who may see everybody's reads the counts as they are kept, who may see his own
alone gets them without labels, and his own put in.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db import connection

from annotations.access import Access
from annotations.reviewing.fold import PAGE_MOST, fold
from annotations.selectors.labels import RESOLVED_SQL, label_params
from annotations.selectors.slices import SliceHead, newest_slices
from annotations.selectors.together import answers


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
MOST_ROWS = 500


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


@dataclass(frozen=True, slots=True)
class Row:
    """A listed step. `scores` by scorer, `verdict` and `rating` "" where there is none, `confidence` from 0 to 1."""

    node_id: int
    tree_id: int
    seq: int
    depth: int
    text: str
    problem: str
    scores: dict[str, float]
    verdict: str
    rating: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Found:
    """Counts of each matrix by (row, column), of each facet by value, and the rows of one page."""

    matrices: dict[Matrix, dict[tuple[str, str], int]]
    facets: dict[str, list[tuple[str, int]]]
    rows: list[Row]

    def chosen(self, question: Question) -> int:
        """Return how many steps the question asks for."""
        counts = self.matrices[question.matrix]
        if question.row:
            return counts.get((question.row, question.col), 0)
        if question.nodes is not None:
            return sum(counts.values())
        return sum(counts.get(cell, 0) for cell in MISTAKES[question.matrix])


@dataclass(frozen=True, slots=True)
class Ground:
    """What there is to ask about: scorers with their steps, most first, the newest slices; `due` steps not counted."""

    scorers: list[tuple[str, int]]
    slices: list[SliceHead]
    due: int


def ground(access: Access) -> Ground:
    """Take in what was newly said, as much as a page may wait for, and return what can be asked."""
    project = {"project": access.project.pk}
    statements = ((DUE_SQL, project), (SCORERS_SQL, project), newest_slices(access))
    due, scorers, slices = answers(*statements)
    if due[0][0]:
        fold(access.project.pk, most=PAGE_MOST)
        due, scorers, slices = answers(*statements)
    return Ground(
        scorers=[(name, int(count)) for name, count in scorers],
        slices=[SliceHead(*row) for row in slices],
        due=int(due[0][0]),
    )


DUE_SQL = """
    SELECT count(*) FROM (SELECT FROM annotations_reviewdue WHERE project_id = %(project)s LIMIT 100000) d
"""
SCORERS_SQL = """
    SELECT k.scorer, sum(c.n) FROM annotations_reviewcell c, jsonb_object_keys(c.sides) AS k (scorer)
    WHERE c.project_id = %(project)s AND c.n > 0 GROUP BY k.scorer ORDER BY 2 DESC, 1
"""
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


def find(access: Access, question: Question, *, limit: int = 50, offset: int = 0) -> Found:
    """Return counts and the page of steps that a question asks for, in one message."""
    params = _params(access, question) | {"limit": min(limit, MOST_ROWS), "offset": offset}
    blind = params["voter"] is not None
    cells = _cells(blind, question)
    counted, faceted, listed = answers(
        (COUNTS_SQL.format(cells=cells, where=_where(question)), params),
        (_facets_sql(cells, question), params),
        (_list_sql(blind, question), params),
    )
    matrices: dict[Matrix, dict[tuple[str, str], int]] = {matrix: {} for matrix in Matrix}
    for values in counted:
        _count(matrices, dict(zip(("a", "b", "checked", "rated", "n"), values, strict=True)))
    facets: dict[str, list[tuple[str, int]]] = {facet: [] for facet in FACETS}
    for facet, value, count in faceted:
        facets[facet].append((value, int(count)))
    return Found(matrices, facets, [_row(values) for values in listed])


COUNTS_SQL = """
    SELECT a, b, checked, rated, sum(n) FROM ({cells}) seen WHERE {where} GROUP BY a, b, checked, rated HAVING sum(n) <> 0
"""


def _count(matrices: dict[Matrix, dict[tuple[str, str], int]], values: dict[str, Any]) -> None:
    for matrix, (row, rows, col, cols) in AXES.items():
        if values[row] in rows and values[col] in cols:
            cell = (values[row], values[col])
            matrices[matrix][cell] = matrices[matrix].get(cell, 0) + int(values["n"])


def _row(values: tuple[Any, ...]) -> Row:
    node_id, tree_id, seq, depth, text, problem, scores, verdict, rated, confidence = values
    rating = "" if rated == "none" else rated
    return Row(node_id, tree_id, seq, depth, text, problem, json.loads(scores), verdict, rating, float(confidence or 0))


def _params(access: Access, question: Question) -> dict[str, Any]:
    named = {name: getattr(question, name) for name in ("row", "col", "scorer", "other", *FACETS)}
    return {**label_params(access), **named, "nodes": list(question.nodes or ())}


def _cells(blind: bool, question: Question) -> str:
    """Return the query of what is counted, with the columns of SEEN and n."""
    if question.nodes is None:
        return f"SELECT {SEEN}, n FROM ({OWN if blind else KEPT}) c"  # noqa: S608 constants only
    rating, category, mine = LABELS_OWN if blind else LABELS_KEPT
    return f"""
        SELECT {SEEN}, 1 AS n
        FROM (SELECT c.sides, c.verdict, {rating} AS rating, {category} AS category, {PLACE} FROM {JOINED} {mine}
              WHERE s.project_id = %(project)s AND s.node_id = ANY(%(nodes)s)) c
    """  # noqa: S608


def _where(question: Question, without: str = "") -> str:
    """Return the condition of the slice's facets, all but one."""
    asked = [name for name in FACETS if name != without and getattr(question, name) not in ("", None)]
    return " AND ".join(f"{name} = %({name})s" for name in asked) or "true"


def _picked(question: Question) -> str:
    """Return the condition of the chosen cell, or of all mistakes."""
    row, rows, col, cols = AXES[question.matrix]
    if question.row:
        return f"{row} = %(row)s AND {col} = %(col)s"
    if question.nodes is not None:
        return "true"
    return "(" + " OR ".join(f"({row} = '{r}' AND {col} = '{c}')" for r, c in MISTAKES[question.matrix]) + ")"


def _facets_sql(cells: str, question: Question) -> str:
    parts = [
        f"SELECT '{name}', {name}::text, sum(n) FROM seen WHERE {_where(question, name)} GROUP BY {name}"  # noqa: S608
        for name in FACETS
    ]
    seen = f"WITH seen AS MATERIALIZED (SELECT * FROM ({cells}) c WHERE {_picked(question)})"  # noqa: S608
    return f"{seen} SELECT * FROM ({' UNION ALL '.join(parts)}) f WHERE sum > 0 ORDER BY 1, 3 DESC, 2"  # noqa: S608


def _list_sql(blind: bool, question: Question) -> str:
    """Return the query of one page: what a row shows is looked up for the rows of the page alone."""
    rating, category, mine = LABELS_OWN if blind else LABELS_KEPT
    order = "confidence DESC NULLS LAST, node_id"
    within, at = "", "0"
    if question.nodes is not None:
        within = "JOIN unnest(%(nodes)s::bigint[]) WITH ORDINALITY AS w (node_id, at) ON w.node_id = s.node_id"
        order, at = "at, node_id", "w.at"
    return f"""
        SELECT n.id, n.tree_id, n.seq, n.depth, left(n.text, 400), left(p.text, 200), page.scores, page.checked,
               page.rated, page.confidence
        FROM (SELECT *, {CONFIDENCE[question.matrix]} AS confidence
              FROM (SELECT {SEEN}, node_id, at, scores, (scores ->> %(scorer)s)::float8 AS va,
                           (scores ->> %(other)s)::float8 AS vb
                    FROM (SELECT s.node_id, s.scores, {at} AS at, c.sides, c.verdict, {rating} AS rating,
                                 {category} AS category, {PLACE}
                          FROM {JOINED} {within} {mine}
                          WHERE s.project_id = %(project)s AND c.project_id = %(project)s) c) seen
              WHERE {_picked(question)} AND {_where(question)}
              ORDER BY {order} LIMIT %(limit)s OFFSET %(offset)s) page
        JOIN annotations_node n ON n.id = page.node_id
        JOIN annotations_tree t ON t.id = n.tree_id
        JOIN annotations_problem p ON p.id = t.problem_id
        ORDER BY {order}
    """  # noqa: S608 constants only


def chosen_nodes(access: Access, question: Question, most: int) -> list[int]:
    """Return the ids of the steps that a question asks for, at most `most`, in the order of the list."""
    params = _params(access, question) | {"limit": most, "offset": 0}
    with connection.cursor() as cursor:
        cursor.execute(_list_sql(params["voter"] is not None, question), params)
        return [int(row[0]) for row in cursor.fetchall()]
