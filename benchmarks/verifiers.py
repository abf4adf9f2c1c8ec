"""How long each verifier needs for a step, at the median and for the slowest twentieth.

    .venv/bin/python benchmarks/verifiers.py

Steps: those of a verifier's sample rationales (annotations/sample/tools), the cases of its table test, and for `claims`
the worked solutions of the sample problems with planted errors beside them; for `answer` every sample's final answer
against its reference; a verifier of all kinds gets the steps of all samples. Measured in this process, as a child of
the pool would run them, without the pool's own work. A few steps go before, so that everything is loaded; then every
step is checked once, for verifiers remember what they have read and a second look would flatter them. Verifiers that
ask a model or have programs run are timed without either (their share of the work), and stay out of the last line.
"""

from __future__ import annotations

import argparse
import gc
import importlib
import json
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

CHECKOUT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(CHECKOUT))

from benchmarks._studio import figure  # noqa: E402
from inference.planted import KINDS, Unfit, plant_some, read  # noqa: E402
from inference.types import Problem  # noqa: E402
from inference.verifiers import verifier  # noqa: E402
from inference.verifiers.base import Weighing  # noqa: E402
from inference.verifiers.params import TOOLS  # noqa: E402
from inference.verifiers.wire import CheckJob  # noqa: E402

SAMPLE = CHECKOUT / "annotations" / "sample"
COLUMNS = {"id", "kind", "level", "problem", "answer", "solution"}
MOST_PLANTED, FEW = 4, 5


def main() -> None:
    argparse.ArgumentParser(description=__doc__).parse_args()
    slowest: dict[str, float] = {}
    for name, tool in TOOLS.items():
        jobs = list(jobs_of(name))
        if len(jobs) <= FEW:
            print(f"{name}: no samples and no cases", file=sys.stderr)
            continue
        millis = timed(name, jobs)
        p50, p95 = millis[len(millis) // 2], millis[len(millis) * 95 // 100]
        alone = not (tool.asks or tool.runs)
        detail = {"p95_ms": round(p95, 3), "max_ms": round(millis[-1], 3), "steps": len(jobs), "alone": alone}
        figure(f"verifiers.{name}_p50_ms", round(p50, 3), "ms", **detail)
        if alone:
            slowest[name] = p95
    name = max(slowest, key=lambda each: slowest[each])
    figure("verifiers.slowest_p95_ms", round(slowest[name], 3), "ms", verifier=name, at_most=50)


def timed(name: str, jobs: list[CheckJob]) -> list[float]:
    """Return the milliseconds of every check but the first few, sorted."""
    run = running(name)
    for job in jobs[:FEW]:
        run(job)
    gc.collect()
    found = []
    for job in jobs[FEW:]:
        began = time.perf_counter()
        run(job)
        found.append((time.perf_counter() - began) * 1000)
    return sorted(found)


def running(name: str) -> Callable[[CheckJob], object]:
    tool = verifier(name)
    if hasattr(tool, "weigh"):
        return cast(Weighing, tool).weigh
    return lambda job: tool.check(job.problem, job.prefix, job.step)


def jobs_of(name: str) -> Iterator[CheckJob]:
    """Yield what a verifier is timed on."""
    if TOOLS[name].answers:
        yield from answers(name)
        return
    if name == "claims":
        yield from worked()
    elif not TOOLS[name].kinds:
        yield from (replace(job, verifier=name) for each in TOOLS for job in sampled(each))
    yield from sampled(name)
    yield from cases(name)


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []


def problems(name: str) -> dict[str, Problem]:
    """Return a verifier's sample problems by text; fields without a column of their own are data."""
    return {
        row["problem"]: Problem(
            row["id"], row["problem"], row.get("answer", ""), row.get("solution", ""), kind=row["kind"],
            data={key: value for key, value in row.items() if key not in COLUMNS},
        )
        for row in rows(SAMPLE / "tools" / f"{name}.problems.jsonl")
    }  # fmt: skip


def sampled(name: str) -> Iterator[CheckJob]:
    known = problems(name)
    for row in rows(SAMPLE / "tools" / f"{name}.rationales.jsonl"):
        steps = tuple(row["steps"])
        for at, step in enumerate(steps):
            yield CheckJob(name, known[row["problem"]], steps[:at], step)


def cases(name: str) -> Iterator[CheckJob]:
    """The steps in the tables of a verifier's test: every text in a list or dict in capitals, hostile ones aside."""
    try:
        module = importlib.import_module(f"tests.inference.test_{name}")
    except ImportError:
        return
    known = problems(name)
    problem = next(iter(known.values()), Problem("1", "", kind=next(iter(TOOLS[name].kinds), "maths")))
    for table, value in vars(module).items():
        if table.isupper() and "HOSTILE" not in table and isinstance(value, dict | list | tuple):
            yield from (CheckJob(name, problem, (), text) for text in texts(value))


def texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield from [value] if " " in value else []
    elif isinstance(value, dict):
        yield from (text for pair in value.items() for text in texts(pair))
    elif isinstance(value, list | tuple):
        yield from (text for each in value for text in texts(each))


def worked() -> Iterator[CheckJob]:
    """The steps of the sample problems' solutions, and of wrong ones planted into them."""
    for at, row in enumerate(rows(SAMPLE / "problems.jsonl")):
        problem = Problem(row["id"], row["problem"], row["answer"], row["solution"])
        solutions = [row["solution"].split("\n")]
        try:
            solution = read(row["problem"], solutions[0], row["answer"])
            planted = plant_some(solution, list(KINDS.values()), seed=at, many=MOST_PLANTED)
            solutions += [list(each.steps) for each in planted]
        except Unfit:
            pass
        for steps in solutions:
            yield from (CheckJob("claims", problem, tuple(steps[:no]), step) for no, step in enumerate(steps))


def answers(name: str) -> Iterator[CheckJob]:
    for row in rows(SAMPLE / "problems.jsonl"):
        yield CheckJob(name, Problem(row["id"], row["problem"], row["answer"]), (), row["answer"])
    for tool in TOOLS:
        known = problems(tool)
        for row in rows(SAMPLE / "tools" / f"{tool}.rationales.jsonl"):
            if row.get("answer") and known[row["problem"]].answer:
                yield CheckJob(name, known[row["problem"]], (), row["answer"])


if __name__ == "__main__":
    main()
