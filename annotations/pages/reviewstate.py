"""What the review page shows: matrix, cell, slice, step. The address says all of it, so that it can be sent."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from django.http import QueryDict
from django.urls import reverse
from django.utils.http import urlencode

from annotations.pages.links import address
from annotations.selectors.review import AXES, Matrix, Question

LAST_PAGE = 2000
NAMES = ("scorer", "other", "source", "category")
NUMBERS = ("depth", "length", "slice", "node")


@dataclass(frozen=True, slots=True)
class ReviewState:
    """The state as the address says it; "" and None are what the address does not say."""

    slug: str
    matrix: str = ""
    cell: str = ""
    scorer: str = ""
    other: str = ""
    source: str = ""
    category: str = ""
    depth: int | None = None
    length: int | None = None
    slice: int | None = None
    node: int | None = None
    page: int = 1

    @classmethod
    def read(cls, slug: str, given: QueryDict) -> ReviewState:
        """Read a query string; an unknown value counts as not given, so that an old link still opens."""
        matrix = given.get("matrix", "")
        matrix = matrix if matrix in set(Matrix) else ""
        cell = given.get("cell", "")
        words: dict[str, Any] = {name: given.get(name, "")[:120].replace("\x00", "") for name in NAMES}
        numbers: dict[str, Any] = {name: _number(given.get(name, "")) for name in NUMBERS}
        return cls(
            slug=slug,
            matrix=matrix,
            cell=cell if matrix and _is_cell(Matrix(matrix), cell) else "",
            page=min(_number(given.get("page", "")) or 1, LAST_PAGE),
            **words,
            **numbers,
        )

    @property
    def fields(self) -> dict[str, str | int]:
        """Return what the address says, but for the step and the page."""
        names = ("matrix", "cell", *NAMES, "depth", "length", "slice")
        return {name: value for name in names if (value := getattr(self, name)) not in ("", None)}

    @property
    def url(self) -> str:
        place: dict[str, str | int] = {"page": self.page if self.page > 1 else ""}
        if self.node is not None:
            place["node"] = self.node
        return address(page_of(self.slug), {**self.fields, **place})

    def with_(self, **fields: Any) -> str:
        """Return the address of another view: the first page of it, with no step chosen."""
        return replace(self, **{"node": None, "page": 1, **fields}).url

    @property
    def beside_cells(self) -> str:
        """What the address says beside matrix and cell, begun by "&": a page writes dozens that differ in these."""
        rest = {name: value for name, value in self.fields.items() if name not in ("matrix", "cell")}
        return f"&{urlencode(rest)}" if rest else ""

    def at(self, node: int) -> str:
        """Return the address of another step of the same list."""
        return replace(self, node=node).url

    @property
    def question(self) -> Question:
        row, _, col = self.cell.partition(".")
        return Question(
            matrix=Matrix(self.matrix or Matrix.LABEL),
            row=row,
            col=col,
            scorer=self.scorer,
            other=self.other,
            source=self.source,
            depth=self.depth,
            length=self.length,
            category=self.category,
            slice=self.slice,
        )


@cache
def page_of(slug: str) -> str:
    """Return the review's address, of which a page writes a hundred."""
    return reverse("review", args=[slug])


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _is_cell(matrix: Matrix, cell: str) -> bool:
    _, rows, _, cols = AXES[matrix]
    row, _, col = cell.partition(".")
    return row in rows and col in cols
