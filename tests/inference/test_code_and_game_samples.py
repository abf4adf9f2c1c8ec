"""The sample rationales about code and games: their tool refutes the wrong step and nothing before it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from inference.types import Problem, VerdictKind
from inference.verifiers.game import GameVerifier
from tests.inference.trace_cast import verdict

TOOLS = Path(__file__).resolve().parents[2] / "annotations" / "sample" / "tools"
PLAIN = {"id", "problem", "answer", "kind", "level", "solution"}


def rows(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (TOOLS / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]


def problems(tool: str) -> dict[str, Problem]:
    return {
        row["problem"]: Problem(
            row["id"], row["problem"], row["answer"], kind=row["kind"],
            data={name: value for name, value in row.items() if name not in PLAIN},
        )
        for row in rows(f"{tool}.problems")
    }  # fmt: skip


def verdicts(tool: str, problem: Problem, steps: list[str]) -> list[VerdictKind]:
    if tool == "trace":
        return [verdict(problem, step, *steps[:at]).kind for at, step in enumerate(steps)]
    return [GameVerifier().check(problem, steps[:at], step).kind for at, step in enumerate(steps)]


@pytest.mark.parametrize("tool", ["trace", "game"])
def test_the_first_wrong_step_of_a_rationale_is_the_first_that_is_refuted(tool: str) -> None:
    known = problems(tool)
    told = rows(f"{tool}.rationales")
    assert len(told) == 2 * len(known) == 14
    for row in told:
        found = verdicts(tool, known[row["problem"]], row["steps"])
        refuted = found.index(VerdictKind.REFUTED) if VerdictKind.REFUTED in found else -1
        assert refuted == row["first_error"], f"{row['id']}: {found}"
        assert VerdictKind.SUPPORTED in found or row["first_error"] >= 0, row["id"]


@pytest.mark.parametrize("tool", ["trace", "game"])
def test_the_code_or_table_that_a_tool_reads_stands_in_the_text_that_a_solver_reads(tool: str) -> None:
    for text, problem in problems(tool).items():
        assert problem.data.get("code", "") in text
        for name in (*problem.data.get("rows", ()), *problem.data.get("columns", ())):
            assert name.lower() in text.lower(), problem.key
