"""Checking with everything that verifiers may need: programs run in the sandbox, then verdicts from the pool.

Knows nothing about trees or rows. What a model must be asked first is in the jobs already (`drafts`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import cast

from inference.sandbox.base import Outcome, Program, RunEnding, Sandbox
from inference.types import Verdict
from inference.verifiers import verifier
from inference.verifiers.base import Running
from inference.verifiers.figures import Figures
from inference.verifiers.params import TOOLS
from inference.verifiers.pool import Pool
from inference.verifiers.wire import CheckJob

NO_SANDBOX = "no sandbox is set up on this worker"


class Checking:
    """A pool of killable children and a sandbox, both shared by all verifiers. `close` ends their processes."""

    def __init__(self, pool: Pool | None = None, sandbox: Sandbox | None = None) -> None:
        self.pool = pool or Pool()
        self.sandbox = sandbox

    def check_many(self, jobs: Sequence[CheckJob], deadline: float) -> list[Verdict]:
        """Return one verdict a job, in their order; `deadline` as in Pool.check_many (programs have limits apart)."""
        return self.pool.check_many(self._with_runs(jobs), deadline)

    @property
    def figures(self) -> Figures:
        """Return what each verifier has done so far."""
        return self.pool.figures

    def close(self) -> None:
        self.pool.close()
        if self.sandbox is not None:
            self.sandbox.close()

    def _with_runs(self, jobs: Sequence[CheckJob]) -> list[CheckJob]:
        """Have the programs of all jobs run in one batch."""
        asked = [self._programs(job) for job in jobs]
        programs = [program for some in asked for program in some]
        if not programs:
            return list(jobs)
        outcomes = iter(self._run(programs))
        return [
            replace(job, runs=tuple(next(outcomes) for _ in some)) if some else job
            for job, some in zip(jobs, asked, strict=True)
        ]

    def _programs(self, job: CheckJob) -> tuple[Program, ...]:
        tool = TOOLS.get(job.verifier)
        if tool is None or not tool.runs or job.runs:
            return ()
        return cast(Running, verifier(job.verifier)).programs(job)

    def _run(self, programs: Sequence[Program]) -> list[Outcome]:
        if self.sandbox is None:
            return [Outcome(RunEnding.UNAVAILABLE, error=NO_SANDBOX)] * len(programs)
        return self.sandbox.run_many(programs)
