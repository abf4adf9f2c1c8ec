"""The sample rationales about databases, quantities and chemistry: the tools refute the first errors alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

import pytest

from inference.types import Problem, VerdictKind
from inference.verifiers import verifier
from inference.verifiers.base import AnswerTool

FOLDER = Path(__file__).resolve().parents[2] / "annotations" / "sample" / "tools"
OWN = {"id", "kind", "level", "problem", "answer", "solution"}
NAMES = ("sql", "units", "chemistry")


def rows(name: str, part: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (FOLDER / f"{name}.{part}.jsonl").read_text(encoding="utf-8").splitlines()]


def problems(name: str) -> dict[str, Problem]:
    """The problems by text, as the import makes them: fields without a column of their own are data."""
    return {
        row["problem"]: Problem(
            row["id"], row["problem"], row["answer"], row["solution"], row["level"], row["kind"],
            {key: value for key, value in row.items() if key not in OWN},
        )
        for row in rows(name, "problems")
    }  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_each_problem_has_a_right_and_a_wrong_rationale(name: str) -> None:
    known = problems(name)
    assert 6 <= len(known) <= 10
    for text, problem in known.items():
        errors = [row["first_error"] for row in rows(name, "rationales") if row["problem"] == text]
        assert len(errors) == 2, problem.key
        assert min(errors) == -1 < max(errors), problem.key


@pytest.mark.parametrize("name", NAMES)
def test_the_tool_refutes_the_first_error_of_each_wrong_rationale_and_no_right_step(name: str) -> None:
    tool, known = verifier(name), problems(name)
    for row in rows(name, "rationales"):
        for at, step in enumerate(row["steps"]):
            verdict = tool.check(known[row["problem"]], row["steps"][:at], step)
            if at == row["first_error"]:
                assert verdict.kind is VerdictKind.REFUTED, (row["id"], step, verdict.message)
            elif row["first_error"] < 0 or at < row["first_error"]:
                assert verdict.kind is not VerdictKind.REFUTED, (row["id"], step, verdict.message)


@pytest.mark.parametrize("name", NAMES)
def test_the_answer_of_a_right_rationale_is_the_problems_and_that_of_a_wrong_one_is_not(name: str) -> None:
    tool, known = cast(AnswerTool, verifier(name)), problems(name)
    for row in rows(name, "rationales"):
        verdict = tool.check_answer(known[row["problem"]], row["answer"])
        wanted = VerdictKind.SUPPORTED if row["first_error"] < 0 else VerdictKind.REFUTED
        assert verdict.kind is wanted, (row["id"], verdict.message)


def test_evidence_is_small_enough_to_store() -> None:
    for name in NAMES:
        tool, known = verifier(name), problems(name)
        for row in rows(name, "rationales"):
            for at, step in enumerate(row["steps"]):
                verdict = tool.check(known[row["problem"]], row["steps"][:at], step)
                assert len(json.dumps([verdict.input, verdict.output])) < 6000
