"""The steps that a question of the review asks for, in order, as SQL. Holds no viewer and asks nothing.

1. All steps of a kind lie in the order of the list in an index: the best of each kind, then the best of these.
2. Where only few cells of a kind are asked for, the best of each cell likewise.
3. Within a slice, of the viewer's own labels, and where too many scorers spoke, what there is gets sorted.
"""

from __future__ import annotations

from enum import StrEnum
from functools import cache

from annotations.selectors.labels import OWN_SQL, RESOLVED_SQL
from annotations.selectors.reviewsql import (
    ASKED,
    INSIDE,
    JOINED,
    LABELS_KEPT,
    LABELS_OWN,
    PLACE,
    SEEN,
    Matrix,
    narrowed,
    picked,
)
from annotations.selectors.together import Prepared

# How sure it is that somebody is wrong, from 0 to 1. About 97 of 100 refuted steps hold a false equation.
TOOL_SURE = {"supported": 0.1, "refuted": 0.97}
TAKEN = "CASE WHEN a = '1' THEN va ELSE 1 - va END"
BY_TOOL = "CASE checked WHEN 'refuted' THEN 0.97 WHEN 'supported' THEN 0.1 ELSE 0 END"
SURE: dict[Matrix, str] = {
    Matrix.LABEL: TAKEN,
    Matrix.TOOL: BY_TOOL,
    Matrix.CHECK: TAKEN,
    Matrix.PAIR: "abs(va - vb)",
}
LISTED = ASKED | {"kinds": "smallint[]", "sures": "float8[]", "reach": "int", "most": "int", "first": "int"}
OWN_RATING = f"""
    LEFT JOIN LATERAL (SELECT r.rating FROM ({RESOLVED_SQL}) r WHERE r.node_id = page.node_id OFFSET 0) m ON true
"""  # noqa: S608 constants only
OWN = f"own AS MATERIALIZED (SELECT node_id FROM ({OWN_SQL}) r)"  # noqa: S608
# A condition that the planner does not turn into a join, which would lose the order of the index.
NOT_OWN = "AND (i.node_id IN (SELECT node_id FROM own)) IS FALSE"
IN_PLACE = "AND (i.cell IN (SELECT key FROM chosen)) IS TRUE"
PLACES = f"""
    chosen AS MATERIALIZED (SELECT key FROM annotations_reviewcell
                            WHERE project_id = %(project)s AND n > 0 AND {narrowed()})
"""  # noqa: S608


class Reach(StrEnum):
    """How the steps are reached: by kind, by kind with a look at their place, or by cell."""

    KINDS = "kinds"
    PLACED = "placed"
    CELLS = "cells"


def _shown(order: str, *, blind: bool) -> str:
    """Return the rows of a page: what a row shows is looked up for them alone."""
    rating, mine = ("coalesce(m.rating, '')", OWN_RATING) if blind else ("NULL", "")
    return f"""
        SELECT n.id, n.tree_id, n.seq, n.depth, left(n.text, 400), left(p.text, 200), s.scores, s.said, {rating},
               page.sure
        FROM page
        JOIN annotations_reviewstep s ON s.project_id = %(project)s AND s.node_id = page.node_id
        JOIN annotations_node n ON n.id = page.node_id
        JOIN annotations_tree t ON t.id = n.tree_id
        JOIN annotations_problem p ON p.id = t.problem_id
        {mine} ORDER BY {order}
    """  # noqa: S608


@cache
def ordered(matrix: Matrix, reach: Reach, *, blind: bool, unlabelled: bool) -> Prepared:
    """Return the page of a list along an index. `unlabelled` keeps to steps without a label that the viewer sees."""
    asked = [PLACES] if reach is Reach.PLACED else []
    asked += [OWN] if unlabelled else []
    kinds = "unnest(%(kinds)s::smallint[], %(sures)s::float8[]) AS k (kind, sure)"
    if reach is Reach.CELLS:
        asked, kinds = [_chosen(matrix)], "chosen k"
    within = f"{IN_PLACE if reach is Reach.PLACED else ''} {NOT_OWN if unlabelled else ''}"
    order = "i.node_id" if matrix is Matrix.TOOL else "i.sure DESC, i.node_id"
    sql = f"""
        WITH {"".join(f"{part}, " for part in asked)} page AS (
            SELECT x.node_id, x.sure FROM {kinds} CROSS JOIN LATERAL (
                {_best(matrix, reach)} {within} ORDER BY {order} LIMIT %(reach)s) x
            ORDER BY x.sure DESC, x.node_id LIMIT %(most)s OFFSET %(first)s)
        {_shown("page.sure DESC, page.node_id", blind=blind)}
    """  # noqa: S608
    return Prepared(f"review_{matrix}_{reach}_{blind}_{unlabelled}", sql, **LISTED)


def _best(matrix: Matrix, reach: Reach) -> str:
    """Return the query of the steps of one kind or cell `k`, without their order."""
    if matrix is Matrix.TOOL:
        same = "i.cell = k.key" if reach is Reach.CELLS else "i.said = k.kind"
        return f"SELECT i.node_id, k.sure FROM annotations_reviewstep i WHERE i.project_id = %(project)s AND {same}"  # noqa: S608
    same = "i.cell = k.key" if reach is Reach.CELLS else "i.kind = k.kind"
    other = "%(other)s" if matrix is Matrix.PAIR else "''"
    return f"""
        SELECT i.node_id, i.sure FROM annotations_reviewscore i
        WHERE i.project_id = %(project)s AND i.scorer = %(scorer)s AND i.other = {other} AND {same}
    """  # noqa: S608


def _chosen(matrix: Matrix) -> str:
    return f"""
        chosen AS MATERIALIZED (
            SELECT key, {BY_TOOL} AS sure
            FROM (SELECT key, {SEEN} FROM annotations_reviewcell WHERE project_id = %(project)s AND n > 0) seen
            WHERE {picked(matrix)} AND {narrowed()})
    """  # noqa: S608


@cache
def sorted_sql(matrix: Matrix, *, blind: bool, within: bool, rated: bool) -> str:
    """Return the page of a list of which everything is looked at. `rated` keeps to steps with the viewer's label."""
    rating, category, mine = LABELS_OWN if blind else LABELS_KEPT
    if blind and rated:
        mine = mine.removeprefix("LEFT ")
    order, slice_, at = "sure DESC NULLS LAST, page.node_id", "", "0"
    if within:
        # In its order from the start, so that the first page does not look at the rest.
        slice_ = f"JOIN (SELECT * FROM ({INSIDE}) i ORDER BY at OFFSET 0) w ON w.node_id = s.node_id"  # noqa: S608
        order, at = "page.at", "w.at"
    return f"""
        WITH page AS (
            SELECT node_id, at, {SURE[matrix]} AS sure
            FROM (SELECT {SEEN}, node_id, at, (scores ->> %(scorer)s)::float8 AS va,
                         (scores ->> %(other)s)::float8 AS vb
                  FROM (SELECT s.node_id, s.scores, {at} AS at, c.sides, c.verdict, {rating} AS rating,
                               {category} AS category, {PLACE}
                        FROM {JOINED} {slice_} {mine}
                        WHERE s.project_id = %(project)s AND c.project_id = %(project)s) c) page
            WHERE {picked(matrix)} AND {narrowed()}
            ORDER BY {order} LIMIT %(most)s OFFSET %(first)s)
        {_shown(order, blind=blind)}
    """  # noqa: S608
