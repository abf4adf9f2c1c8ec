"""What a format makes of a row, and how it refuses one. Field readers say what was expected and found."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from annotations.imports.identity import content_hash

SHOWN = 120
SMALLEST, LARGEST = -(2**15), 2**15 - 1


class BadRow(ValueError):
    """A row that is refused: which field, and what was expected there."""

    def __init__(self, field_name: str, expected: str, found: object = None) -> None:
        super().__init__(f"{field_name}: expected {expected}")
        self.field, self.expected = field_name, expected
        self.found = "" if found is None else str(found)[:SHOWN]


@dataclass(frozen=True, slots=True)
class ProblemRow:
    """A problem as it will be stored, but for its project."""

    text: str
    kind: str = "maths"
    answer: str = ""
    solution: str = ""
    level: int | None = None
    split: str = ""
    licence: str = ""
    source: str = ""
    source_ref: str = ""
    options: Any = None
    data: Mapping[str, Any] = field(default_factory=dict)
    relation: str = ""
    parent_hash: str = ""

    @property
    def hash(self) -> str:
        return content_hash(self.kind, self.text)


@dataclass(frozen=True, slots=True)
class Mark:
    """A label event of a corpus on the step at `depth` (from 1); `rating` None means unlabelled."""

    depth: int
    rating: str | None
    key: str
    voter: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class StoredRationale:
    """The whole path as an object of its own."""

    key: str
    outcome: int | None
    data: Mapping[str, Any]
    answer: str = ""


@dataclass(frozen=True, slots=True)
class StepScores:
    """What one scorer says of the steps of a path, each from 0 to 1 or (None) nothing."""

    scorer: str
    values: tuple[float | None, ...]
    version: str
    threshold: float | None = None


@dataclass(frozen=True, slots=True)
class PathRow:
    """Steps of one row, which enter the tree that its problem has for this format; shared prefixes merge."""

    problem: ProblemRow
    steps: tuple[str, ...]
    marks: tuple[Mark, ...] = ()
    terminal: bool = False
    answer: str = ""
    outcome: int | None = None
    rationale: StoredRationale | None = None
    scores: StepScores | None = None
    correction: str = ""


Row = Mapping[str, Any]


def text(row: Row, *names: str, needed: bool = True, limit: int | None = None) -> str:
    """Return the first of the named fields that is there; a number is written out, anything else is refused."""
    for name in names:
        if row.get(name) is not None:
            break
    else:
        if needed:
            raise BadRow(names[0], "a text" if len(names) == 1 else f"a text (or one of {', '.join(names[1:])})")
        return ""
    value = row[name]
    if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
        value = str(value)
    if not isinstance(value, str) or (needed and not value.strip()):
        raise BadRow(name, "a text that is not empty" if needed else "a text", value)
    if limit is not None and len(value) > limit:
        raise BadRow(name, f"at most {limit} characters", value)
    return value


def flag(row: Row, name: str, *, needed: bool = True) -> bool | None:
    value = row.get(name)
    if value is None and not needed:
        return None
    if not isinstance(value, bool):
        raise BadRow(name, "true or false", value)
    return value


def texts(row: Row, name: str, *, least: int = 0) -> list[str]:
    """Return a list of texts, none of them empty."""
    value = row.get(name)
    if not isinstance(value, list) or len(value) < least:
        raise BadRow(name, f"a list of at least {least} texts" if least else "a list of texts", value)
    for number, part in enumerate(value):
        if not isinstance(part, str) or not part.strip():
            raise BadRow(f"{name}[{number}]", "a text that is not empty", part)
    if len(value) > LARGEST:
        raise BadRow(name, f"at most {LARGEST} steps")
    return value


def whole(row: Row, name: str, *, least: int = SMALLEST, most: int = LARGEST) -> int:
    value = row.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise BadRow(name, f"a whole number from {least} to {most}", value)
    return value


def share(value: object, name: str) -> float:
    """Return a number from 0 to 1."""
    fits = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1
    if not fits:
        raise BadRow(name, "a number from 0 to 1", value)
    return float(value)  # type: ignore[arg-type]
