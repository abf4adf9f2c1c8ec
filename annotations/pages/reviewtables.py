"""Matrices and facets of the review: every cell and every value is a link with a count.

Written here and not in a template: a hundred links a page, and a page is asked for all day.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from annotations.pages.reviewstate import ReviewState, page_of
from annotations.reviewing.fold import DEPTHS, LENGTHS
from annotations.selectors.review import AXES, FACETS, MISTAKES, Found, Matrix

MARK = {
    **{"correct": "correct", "incorrect": "incorrect", "neutral": "neutral", "none": "none"},
    **{"supported": "correct", "refuted": "incorrect", "undecided": "none"},
}
WORD = {"none": "no label"}
TITLES = {"source": "Source", "depth": "Depth", "length": "Step length", "category": "Error category"}
SHADES = 5
CURRENT = ' aria-current="true"'
MATRIX = (
    '<table class="matrix"><caption><a href="{url}"{current}>{by} × {against}</a> '
    '<span class="faint">{mistakes:,} {unit}</span></caption>'
    "<thead><tr><td></td>{heads}</tr></thead><tbody>{lines}</tbody></table>"
)
HEAD = (
    '<th scope="col"><span class="mark {mark}" title="{against}: {word}"><span class="sr">{word}</span></span></th>'
)  # fmt: skip
LINE = '<tr><th scope="row"><span class="mark {mark}">{word}</span></th>{cells}</tr>'
CELL = '<td class="s{shade}{mistake}"><a href="{url}" title="{told}"{current}>{count:,}</a></td>'
NOTHING = '<td class="s0{mistake}"><span class="faint">0</span></td>'
FACET = '<details class="fold facet"{open}><summary>{title}{back}</summary><ul>{values}</ul></details>'
BACK = ' <a class="tiny" href="{url}">all</a>'
VALUE = (
    '<li><a href="{url}"{current}><span class="cut">{words}</span> <span class="num faint">{count:,}</span></a></li>'
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Table:
    """A matrix as it is drawn."""

    matrix: Matrix
    drawn: SafeString


def tables(state: ReviewState, found: Found) -> list[Table]:
    """Return the matrices that count anything, and the one that is asked for."""
    return [
        Table(matrix, mark_safe(_Drawing(state, matrix, found.matrices[matrix]).table()))  # noqa: S308 all is escaped
        for matrix in Matrix
        if found.matrices[matrix] or (state.matrix == matrix and not state.cell)
    ]


def sayers(state: ReviewState, matrix: Matrix) -> tuple[str, str]:
    """Return who says the rows and who the columns of a matrix."""
    scorer = state.scorer or "scorer"
    return {
        Matrix.LABEL: (scorer, "labels"),
        Matrix.TOOL: ("tool", "labels"),
        Matrix.CHECK: (scorer, "tool"),
        Matrix.PAIR: (scorer, state.other or "another scorer"),
    }[matrix]


class _Drawing:
    """One matrix on its way to the page."""

    def __init__(self, state: ReviewState, matrix: Matrix, counts: dict[tuple[str, str], int]) -> None:
        self.by, self.against = (str(escape(name)) for name in sayers(state, matrix))
        self.matrix, self.counts, self.most = matrix, counts, max(counts.values(), default=0)
        self.current = state.cell if state.matrix == matrix else None
        self.url, self.rest = f"{page_of(state.slug)}?matrix={matrix}", str(escape(state.beside_cells))

    def table(self) -> str:
        _, rows, _, cols = AXES[self.matrix]
        mistakes = sum(self.counts.get(at, 0) for at in MISTAKES[self.matrix])
        heads = (HEAD.format(mark=MARK[col], against=self.against, word=WORD.get(col, col)) for col in cols)
        return MATRIX.format(
            url=self.url + self.rest,
            current=CURRENT if self.current == "" else "",
            by=self.by,
            against=self.against,
            mistakes=mistakes,
            unit="apart" if self.matrix is Matrix.PAIR else "mistake" if mistakes == 1 else "mistakes",
            heads="".join(heads),
            lines="".join(self._line(row, cols) for row in rows),
        )

    def _line(self, row: str, cols: tuple[str, ...]) -> str:
        return LINE.format(mark=MARK[row], word=row, cells="".join(self._cell(row, col) for col in cols))

    def _cell(self, row: str, col: str) -> str:
        """Return a cell: shaded by its share of the matrix, framed where the two contradict."""
        count, name = self.counts.get((row, col), 0), f"{row}.{col}"
        mistake = " mistake" if (row, col) in MISTAKES[self.matrix] else ""
        if not count:
            return NOTHING.format(mistake=mistake)
        return CELL.format(
            shade=min(SHADES - 1, SHADES * count // (self.most + 1)),
            mistake=mistake,
            url=f"{self.url}&amp;cell={name}{self.rest}",
            told=f"{self.by}: {row}, {self.against}: {WORD.get(col, col)}",
            current=CURRENT if self.current == name else "",
            count=count,
        )


def facets(state: ReviewState, found: Found, categories: dict[str, str]) -> SafeString:
    """Return what the chosen steps can be narrowed by; one value alone narrows nothing."""
    drawn: list[str] = []
    for name in FACETS:
        values = [(value, count) for value, count in found.facets[name] if value]
        if len(values) > 1 or getattr(state, name) not in ("", None):
            drawn.append(_facet(state, name, values, categories, first=not drawn))
    return mark_safe("".join(drawn))  # noqa: S308 every part is escaped


def _facet(
    state: ReviewState, name: str, values: list[tuple[str, int]], categories: dict[str, str], *, first: bool
) -> str:
    chosen = getattr(state, name)
    back = BACK.format(url=escape(state.with_(**{name: None}))) if chosen not in ("", None) else ""
    lines = (
        VALUE.format(
            url=escape(state.with_(**{name: _read(name, value)})),
            current=CURRENT if str(chosen) == value else "",
            words=escape(_words(name, value, categories)),
            count=count,
        )
        for value, count in _ordered(name, values)
    )
    return FACET.format(open=" open" if back or first else "", title=TITLES[name], back=back, values="".join(lines))


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
