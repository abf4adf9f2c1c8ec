"""PRM800K's raw rows: one labeller's work on a problem, with every continuation that he rated.

The continuations become sibling steps of the problem's tree, the ratings label events of the labeller; steps that were
given beforehand and steps that he wrote himself are steps too. The row itself stays with the rationale, so that it
leaves as it came.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from annotations.imports.formats.base import ImportFormat, Origin
from annotations.imports.identity import row_key
from annotations.imports.records import BadRow, Mark, PathRow, ProblemRow, Row, StoredRationale, text
from inference.datasets.prm800k_raw import NAME
from inference.desk import LabelFinish
from inference.types import Rating

ANSWER = "# Answer"
LABELER_LIMIT = 60


def fits(row: Row) -> bool:
    question, label = row.get("question"), row.get("label")
    return isinstance(question, dict) and "problem" in question and isinstance(label, dict) and "steps" in label


@dataclass(slots=True)
class _Walk:
    """The steps that the labeller went along, with his marks on them, and what stood beside them."""

    key: str
    voter: str
    line: int
    path: list[str] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    beside: list[tuple[tuple[str, ...], Mark]] = field(default_factory=list)

    def mark(self, part: Row, where: str, place: str, **more: bool) -> Mark:
        data = {"row": self.line} | ({"flagged": True} if part.get("flagged") is True else {}) | more
        key = f"{self.key}:{place}"
        return Mark(len(self.path) + 1, rating(part, where), key, self.voter, data)


def parse(row: Row, origin: Origin) -> tuple[PathRow, ...]:
    question, label = inner(row, "question"), inner(row, "label")
    labeler = text(row, "labeler", limit=LABELER_LIMIT)
    for name in ("timestamp",):
        text(row, name, needed=False)
    if label.get("finish_reason") not in {*LabelFinish, None}:
        raise BadRow("label.finish_reason", f"one of {', '.join(LabelFinish)}", label.get("finish_reason"))
    problem = ProblemRow(
        text=text(question, "problem"),
        answer=text(question, "ground_truth_answer", needed=False),
        solution=text(question, "ground_truth_solution", needed=False),
        source=NAME,
    )
    walk = _Walk(row_key(NAME, json.dumps(row, sort_keys=True)), f"labeler:{labeler}", origin.line)
    for number, step in enumerate(listed(label, "label.steps", "steps")):
        _go(walk, step, f"label.steps[{number}]", number)
    return tuple(_paths(problem, walk, _given(question), row))


def _go(walk: _Walk, step: Any, where: str, number: int) -> None:
    """Take the continuations of one step in, and go on with the one that was chosen or written."""
    if not isinstance(step, dict):
        raise BadRow(where, "an object", step)
    parts = listed(step, f"{where}.completions", "completions")
    chosen, human = _chosen(step, len(parts), where), step.get("human_completion")
    ends: tuple[str, Mark] | None = None
    for place, part in enumerate(parts):
        said, mark = spoken(walk, part, f"{where}.completions[{place}]", f"{number}.{place}", chosen=place == chosen)
        if place == chosen or (chosen is None and human is None and place == 0):
            ends = (said, mark)
        else:
            walk.beside.append(((*walk.path, said), mark))
    if human is not None:
        ends = spoken(walk, human, f"{where}.human_completion", f"{number}.h", human=True)
    if ends is not None:
        walk.path.append(ends[0])
        walk.marks.append(ends[1])


def spoken(walk: _Walk, part: Any, where: str, place: str, **more: bool) -> tuple[str, Mark]:
    if not isinstance(part, dict):
        raise BadRow(where, "an object", part)
    said = part.get("text")
    if not isinstance(said, str) or not said.strip():
        raise BadRow(f"{where}.text", "a text that is not empty", said)
    return said, walk.mark(part, where, place, **{name: True for name, holds in more.items() if holds})


def _chosen(step: Row, count: int, where: str) -> int | None:
    chosen = step.get("chosen_completion")
    fits_here = isinstance(chosen, int) and not isinstance(chosen, bool) and 0 <= chosen < count
    if chosen is not None and not fits_here:
        raise BadRow(f"{where}.chosen_completion", "the index of a completion or null", chosen)
    return chosen


def _given(question: Row) -> tuple[list[str], str]:
    """Return the solution that was given to the labeller, and its answer; none in phase 1."""
    steps = listed(question, "question.pre_generated_steps", "pre_generated_steps")
    for number, step in enumerate(steps):
        if not isinstance(step, str) or not step.strip():
            raise BadRow(f"question.pre_generated_steps[{number}]", "a text that is not empty", step)
    return steps, text(question, "pre_generated_answer", needed=False)


def _paths(problem: ProblemRow, walk: _Walk, given: tuple[list[str], str], row: Row) -> Iterator[PathRow]:
    """Yield the given solution, the walk, and what stood beside it. The row stays with the first of them."""
    steps, answer = given
    kept = StoredRationale(key=walk.key, outcome=None, data={"row": row}, answer=answer)
    if steps:
        yield PathRow(problem=problem, steps=tuple(steps), terminal=True, answer=answer, rationale=kept)
    if walk.path or not steps:
        yield PathRow(
            problem=problem, steps=tuple(walk.path), marks=tuple(walk.marks), rationale=None if steps else kept,
            **_end(walk.path),
        )  # fmt: skip
    for path, mark in walk.beside:
        yield PathRow(problem=problem, steps=path, marks=(mark,), **_end(path))


def _end(path: Any) -> dict[str, Any]:
    """Tell a step that gives the answer, as phase 1 writes it."""
    before, found, answer = path[-1].rpartition(ANSWER) if path else ("", "", "")
    return {"terminal": bool(found), "answer": answer.strip() if found else ""}


def rating(part: Row, where: str) -> str | None:
    value = part.get("rating")
    if value is None:
        return None
    if isinstance(value, bool) or value not in (-1, 0, 1):
        raise BadRow(f"{where}.rating", "-1, 0, 1 or null", value)
    return Rating.from_number(int(value))


def inner(row: Row, name: str) -> Mapping[str, Any]:
    value = row.get(name)
    if not isinstance(value, dict):
        raise BadRow(name, "an object", value)
    return value


def listed(row: Row, where: str, name: str) -> list[Any]:
    """Return a list, empty where there is none."""
    value = row.get(name)
    if value is None:
        return []
    if not isinstance(value, list):
        raise BadRow(where, "a list or null", value)
    return value


FORMAT = ImportFormat(
    name=NAME,
    title="PRM800K (raw)",
    description="labeler, question, label: one labeller's work on a problem, with every continuation that he rated.",
    fits=fits,
    parse=parse,
)
