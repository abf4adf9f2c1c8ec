"""PRM800K step rows: a prefix, the next step and its rating. The rows of a problem rebuild its tree.

Every row is a rating event with its row number; a row equal in all fields to an earlier one is a duplicate; a rating
of null means unlabelled. `error_reason` was added to the rows later and not by the labellers, so it stays in data.
"""

from __future__ import annotations

import json

from annotations.imports.formats.base import ImportFormat, Origin
from annotations.imports.identity import row_key
from annotations.imports.records import BadRow, Mark, PathRow, ProblemRow, Row, flag, text, texts
from inference.types import Rating

NAME = "prm800k"
FLAGS = ("is_human_response", "is_solution", "is_preferred_response")
KEPT = ("answer", *FLAGS, "error_reason")


def fits(row: Row) -> bool:
    return {"instruction", "responses", "next_response", "rating"} <= set(row)


def rating(row: Row) -> str | None:
    value = row.get("rating")
    if value is None:
        return None
    if isinstance(value, bool) or value not in (-1, 0, 1):
        raise BadRow("rating", "-1, 0, 1 or null", value)
    return Rating.from_number(int(value))


def parse(row: Row, origin: Origin) -> PathRow:
    steps = (*texts(row, "responses"), text(row, "next_response"))
    answer = text(row, "answer", needed=False)
    for name in FLAGS:
        flag(row, name, needed=False)
    found = rating(row)
    problem = ProblemRow(text=text(row, "instruction"), source=NAME)
    kept = {name: row[name] for name in KEPT if row.get(name) is not None}
    key = row_key(NAME, json.dumps([problem.text, steps, found, kept], sort_keys=True))
    return PathRow(
        problem=problem,
        steps=steps,
        marks=(Mark(depth=len(steps), rating=found, key=key, voter=key, data={"row": origin.line, **kept}),),
        terminal=bool(answer) or row.get("is_solution") is True,
        answer=answer,
    )


FORMAT = ImportFormat(
    name=NAME,
    title="PRM800K step rows",
    description="instruction, responses (the steps so far), next_response, rating (-1, 0, 1 or null), answer.",
    fits=fits,
    parse=parse,
)
