"""No text makes a verifier fail: every job has a verdict, nothing crashes, and what hangs costs only itself."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from inference.sandbox.base import Limits, Outcome, Program, RunEnding
from inference.sandbox.monty import MontySandbox
from inference.types import Ending, Problem, Verdict
from inference.verifiers import VERIFIERS
from inference.verifiers.params import TOOLS, PoolParams
from inference.verifiers.pool import Pool
from inference.verifiers.service import Checking
from inference.verifiers.wire import CheckJob, Draft
from tests.inference.fuzz_texts import fuzzed

SAMPLES = Path(__file__).resolve().parents[2] / "annotations" / "sample" / "tools"
SECONDS = 2.0
CHILDREN = PoolParams(children=2)
ODD: tuple[Any, ...] = (
    None,
    7,
    -1.5,
    "",
    "\x00",
    [],
    {},
    [[]],
    [None],
    {"": None},
    "(" * 500,
    "9" * 5000,
    ["x"] * 300,
    True,
)


class Nonsense:
    """A sandbox that runs nothing and says all kinds of things about it."""

    name = "nonsense"
    said: tuple[Any, ...] = (
        None,
        3,
        "x",
        [],
        {},
        {"exact": "1" * 5000},
        {"text": "?"},
        {"rows": [[1]]},
        [["value", "["]],
        {"rows": "x"},
        1e308,
    )

    def run_many(self, programs: Sequence[Program], limits: Limits | None = None) -> list[Outcome]:
        endings = list(RunEnding)
        return [
            Outcome(
                endings[at % len(endings)] if at % 2 else RunEnding.OK, self.said[at % len(self.said)], "printed", "?"
            )
            for at in range(len(programs))
        ]

    def close(self) -> None:
        pass


@pytest.fixture(scope="module")
def checking() -> Iterator[Checking]:
    made = Checking(Pool(CHILDREN), Nonsense())
    yield made
    made.close()


@pytest.fixture(scope="module")
def running() -> Iterator[Checking]:
    """Checks whose programs really run: what a model wrote may be nonsense too."""
    made = Checking(Pool(CHILDREN), MontySandbox(children=2))
    yield made
    made.close()


def problems_of(name: str) -> list[Problem]:
    """Return problems of a kind that the verifier knows: from the sample project where it has some, one of them odd."""
    kind = (TOOLS[name].kinds or ("maths",))[0]
    path = SAMPLES / f"{name}.problems.jsonl"
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()[:3]] if path.exists() else []
    known = {"id", "problem", "answer", "kind", "level", "solution"}
    found = [
        Problem(row["id"], row["problem"], row.get("answer", ""), kind=row["kind"],
                data={field: value for field, value in row.items() if field not in known})
        for row in rows
    ] or [Problem("plain", "Lena has 5 boxes of 12 pens. How many pens has she?", "60", kind=kind)]  # fmt: skip
    odd = [
        replace(found[0], key=f"odd {at}", data={**found[0].data, field: ODD[(at + len(field)) % len(ODD)]})
        for at, field in enumerate(sorted(found[0].data) * 2)
    ]
    return [*found, replace(found[0], key="bare", data={}, answer="", text=""), *odd]


def jobs_of(name: str, texts: Sequence[str]) -> list[CheckJob]:
    problems = problems_of(name)
    made = []
    for at, text in enumerate(texts):
        drafts = (Draft(texts[-at - 1][:9000], (-0.1, -2.5)), Draft(text[:9000])) if TOOLS[name].asks else ()
        # Every fourth time the nonsense stands before the step too.
        prefix = (texts[at - 1], "So x = 3.") if at % 4 == 0 else ()
        problem = replace(problems[0], answer=texts[-at - 1]) if TOOLS[name].answers and at % 2 else None
        made.append(CheckJob(name, problem or problems[at % len(problems)], prefix, text, drafts))
    return made


def characters(value: object) -> int:
    """Return how many characters all texts of a JSON value hold together."""
    if isinstance(value, dict):
        return sum(len(name) + characters(item) for name, item in value.items())
    return sum(map(characters, value)) if isinstance(value, list | tuple) else len(str(value))


def assert_sound(jobs: Sequence[CheckJob], verdicts: Sequence[Verdict]) -> None:
    assert len(verdicts) == len(jobs)
    failed = [
        (job.step[:60], job.problem.key, verdict.ending.value, verdict.message)
        for job, verdict in zip(jobs, verdicts, strict=True)
        if verdict.ending not in (Ending.OK, Ending.TIMEOUT)
    ]
    assert not failed, failed[:10]
    slow = [job.step[:60] for job, verdict in zip(jobs, verdicts, strict=True) if verdict.ending is Ending.TIMEOUT]
    assert len(slow) <= len(jobs) // 50, slow[:10]
    assert all(characters([each.input, each.output]) < 12_000 for each in verdicts)


@pytest.mark.parametrize("name", sorted(TOOLS))
def test_a_verifier_has_a_verdict_on_every_text(name: str, checking: Checking) -> None:
    jobs = jobs_of(name, fuzzed(150, 5))
    assert_sound(jobs, checking.check_many(jobs, SECONDS))


@pytest.mark.long
@pytest.mark.parametrize("name", sorted(TOOLS))
def test_a_verifier_has_a_verdict_on_thousands_of_texts(name: str, running: Checking) -> None:
    jobs = jobs_of(name, fuzzed(3000, 6))
    assert_sound(jobs, running.check_many(jobs, SECONDS))


def test_a_verifier_that_hangs_costs_only_its_own_job() -> None:
    """Verdicts of the others come as they would without it."""
    plain = {"claims": VERIFIERS["claims"], "obedient": "pool_cast:Obedient"}
    others = jobs_of("claims", fuzzed(20, 5))
    hanging = CheckJob("obedient", Problem("1", ""), (), "hang")
    made = Checking(Pool(PoolParams(children=2), verifiers=plain), Nonsense())
    try:
        verdicts = made.check_many([*others[:10], hanging, *others[10:]], 1.0)
    finally:
        made.close()
    assert verdicts[10].ending is Ending.TIMEOUT
    assert [verdict.ending for verdict in (*verdicts[:10], *verdicts[11:])] == [Ending.OK] * 20
