"""The worked solutions of the sample project's reading and logic problems are judged as they were written to be."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from inference.types import Problem, VerdictKind
from inference.verifiers import verifier

TOOLS = Path(__file__).resolve().parents[2] / "annotations" / "sample" / "tools"
OWN = {"id", "problem", "answer", "kind", "level", "solution"}


def rows(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (TOOLS / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]


def problems(tool: str) -> dict[str, Problem]:
    found = {}
    for row in rows(f"{tool}.problems"):
        data = {name: value for name, value in row.items() if name not in OWN}
        found[row["problem"]] = Problem(row["id"], row["problem"], row["answer"], kind=row["kind"], data=data)
    return found


def refuted(tool: str, problem: Problem, steps: list[str]) -> list[int]:
    tried = [verifier(tool).check(problem, steps[:at], step).kind for at, step in enumerate(steps)]
    return [at for at, kind in enumerate(tried) if kind is VerdictKind.REFUTED]


@pytest.mark.parametrize("tool", ["evidence", "logic"])
def test_right_solutions_pass_and_wrong_ones_are_refuted_at_their_first_error(tool: str) -> None:
    known = problems(tool)
    solutions = rows(f"{tool}.rationales")
    assert len(known) == 8
    assert len(solutions) == 16
    for row in solutions:
        found = refuted(tool, known[row["problem"]], row["steps"])
        assert (found or [-1])[0] == row["first_error"], row["id"]
        assert (row["answer"] == known[row["problem"]].answer) == (row["first_error"] == -1), row["id"]


@pytest.mark.parametrize("tool", ["evidence", "logic"])
def test_every_problem_is_one_that_its_tool_knows(tool: str) -> None:
    for problem in problems(tool).values():
        assert problem.kind == tool
        assert verifier(tool).applies(problem)
        assert verifier("answer").check(problem, (), problem.answer).kind is VerdictKind.SUPPORTED
