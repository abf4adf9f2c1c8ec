"""A round of self-training: a policy's own verified solutions, to be learnt from together with worked ones.

Rejection sampling as in STaR (Zelikman and others, 2022) with several samples a problem (Yuan and others, 2023), but
kept only if the claims verifier refutes none of the steps: a right answer alone says little about the way to it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from random import Random

from inference.sources.base import Sourced
from inference.trainers.policy.sampling import Attempt
from inference.types import Problem, VerdictKind
from inference.verifiers.claims import ClaimsVerifier

SAMPLES = 4
MOST_A_PROBLEM = 2


def kept(attempts: Sequence[Attempt], most: int = MOST_A_PROBLEM) -> list[Sourced]:
    """Return at most `most` different verified solutions of each problem, whose attempts stand side by side."""
    return [one for _, drawn in groupby(attempts, lambda one: one.problem) for one in _of_one(list(drawn), most)]


def _of_one(attempts: Sequence[Attempt], most: int) -> Iterator[Sourced]:
    different = dict.fromkeys(one.steps for one in attempts if one.right and one.steps)
    verified = [steps for steps in different if not refuted(attempts[0].problem.problem, steps)]
    for steps in verified[:most]:
        yield replace(attempts[0].problem, steps=steps)


def refuted(problem: Problem, steps: Sequence[str]) -> bool:
    """Return whether a step states something false."""
    verifier = ClaimsVerifier()
    return any(verifier.check(problem, steps[:at], step).kind is VerdictKind.REFUTED for at, step in enumerate(steps))


def mixed(examples: Sequence[Sourced], own: Sequence[Sourced], seed: int) -> list[Sourced]:
    """Return both in one order drawn from the seed; worked solutions alone stay as they were drawn."""
    together = [*examples, *own]
    if own:
        Random(seed).shuffle(together)  # noqa: S311 no secret
    return together
