"""The review's questions as SQL: what is counted, and by what. Holds no viewer and asks nothing."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from annotations.selectors.labels import OWN_SQL
from annotations.selectors.together import Prepared


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
FACETS = ("source", "depth", "length", "category")


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked for. Without `row` and `col` all mistakes of the matrix; None or "" in a facet does not filter.

    All steps of a `slice` are listed, in its order, unless a cell is chosen.
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
    slice: int | None = None

    @property
    def cells(self) -> tuple[tuple[str, str], ...]:
        """The cells of the matrix whose steps are asked for; none for all steps of a slice."""
        if self.row:
            return ((self.row, self.col),)
        return () if self.slice is not None else MISTAKES[self.matrix]

    @property
    def narrowed(self) -> bool:
        return any(getattr(self, facet) not in ("", None) for facet in FACETS)


PLACE = "c.source, c.depth, c.length"
# What the viewer may know of each step: kept counts, or the same without labels and with his own put in.
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
    FROM ({OWN_SQL}) m JOIN {JOINED} ON s.project_id = %(project)s AND s.node_id = m.node_id
    CROSS JOIN LATERAL (VALUES (m.rating::text, m.category::text, 1), ('', '', -1)) AS x (rating, category, n)
"""  # noqa: S608
# The steps of a slice with their places in it.
INSIDE = """
    SELECT node_id::bigint, at FROM annotations_labelslice l
    CROSS JOIN LATERAL jsonb_array_elements_text(l.nodes) WITH ORDINALITY AS w (node_id, at)
    WHERE l.project_id = %(project)s AND l.id = %(slice)s
"""
# In which cells they count: ten thousand steps are looked up once a page.
INSIDE_CELLS = f"""
    SELECT cell, count(*) FROM annotations_reviewstep
    WHERE project_id = %(project)s AND node_id = ANY(ARRAY(SELECT node_id FROM ({INSIDE}) i)) GROUP BY cell
"""  # noqa: S608
LABELS_KEPT = ("c.rating", "c.category", "")
LABELS_OWN = (
    "coalesce(m.rating, '')",
    "coalesce(m.category, '')",
    f"LEFT JOIN ({OWN_SQL}) m ON m.node_id = s.node_id",  # noqa: S608
)
SEEN = """
    sides ->> %(scorer)s AS a, sides ->> %(other)s AS b, verdict AS checked, rating AS rated, category, source, depth,
    length
"""
STORED = {"correct": "1", "incorrect": "0"}

# The parameters of every statement of the review, with their types. An absent facet is NULL.
NARROWING = {"source": "text", "depth": "int", "length": "int", "category": "text"}
ASKED = {
    "project": "bigint", "voter": "text", "slice": "bigint", "keys": "bigint[]", "ns": "bigint[]", "scorer": "text",
    "other": "text", "rows": "text[]", "cols": "text[]", **NARROWING,
}  # fmt: skip


def narrowed(without: str = "") -> str:
    """Return the condition of the slice's facets, all but one."""
    return " AND ".join(
        f"(%({name})s::{kind} IS NULL OR {name} = %({name})s)" for name, kind in NARROWING.items() if name != without
    )


def picked(matrix: Matrix) -> str:
    """Return the condition of the chosen cells of a matrix, two at most; no cell chooses all steps."""
    row, _, col, _ = AXES[matrix]
    cells = " OR ".join(f"({col} = (%(cols)s::text[])[{at}] AND {row} = (%(rows)s::text[])[{at}])" for at in (1, 2))
    return f"(%(rows)s::text[] = '{{}}' OR {cells})"


def stored(axis: str, word: str) -> str:
    """Return how the tables hold a word of a matrix's side."""
    if axis == "rated":
        return "" if word == "none" else word
    return word if axis == "checked" else STORED[word]


def cells(*, blind: bool, within: bool) -> str:
    """Return the query of what is counted: sides, words, place and n. `within` a slice its own steps are counted."""
    if not within:
        return OWN if blind else KEPT
    if blind:
        rating, category, mine = LABELS_OWN
        return f"""
            SELECT c.sides, c.verdict, {rating} AS rating, {category} AS category, {PLACE}, 1 AS n
            FROM ({INSIDE}) i JOIN {JOINED} ON s.node_id = i.node_id {mine} WHERE s.project_id = %(project)s
        """  # noqa: S608
    return f"""
        SELECT c.sides, c.verdict, c.rating, c.category, {PLACE}, i.n
        FROM unnest(%(keys)s::bigint[], %(ns)s::bigint[]) AS i (key, n)
        JOIN annotations_reviewcell c ON c.project_id = %(project)s AND c.key = i.key
    """  # noqa: S608


@cache
def counts(*, blind: bool, within: bool) -> Prepared:
    """Return the question how many steps agree in sides, verdict and rating: all, narrowed, and in how many cells."""
    sql = f"""
        SELECT sides, verdict, rating, sum(n), coalesce(sum(n) FILTER (WHERE {narrowed()}), 0),
               count(*) FILTER (WHERE {narrowed()})
        FROM ({cells(blind=blind, within=within)}) c GROUP BY sides, verdict, rating HAVING sum(n) <> 0
    """  # noqa: S608
    return Prepared(f"review_counts_{blind}_{within}", sql, **ASKED)


@cache
def facets(matrix: Matrix, *, blind: bool, within: bool) -> Prepared:
    """Return the question how many of the chosen steps have each value of each facet, the facet itself left open."""
    seen = f"""
        SELECT source, depth, length, category, n
        FROM (SELECT {SEEN}, n FROM ({cells(blind=blind, within=within)}) c) c WHERE {picked(matrix)}
    """  # noqa: S608
    parts = " UNION ALL ".join(
        f"SELECT '{name}', {name}::text, sum(n) FROM seen WHERE {narrowed(name)} GROUP BY {name}"  # noqa: S608
        for name in FACETS
    )
    sql = f"""
        WITH seen AS MATERIALIZED ({seen})
        SELECT * FROM ({parts}) f (facet, value, n) WHERE n > 0 ORDER BY facet, n DESC, value
    """  # noqa: S608
    return Prepared(f"review_facets_{matrix}_{blind}_{within}", sql, **ASKED)
