"""Plain rows: a problem with whatever is known of it. Fields that have no column of their own are kept in data."""

from __future__ import annotations

import re
from typing import Any

from annotations.imports.formats.base import ImportFormat, Origin
from annotations.imports.records import LARGEST, SMALLEST, BadRow, ProblemRow, Row, text

TEXT = ("problem", "question", "text")
ANSWER = ("answer", "final_answer")
REFERENCE = ("id", "unique_id")
OWN = {*TEXT, *ANSWER, *REFERENCE, "solution", "level", "kind", "split", "licence", "source", "options"}
LEVEL = re.compile(r"(?:Level )?(-?\d{1,4})")


def fits(row: Row) -> bool:
    return any(isinstance(row.get(name), str) for name in TEXT)


def parse(row: Row, origin: Origin) -> ProblemRow:
    return ProblemRow(
        text=text(row, *TEXT),
        kind=text(row, "kind", needed=False, limit=20) or "maths",
        answer=text(row, *ANSWER, needed=False),
        solution=text(row, "solution", needed=False),
        level=level(row.get("level")),
        split=text(row, "split", needed=False, limit=20),
        licence=text(row, "licence", needed=False, limit=60),
        source=text(row, "source", needed=False, limit=60) or origin.stem,
        source_ref=text(row, *REFERENCE, needed=False, limit=200),
        options=row.get("options"),
        data={name: value for name, value in row.items() if name not in OWN},
    )


def level(value: Any) -> int | None:
    """Read 3 or "Level 3"; MATH writes "Level ?" where there is none."""
    if value is None or value in ("", "Level ?"):
        return None
    found = LEVEL.fullmatch(str(value))
    if isinstance(value, bool) or not found or not SMALLEST <= int(found[1]) <= LARGEST:
        raise BadRow("level", f"a whole number from {SMALLEST} to {LARGEST}, or “Level 3”", value)
    return int(found[1])


FORMAT = ImportFormat(
    name="plain",
    title="Plain JSONL",
    description="problem, and if known answer, solution, level, id; other fields are kept.",
    fits=fits,
    parse=parse,
)
