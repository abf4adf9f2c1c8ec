"""What the counts of the review tell: scorers, matrices, and of which kinds the asked steps are. Asks nothing."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from annotations.reviewing.kinds import MOST_PAIRED, RATINGS, VERDICTS, paired, said, scored
from annotations.selectors.reviewlist import TOOL_SURE, Reach
from annotations.selectors.reviewsql import AXES, Matrix, Question

Counts = dict[Matrix, dict[tuple[str, str], int]]
SIDE = {1: "correct", 0: "incorrect"}
# What it costs to begin a look into an index, in entries read along the way.
LOOK = 60


@dataclass(frozen=True, slots=True)
class Group:
    """`n` steps that agree in the scorers' sides, verdict and rating; `narrowed` of them, in `cells` cells, fit."""

    sides: dict[str, int]
    checked: str
    rated: str
    n: int
    narrowed: int
    cells: int

    @classmethod
    def read(cls, row: tuple[Any, ...]) -> Group:
        sides, checked, rating, n, narrowed, cells = row
        return cls(json.loads(sides), checked, rating or "none", int(n), int(narrowed), int(cells))

    def words(self, question: Question) -> dict[str, str]:
        """Return what each side of a matrix says; "" for a scorer that says nothing."""
        a, b = (SIDE.get(self.sides.get(name, -1), "") for name in (question.scorer, question.other))
        return {"a": a, "b": b, "checked": self.checked, "rated": self.rated}

    def kind(self, question: Question) -> int:
        """Return the number of its kind in the order that the question's list goes by."""
        number = said(self.checked, "" if self.rated == "none" else self.rated)
        words = self.words(question)
        if question.matrix is Matrix.TOOL:
            return number
        if question.matrix is Matrix.PAIR:
            return paired(words["a"], words["b"])
        return scored(words["a"], [number])[0]


def scorers(groups: Iterable[Group]) -> list[tuple[str, int]]:
    """Return the scorers with their steps, most first."""
    counted: Counter[str] = Counter()
    for group in groups:
        counted.update(dict.fromkeys(group.sides, group.n))
    return sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))


def matrices(groups: Iterable[Group], question: Question) -> Counts:
    """Return the counts of each matrix by (row, column)."""
    found: Counts = {matrix: {} for matrix in Matrix}
    for group in groups:
        words = group.words(question)
        for matrix, (row, rows, col, cols) in AXES.items():
            if group.narrowed and words[row] in rows and words[col] in cols:
                cell = (words[row], words[col])
                found[matrix][cell] = found[matrix].get(cell, 0) + group.narrowed
    return found


def picked(groups: Iterable[Group], question: Question) -> Iterator[Group]:
    """Yield the groups whose steps a question asks for."""
    row, _, col, _ = AXES[question.matrix]
    for group in groups:
        words = group.words(question)
        if group.narrowed > 0 and (not question.cells or (words[row], words[col]) in question.cells):
            yield group


def wide(groups: Iterable[Group]) -> bool:
    """Say whether more scorers spoke of some step than are kept in pairs."""
    return any(len(group.sides) > MOST_PAIRED for group in groups)


def kinds_of(groups: Iterable[Group], question: Question) -> dict[int, float]:
    """Return the kinds of these groups, each with how sure the tool alone makes it."""
    return {group.kind(question): TOOL_SURE.get(group.checked, 0.0) for group in groups}


def hidden_kinds(question: Question) -> dict[int, float]:
    """Return the kinds of a question's cells where the ratings that are kept are not for the viewer to know."""
    found: dict[int, float] = {}
    for row, col in question.cells:
        if question.matrix is Matrix.PAIR:
            found[paired(row, col)] = 0.0
            continue
        checked = {Matrix.TOOL: (row,), Matrix.CHECK: (col,)}.get(question.matrix, VERDICTS)
        numbers = {said(verdict, rating): TOOL_SURE.get(verdict, 0.0) for verdict in checked for rating in RATINGS}
        kinds = numbers if question.matrix is Matrix.TOOL else dict.fromkeys(scored(row, numbers), 0.0)
        found |= kinds
    return found


def way(chosen: list[Group], question: Question, reach: int) -> Reach:
    """Return the cheaper way to the first `reach` steps: past what lies elsewhere, or cell by cell."""
    if not question.narrowed:
        return Reach.KINDS
    all_, fit, cells = Counter[int](), Counter[int](), 0
    for group in chosen:
        all_[group.kind(question)] += group.n
        fit[group.kind(question)] += group.narrowed
        cells += group.cells
    passed = sum(min(float(all_[kind]), reach * all_[kind] / fit[kind]) for kind in fit)
    return Reach.PLACED if passed < LOOK * cells + sum(fit.values()) else Reach.CELLS
