"""Where scorers, tools and people disagree: matrices, slices and a sorted list, read from what a fold keeps.

Labels come through selectors.labels: who may see everybody's reads the counts as they are kept, who may see his own
alone gets them without labels, and his own put in.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any

from annotations.access import Access
from annotations.reviewing.fold import PAGE_MOST, fold
from annotations.reviewing.kinds import words_of
from annotations.selectors.labels import label_params
from annotations.selectors.reviewcounts import (
    Counts,
    Group,
    hidden_kinds,
    kinds_of,
    matrices,
    picked,
    scorers,
    way,
    wide,
)
from annotations.selectors.reviewlist import Reach, ordered, sorted_sql
from annotations.selectors.reviewsql import (
    AXES,
    FACETS,
    INSIDE_CELLS,
    MISTAKES,
    Matrix,
    Question,
    counts,
    facets,
    stored,
)
from annotations.selectors.slices import SliceHead, newest_slices
from annotations.selectors.together import Prepared, Statement, answers

MOST_ROWS = 500
# Cells and how many steps of a slice lie in each, as PostgreSQL writes arrays: of thousands a driver takes its time.
Inside = tuple[str, str]
NOWHERE: Inside = ("{}", "{}")
__all__ = ["AXES", "FACETS", "MISTAKES", "Found", "Ground", "Matrix", "Question", "Row", "find", "ground", "matrices"]


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

    matrices: Counts
    facets: dict[str, list[tuple[str, int]]]
    rows: list[Row]

    def chosen(self, question: Question) -> int:
        """Return how many steps the question asks for."""
        counted = self.matrices[question.matrix]
        return sum(counted.get(cell, 0) for cell in question.cells or counted)


@dataclass(frozen=True, slots=True)
class Ground:
    """What there is to ask about: scorers with their steps, most first, the newest slices; `due` steps not counted.

    `groups` counts the place or the slice that was asked about, of which `inside` says in which cells it lies.
    """

    scorers: list[tuple[str, int]]
    slices: list[SliceHead]
    due: int
    groups: list[Group]
    inside: Inside


DUE = Prepared(
    "review_due",
    "SELECT count(*) FROM (SELECT FROM annotations_reviewdue WHERE project_id = %(project)s LIMIT 100000) d",
    project="bigint",
)


def ground(access: Access, question: Question | None = None) -> Ground:
    """Take in what was newly said, as much as a page may wait for, and return what can be asked.

    Of the question only place and slice count, so that the scorers may still be open.
    """
    question = question or Question()
    due = DUE.asked(project=access.project.pk)
    inside = _inside(access, question)
    left, slices, groups = answers(due, newest_slices(access), _counts(access, question, inside))
    if left[0][0]:
        fold(access.project.pk, most=PAGE_MOST)
        inside = _inside(access, question)
        left, slices, groups = answers(due, newest_slices(access), _counts(access, question, inside))
    told = [Group.read(row) for row in groups]
    return Ground(scorers(told), [SliceHead(*row) for row in slices], int(left[0][0]), told, inside)


def find(access: Access, question: Question, told: Ground | None = None, *, limit: int = 50, offset: int = 0) -> Found:
    """Return counts and the page of steps that a question asks for. `told` are the counts of its place and slice."""
    told = told or ground(access, question)
    params = _params(access, question, told.inside)
    narrowing = facets(question.matrix, blind=params["voter"] is not None, within=question.slice is not None)
    listing = _listing(access, question, told.groups, min(limit, MOST_ROWS), offset)
    faceted, *listed = answers(narrowing.asked(**params), *listing)
    values: dict[str, list[tuple[str, int]]] = {facet: [] for facet in FACETS}
    for facet, value, count in faceted:
        values[facet].append((value, int(count)))
    return Found(matrices(told.groups, question), values, [_row(row) for rows in listed for row in rows])


def chosen_nodes(access: Access, question: Question, told: Ground, most: int) -> list[int]:
    """Return the ids of the steps that a question asks for, at most `most`, in the order of the list."""
    listing = _listing(access, question, told.groups, most, 0)
    return [int(row[0]) for rows in (answers(*listing) if listing else []) for row in rows]


def _inside(access: Access, question: Question) -> Inside:
    """Return in which cells the steps of a slice count, and how many in each."""
    if question.slice is None:
        return NOWHERE
    (rows,) = answers((INSIDE_CELLS, {"project": access.project.pk, "slice": question.slice}))
    return f"{{{','.join(str(key) for key, _ in rows)}}}", f"{{{','.join(str(n) for _, n in rows)}}}"


def _counts(access: Access, question: Question, inside: Inside) -> Statement:
    params = _params(access, question, inside)
    return counts(blind=params["voter"] is not None, within=question.slice is not None).asked(**params)


def _params(access: Access, question: Question, inside: Inside = NOWHERE) -> dict[str, Any]:
    row, _, col, _ = AXES[question.matrix]
    places = {name: value if (value := getattr(question, name)) != "" else None for name in FACETS}
    return {
        **label_params(access), **places, "scorer": question.scorer, "other": question.other, "slice": question.slice,
        "keys": inside[0], "ns": inside[1], "rows": [stored(row, word) for word, _ in question.cells],
        "cols": [stored(col, word) for _, word in question.cells],
    }  # fmt: skip


def _listing(access: Access, question: Question, groups: list[Group], most: int, first: int) -> list[Statement]:
    """Return the statement of a page of the list; none where the counts say that there is nothing."""
    if question.matrix is Matrix.PAIR and question.scorer > question.other:
        # A pair is kept once, under the lesser name.
        question = replace(
            question, scorer=question.other, other=question.scorer, row=question.col, col=question.row
        )  # fmt: skip
    chosen = list(picked(groups, question))
    params = _params(access, question) | {"most": most, "first": first}
    blind, within = params["voter"] is not None, question.slice is not None
    if not chosen:
        return []
    rated = question.category != "" or not any(group.rated == "none" for group in chosen)
    if within or (blind and rated) or (question.matrix is Matrix.PAIR and wide(chosen)):
        return [(sorted_sql(question.matrix, blind=blind, within=within, rated=rated), params)]
    reach = most + first
    if blind:
        kinds, by = hidden_kinds(question), Reach.PLACED if question.narrowed else Reach.KINDS
    else:
        kinds, by = kinds_of(chosen, question), way(chosen, question, reach)
    unlabelled = blind and "rated" in AXES[question.matrix]
    statement = ordered(question.matrix, by, blind=blind, unlabelled=unlabelled)
    return [statement.asked(**params, kinds=list(kinds), sures=list(kinds.values()), reach=reach)]


def _row(values: tuple[Any, ...]) -> Row:
    node_id, tree_id, seq, depth, text, problem, scores, said, own, sure = values
    verdict, rating = words_of(said)
    rating = rating if own is None else own
    return Row(node_id, tree_id, seq, depth, text, problem, json.loads(scores), verdict, rating, float(sure or 0))
