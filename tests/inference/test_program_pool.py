"""A step, its programs, the sandbox and the pool's confined child: the whole way of the program verifier."""

from __future__ import annotations

from collections.abc import Sequence

from inference.sandbox.base import Limits, Outcome, Program, RunEnding
from inference.types import Ending, Problem, VerdictKind
from inference.verifiers.params import TOOLS, PoolParams
from inference.verifiers.pool import Pool
from inference.verifiers.service import NO_SANDBOX, Checking
from inference.verifiers.wire import CheckJob, Draft

PROBLEM = Problem("1", "Ines sold 48 clips at the fair in April, and half as many in May.")
HALVED = Draft("let may = 48 / 2  # half of April\nresult = may  # clips")
SMALL = PoolParams(children=1, memory_mb=64)
WRONG = CheckJob("program", PROBLEM, (), "Ines sold 48 * 2 = 96 clips in May.", (HALVED, Draft("48 / 2"), HALVED))
RIGHT = CheckJob("program", PROBLEM, (), "Ines sold 48 / 2 = 24 clips in May.", (HALVED,))


class Abacus:
    """A sandbox that knows one program."""

    name = "abacus"

    def __init__(self) -> None:
        self.ran: list[str] = []

    def run_many(self, programs: Sequence[Program], limits: Limits = Limits()) -> list[Outcome]:  # noqa: B008
        self.ran += [each.code for each in programs]
        return [
            Outcome(RunEnding.OK, 24.0) if "48 / 2" in each.code else Outcome(RunEnding.ERROR, error="unknown")
            for each in programs
        ]

    def close(self) -> None:
        self.ran.clear()


def pool() -> Pool:
    return Pool(SMALL, verifiers={"program": TOOLS["program"].path})


def test_programs_of_all_steps_run_in_one_batch_and_are_weighed_in_a_confined_child() -> None:
    sandbox = Abacus()
    checking = Checking(pool(), sandbox)
    try:
        wrong, right = checking.check_many([WRONG, RIGHT], 20.0)
        assert len(sandbox.ran) == 3
    finally:
        checking.close()
    assert (wrong.kind, wrong.ending) == (VerdictKind.REFUTED, Ending.OK)
    assert wrong.message == "48 / 2 = 24 (2 of 3 programs), the step says 96"
    assert wrong.claims[0].detail == "48 / 2 = 24, not 96"
    assert WRONG.step[wrong.claims[0].start : wrong.claims[0].end] == "96"
    assert right.kind is VerdictKind.SUPPORTED


def test_without_a_sandbox_nothing_is_decided_and_the_verdict_says_so() -> None:
    checking = Checking(pool())
    try:
        (verdict,) = checking.check_many([WRONG], 20.0)
    finally:
        checking.close()
    assert verdict.kind is VerdictKind.UNDECIDED
    assert NO_SANDBOX in verdict.message
