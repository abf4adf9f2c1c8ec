"""Verdicts come in with imports too, with whatever evidence stands there: their views never fail."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from annotations.models import Project, ToolCheck
from annotations.templatetags.studio import evidence_of
from inference.types import Problem, Verdict
from inference.verifiers import verifier
from inference.verifiers.base import Weighing
from inference.verifiers.params import TOOLS
from inference.verifiers.wire import CheckJob, Draft

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "annotations" / "sample" / "tools"
VIEWS = sorted(path.stem for path in (ROOT / "templates" / "evidence").glob("*.html") if path.stem in TOOLS)
ODD: tuple[Any, ...] = (
    None,
    "x",
    3,
    True,
    [],
    {},
    [1, "a"],
    [None],
    [{"a": 1}],
    [[1], {}],
    {"a": [1]},
    {"a": {"b": []}},
)


def verdicts(name: str) -> Iterator[Verdict]:
    """Yield what a tool says of its sample rationales; a judge of one step."""
    if name == "judge":
        job = CheckJob(name, Problem("1", "2 + 2?"), (), "It is 5.", (Draft("", (-3.0, -0.1)),))
        yield weighed(name, job)
    path = SAMPLES / f"{name}.problems.jsonl"
    rows = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
    problems = {row["problem"]: Problem("1", row["problem"], row["answer"], kind=row["kind"], data=row) for row in rows}
    told = path.with_name(f"{name}.rationales.jsonl")
    for row in [json.loads(line) for line in told.read_text().splitlines()] if rows else []:
        for at, step in enumerate(row["steps"]):
            yield weighed(name, CheckJob(name, problems[row["problem"]], tuple(row["steps"][:at]), step))


def weighed(name: str, job: CheckJob) -> Verdict:
    tool: Any = verifier(name)
    if hasattr(tool, "weigh"):
        weighing: Weighing = tool
        return weighing.weigh(job)
    return verifier(name).check(job.problem, job.prefix, job.step)


def bent(value: Any, depth: int = 3) -> Iterator[Any]:
    """Yield a value with one of its parts replaced by something that does not belong there."""
    yield from ODD
    if depth and isinstance(value, dict):
        for key in value:
            yield from ({**value, key: each} for each in bent(value[key], depth - 1))
    if depth and isinstance(value, list | tuple) and value:
        yield from ([each, *value[1:]] for each in bent(value[0], depth - 1))


@pytest.mark.parametrize("name", VIEWS)
def test_a_view_stands_whatever_its_evidence_holds(name: str) -> None:
    richest = max(verdicts(name), key=lambda each: len(json.dumps([each.input, each.output])), default=None)
    given = json.loads(json.dumps([richest and richest.input, richest and richest.output]))
    project = Project(name="P", slug="p")
    for claims in (
        [{"text": "a", "verdict": "refuted", "detail": "b", "start": 0, "end": 1}],
        [],
        [3, None],
        [{"text": 5}],
    ):
        for first, second in [(each, given[1]) for each in bent(given[0])] + [
            (given[0], each) for each in bent(given[1])
        ]:
            check = ToolCheck(verifier=name, version="1", verdict="refuted", message="off", claims=claims)
            check.input, check.output = first, second
            assert evidence_of(check, project).strip()
