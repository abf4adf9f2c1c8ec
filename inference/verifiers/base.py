"""What a verifier is. Knows nothing about which verifiers exist."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from inference.types import Problem, Verdict


class Verifier(Protocol):
    """A tool that checks one step. It is built without arguments, inside the child that runs it.

    `id` and `version` name it in every verdict that it gives; `params` are the settings it ran with, as JSON values.
    """

    id: str
    version: str
    title: str
    params: Mapping[str, object]

    def applies(self, problem: Problem) -> bool:
        """Return whether the verifier can say anything about this kind of problem."""
        ...

    def check(self, problem: Problem, prefix: Sequence[str], step: str) -> Verdict:
        """Return the verdict on `step`, which follows the steps `prefix` of `problem`.

        Ill-formed text is undecided, never an exception; time and memory are bounded by the pool, not in here.
        """
        ...
