"""What an import format is: how its rows look, and what one row becomes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from annotations.imports.records import PathRow, ProblemRow, Row


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a row stands: the file's name without its ending, the row's number, and the scorer of a row without one."""

    stem: str
    line: int
    scorer: str = ""


@dataclass(frozen=True, slots=True)
class ImportFormat:
    """A format. `fits(row)` tells it from the others; `parse(row, origin)` returns a record (or several paths)
    or raises BadRow.

    `parse` None marks the round-trip form, whose lines are documents (annotations.imports.documents).
    """

    name: str
    title: str
    description: str
    fits: Callable[[Row], bool]
    parse: Callable[[Row, Origin], ProblemRow | PathRow | tuple[PathRow, ...]] | None = None
