"""Matrices and slices as the review page draws them: every cell and every value is a link with a count."""

from __future__ import annotations

from dataclasses import dataclass

from annotations.pages.reviewstate import ReviewState
from annotations.reviewing.fold import DEPTHS, LENGTHS
from annotations.selectors.review import AXES, FACETS, MISTAKES, Found, Matrix

MARK = {
    **{"correct": "correct", "incorrect": "incorrect", "neutral": "neutral", "none": "none"},
    **{"supported": "correct", "refuted": "incorrect", "undecided": "none"},
}
WORD = {"none": "no label"}
TITLES = {"source": "Source", "depth": "Depth", "length": "Step length", "category": "Error category"}
SHADES = 5


@dataclass(frozen=True, slots=True)
class Cell:
    """A count with its link; `shade` from 0 to 4 by its share of the matrix, `mistake` where the two contradict."""

    url: str
    count: int
    shade: int
    mistake: bool
    current: bool
    told: str


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a matrix: its word, its mark, its cells."""

    word: str
    mark: str
    cells: list[Cell]


@dataclass(frozen=True, slots=True)
class Table:
    """A matrix as it is drawn. `url` leads to all its mistakes, of which there are `mistakes`."""

    matrix: Matrix
    title: str
    by: str
    against: str
    columns: list[tuple[str, str]]
    lines: list[Line]
    url: str
    mistakes: int
    current: bool


@dataclass(frozen=True, slots=True)
class Facet:
    """What the steps can be narrowed by: (words, count, link, whether it stands), and the link that takes it back."""

    title: str
    values: list[tuple[str, int, str, bool]]
    back: str


def tables(state: ReviewState, found: Found) -> list[Table]:
    """Return the matrices that count anything, and the one that is asked for."""
    drawn = [_table(state, found, matrix) for matrix in Matrix]
    return [table for table in drawn if table.current or any(cell.count for line in table.lines for cell in line.cells)]


def sayers(state: ReviewState, matrix: Matrix) -> tuple[str, str]:
    """Return who says the rows and who the columns of a matrix."""
    scorer = state.scorer or "scorer"
    return {
        Matrix.LABEL: (scorer, "labels"),
        Matrix.TOOL: ("tool", "labels"),
        Matrix.CHECK: (scorer, "tool"),
        Matrix.PAIR: (scorer, state.other or "another scorer"),
    }[matrix]


def _table(state: ReviewState, found: Found, matrix: Matrix) -> Table:
    _, rows, _, cols = AXES[matrix]
    counts = found.matrices[matrix]
    most = max(counts.values(), default=0)
    by, against = sayers(state, matrix)
    asked = state.matrix == matrix

    def cell(row: str, col: str) -> Cell:
        count, name = counts.get((row, col), 0), f"{row}.{col}"
        told = f"{by}: {row}, {against}: {WORD.get(col, col)}"
        shade = min(SHADES - 1, SHADES * count // (most + 1)) if count else 0
        url = state.with_(matrix=matrix.value, cell=name)
        return Cell(url, count, shade, (row, col) in MISTAKES[matrix], asked and state.cell == name, told)

    return Table(
        matrix=matrix,
        title=f"{by[:1].upper()}{by[1:]}" if matrix is Matrix.TOOL else by,
        by=by,
        against=against,
        columns=[(WORD.get(col, col), MARK[col]) for col in cols],
        lines=[Line(row, MARK[row], [cell(row, col) for col in cols]) for row in rows],
        url=state.with_(matrix=matrix.value, cell=""),
        mistakes=sum(counts.get(at, 0) for at in MISTAKES[matrix]),
        current=asked and not state.cell,
    )


def facets(state: ReviewState, found: Found, categories: dict[str, str]) -> list[Facet]:
    """Return what the chosen steps can be narrowed by; one value alone narrows nothing."""
    made = []
    for name in FACETS:
        chosen = getattr(state, name)
        values = [
            (_words(name, value, categories), count, state.with_(**{name: _read(name, value)}), str(chosen) == value)
            for value, count in _ordered(name, found.facets[name])
            if value
        ]
        if len(values) > 1 or chosen not in ("", None):
            made.append(Facet(TITLES[name], values, state.with_(**{name: None}) if chosen not in ("", None) else ""))
    return made


def _ordered(name: str, values: list[tuple[str, int]]) -> list[tuple[str, int]]:
    return sorted(values, key=lambda pair: int(pair[0])) if name in ("depth", "length") else values


def _read(name: str, value: str) -> str | int:
    return int(value) if name in ("depth", "length") else value


def _words(name: str, value: str, categories: dict[str, str]) -> str:
    if name == "depth":
        return _band(DEPTHS, int(value))
    if name == "length":
        return f"{_band(LENGTHS, int(value))} characters"
    return categories.get(value, value) if name == "category" else value


def _band(lows: tuple[int, ...], low: int) -> str:
    """Write a band by its lowest value: 4 is "4 to 5", the last one "13 or more"."""
    above = [other for other in lows if other > low]
    if not above:
        return f"{low} or more"
    return str(low) if above[0] == low + 1 else f"{low} to {above[0] - 1}"
