"""Where scorers, tools and people disagree: matrices, slices and a sorted list, read from what a fold keeps.

Labels come through selectors.labels: who may see everybody's reads the counts as they are kept, who may see his own
alone gets them without labels, and his own put in.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from django.db import connection

from annotations.access import Access
from annotations.reviewing.fold import PAGE_MOST, fold
from annotations.selectors.labels import label_params
from annotations.selectors.reviewsql import (
    AXES,
    FACETS,
    JOINED,
    KEPT,
    LABELS_KEPT,
    LABELS_OWN,
    MISTAKES,
    OWN,
    PLACE,
    SEEN,
    Matrix,
    Question,
    list_sql,
    picked,
    where,
)
from annotations.selectors.slices import SliceHead, newest_slices
from annotations.selectors.together import answers

MOST_ROWS = 500
__all__ = ["AXES", "FACETS", "MISTAKES", "Found", "Ground", "Matrix", "Question", "Row", "find", "ground"]


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


def find(access: Access, question: Question, *, limit: int = 50, offset: int = 0) -> Found:
    """Return counts and the page of steps that a question asks for, in one message."""
    params = _params(access, question) | _reach(min(limit, MOST_ROWS), offset)
    blind = params["voter"] is not None
    cells = _cells(blind, question)
    counted, faceted, listed = answers(
        (COUNTS_SQL.format(cells=cells, where=where(question)), params),
        (_facets_sql(cells, question), params),
        (list_sql(blind, question), params),
    )
    matrices: dict[Matrix, dict[tuple[str, str], int]] = {matrix: {} for matrix in Matrix}
    for values in counted:
        _count(matrices, dict(zip(("a", "b", "checked", "rated", "n"), values, strict=True)))
    facets: dict[str, list[tuple[str, int]]] = {facet: [] for facet in FACETS}
    for facet, value, count in faceted:
        facets[facet].append((value, int(count)))
    return Found(matrices, facets, [_row(values) for values in listed])


COUNTS_SQL = """
    SELECT a, b, checked, rated, sum(n) FROM ({cells}) seen WHERE {where}
    GROUP BY a, b, checked, rated HAVING sum(n) <> 0
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


def _reach(limit: int, offset: int) -> dict[str, int]:
    return {"limit": limit, "offset": offset, "reach": limit + offset}


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


def _facets_sql(cells: str, question: Question) -> str:
    parts = [
        f"SELECT '{name}', {name}::text, sum(n) FROM seen WHERE {where(question, name)} GROUP BY {name}"  # noqa: S608
        for name in FACETS
    ]
    seen = f"WITH seen AS MATERIALIZED (SELECT * FROM ({cells}) c WHERE {picked(question)})"  # noqa: S608
    return f"{seen} SELECT * FROM ({' UNION ALL '.join(parts)}) f WHERE sum > 0 ORDER BY 1, 3 DESC, 2"  # noqa: S608


def chosen_nodes(access: Access, question: Question, most: int) -> list[int]:
    """Return the ids of the steps that a question asks for, at most `most`, in the order of the list."""
    params = _params(access, question) | _reach(most, 0)
    with connection.cursor() as cursor:
        cursor.execute(list_sql(params["voter"] is not None, question), params)
        return [int(row[0]) for row in cursor.fetchall()]
