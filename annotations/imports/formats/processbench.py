"""ProcessBench: a path of steps with the index of its first wrong step, -1 for none."""

from __future__ import annotations

import json
from collections.abc import Mapping

from annotations.imports.formats.base import ImportFormat, Origin
from annotations.imports.formats.scored import scores_of
from annotations.imports.identity import row_key
from annotations.imports.records import Mark, PathRow, ProblemRow, Row, StoredRationale, flag, text, texts, whole
from inference.types import Rating

NAME = "processbench"
# Published labels that their authors have set right since: row id -> (published, right).
CORRECTIONS: Mapping[str, tuple[int, int]] = {"math-688": (2, 0)}


def fits(row: Row) -> bool:
    """A row that names a scorer is a prediction, unless it has a field that only ProcessBench has."""
    own = "scorer" not in row or "generator" in row or "final_answer_correct" in row
    return isinstance(row.get("steps"), list) and "label" in row and "problem" in row and own


def parse(row: Row, origin: Origin) -> PathRow:
    """Steps before the first wrong one are correct, that one is incorrect, later ones stay unlabelled."""
    steps = texts(row, "steps", least=1)
    name = text(row, "id", limit=120)
    generator = text(row, "generator", needed=False)
    right = flag(row, "final_answer_correct", needed=False)
    published = label = whole(row, "label", least=-1, most=len(steps) - 1)
    correction = ""
    if CORRECTIONS.get(name, (None, 0))[0] == label:
        label = CORRECTIONS[name][1]
        correction = f"{name}: label {published} is known to be wrong; {label} was stored."
    problem = ProblemRow(text=text(row, "problem"), source=NAME)
    key = row_key(NAME, json.dumps([name, problem.text, steps, published, generator, right]))
    return PathRow(
        problem=problem,
        steps=tuple(steps),
        marks=marks(key, label, len(steps), {"row": origin.line, "id": name}),
        terminal=True,
        outcome=None if right is None else (1 if right else -1),
        rationale=StoredRationale(
            key=name,
            outcome=None if right is None else (1 if right else -1),
            data={"id": name, "generator": generator, "final_answer_correct": right, "label": label},
        ),
        scores=scores_of(row, len(steps), origin),
        correction=correction,
    )


def marks(key: str, label: int, length: int, data: Mapping[str, object]) -> tuple[Mark, ...]:
    """Return the label events of one row, which is one voice over several steps."""
    rated = length if label < 0 else label + 1
    return tuple(
        Mark(
            depth=index + 1,
            rating=Rating.INCORRECT if index == label else Rating.CORRECT,
            key=f"{key}:{index}",
            voter=key,
            data=data,
        )
        for index in range(rated)
    )


FORMAT = ImportFormat(
    name=NAME,
    title="ProcessBench",
    description="id, generator, problem, steps, final_answer_correct, label (first wrong step from 0, -1 for none); "
    "scores and scorer may stand beside them.",
    fits=fits,
    parse=parse,
)
