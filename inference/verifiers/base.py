"""What a verifier is. Knows nothing about which verifiers exist."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from inference.engines.base import Request
from inference.sandbox.base import Program
from inference.types import Problem, Verdict

if TYPE_CHECKING:
    from inference.verifiers.wire import CheckJob


class Verifier(Protocol):
    """A tool that checks one step. It is built without arguments, inside the child that runs it.

    `id` and `version` name it in every verdict that it gives; `params` are the settings it ran with, as JSON values.
    What the rest of the studio must know of it without loading it stands in its registry line (params.TOOLS).
    """

    id: str
    version: str
    params: Mapping[str, object]

    def applies(self, problem: Problem) -> bool:
        """Return whether the verifier can say anything about this very problem (its kind fits already)."""
        ...

    def check(self, problem: Problem, prefix: Sequence[str], step: str) -> Verdict:
        """Return the verdict on `step`, which follows the steps `prefix` of `problem`.

        Ill-formed text is undecided, never an exception; time and memory are bounded by the pool, not in here.
        """
        ...


class AnswerTool(Protocol):
    """A verifier that also compares final answers of its kind of problem."""

    def check_answer(self, problem: Problem, given: str) -> Verdict:
        """Return the verdict on the final answer `given`, held against the problem's reference."""
        ...


class Asking(Protocol):
    """A verifier that asks a language model first (`asks` in its registry line). Called in the worker: cheap."""

    def requests(self, job: CheckJob, count: int) -> tuple[Request, ...]:
        """Return what to ask about a step, at most `count` texts; keys and seeds are the caller's to set."""
        ...


class Running(Protocol):
    """A verifier that has programs run in the sandbox first (`runs`). Called in the worker: cheap, never an error."""

    def programs(self, job: CheckJob) -> tuple[Program, ...]:
        """Return the programs of a job, from its drafts or from its problem and step."""
        ...


class Weighing(Protocol):
    """What asking and running verifiers have instead of a plain check: it runs in the confined child."""

    def weigh(self, job: CheckJob) -> Verdict:
        """Return the verdict on a job with its `drafts` (what a model said) and `runs` (what came of programs)."""
        ...
