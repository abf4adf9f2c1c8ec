"""Predictions: rollouts of anybody's script, with the scores that anybody's scorer gave their steps.

Rows of two scorers over one rationale (the same problem and steps) meet on the same steps. `first_error`, or `label` as
ProcessBench calls it, counts steps from 0; -1 means that none is wrong.
"""

from __future__ import annotations

import json

from annotations.imports.formats.base import ImportFormat, Origin
from annotations.imports.formats.processbench import marks
from annotations.imports.formats.scored import scores_of
from annotations.imports.identity import row_key
from annotations.imports.records import BadRow, PathRow, ProblemRow, Row, StoredRationale, text, texts, whole

NAME = "predictions"
ERROR = ("first_error", "label")
TELLING = {"scores", "scorer", "first_error"}
ID_SHOWN = 80


def fits(row: Row) -> bool:
    return "problem" in row and (isinstance(row.get("steps"), list) or bool(TELLING & set(row)))


def parse(row: Row, origin: Origin) -> PathRow:
    """A rollout is a path and a rationale; steps up to its first error are labelled, later ones are not."""
    steps = texts(row, "steps", least=1)
    source = text(row, "source", needed=False, limit=60) or origin.stem
    kind = text(row, "kind", needed=False, limit=20) or "maths"
    problem = ProblemRow(text=text(row, "problem"), kind=kind, source=source)
    name = text(row, "id", needed=False, limit=120)
    generator = text(row, "generator", needed=False)
    error = first_error(row, len(steps))
    told = row_key(NAME, json.dumps([problem.text, steps, error]))
    path = row_key(NAME, json.dumps([problem.text, steps])).partition(":")[2]
    answer = text(row, "answer", needed=False)
    return PathRow(
        problem=problem,
        steps=tuple(steps),
        marks=() if error is None else marks(told, error, len(steps), {"row": origin.line, "id": name}),
        terminal=True,
        answer=answer,
        rationale=StoredRationale(
            key=f"{name[:ID_SHOWN]}:{path}" if name else path,
            outcome=None,
            answer=answer,
            data={"id": name, "generator": generator},
        ),
        scores=scores_of(row, len(steps), origin),
    )


def first_error(row: Row, length: int) -> int | None:
    """Return the index of the first wrong step, -1 for none, None where the row does not say."""
    given = [name for name in ERROR if row.get(name) is not None]
    found = {name: whole(row, name, least=-1, most=length - 1) for name in given}
    if len(set(found.values())) > 1:
        raise BadRow("label", f"the same number as first_error, {found['first_error']}", found["label"])
    return next(iter(found.values()), None)


FORMAT = ImportFormat(
    name=NAME,
    title="Predictions",
    description="problem, steps, and if known scores (0 to 1, one a step) with scorer, first_error (from 0, -1 for "
    "none), answer, id, generator, kind (of the problem, else maths).",
    fits=fits,
    parse=parse,
)
