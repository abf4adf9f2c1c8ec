"""The program verifier: what a step sets out to find, computed anew by programs, against what the step says it found.

After GroundedPRM (Zhang et al. 2025, arXiv:2510.14942), which asks Wolfram Alpha: a language model that sees the
problem, the earlier steps and the step's words with its computation and its value left blank (objective) writes short
programs (prompt, read), a sandbox runs them, and their values are compared with the step's (compare, weigh). It sees
what `claims` cannot: a wrong equation that is computed correctly.

The worker asks `requests(job, count)` of an engine, makes the completions the job's `drafts`, and hands the job to
Checking, which has `programs(job)` run and `weigh(job)` called in the confined child.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from inference.engines.base import Request
from inference.sandbox.base import Program
from inference.types import Problem, Verdict, VerdictKind
from inference.verifiers.program import prompt
from inference.verifiers.program.objective import Objective, given, objective
from inference.verifiers.program.read import RESULT, Unread, Written, read
from inference.verifiers.program.weigh import attempts, shown_programs, weigh
from inference.verifiers.wire import CheckJob


class ProgramVerifier:
    """Refutes a step whose value is not what independent programs agree on."""

    id: str = "program"
    version: str = "1"
    params: Mapping[str, object] = MappingProxyType({})

    def applies(self, problem: Problem) -> bool:
        """Whether the problem is one that programs can compute."""
        return problem.kind == "maths"

    def requests(self, job: CheckJob, count: int) -> tuple[Request, ...]:
        """Return `count` requests for programs (0 of them where the step says no value that could be computed)."""
        asked = _objective(job)
        if asked.unclear:
            return ()
        return prompt.requests(job.problem.text, job.prefix, asked.text, count)

    def programs(self, job: CheckJob) -> tuple[Program, ...]:
        """Return the programs of those drafts that are one, in order."""
        return tuple(Program(each.code, RESULT) for each in _drafts(job) if isinstance(each, Written))

    def weigh(self, job: CheckJob) -> Verdict:
        """Return the verdict on a job with the drafts that its requests drew and the runs of their programs."""
        asked = _objective(job)
        if asked.unclear:
            return Verdict(VerdictKind.UNDECIDED, self.id, self.version, (), asked.unclear)
        tried = attempts(_drafts(job), job.runs, len(asked.said))
        found = weigh(asked, tried)
        shown = shown_programs(tried, [each.text for each in job.drafts])
        return Verdict(
            found.kind, self.id, self.version, found.claims, found.message,
            input={"objective": asked.text, "programs": shown}, output=found.output,
        )  # fmt: skip

    def check(self, problem: Problem, prefix: Sequence[str], step: str) -> Verdict:
        """Return the verdict without any program: undecided, with the reason."""
        return self.weigh(CheckJob(self.id, problem, tuple(prefix), step))


def _objective(job: CheckJob) -> Objective:
    return objective(job.problem.text, job.prefix, job.step)


def _drafts(job: CheckJob) -> list[Written | Unread]:
    known = given((job.problem.text, *job.prefix))
    found: list[Written | Unread] = []
    for draft in job.drafts:
        try:
            found.append(read(draft.text, known))
        except Unread as error:
            found.append(error)
    return found
