"""Pairs of a right step and a wrong one after the same steps, made by rule. Knows nothing about who learns from them.

The wrong step is either planted (a grounding error: another number, operator or unit) or a right step of another
problem (a logic error), as Deductive Beam Search makes them (Zhu et al. 2024, arXiv:2401.17686).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from inference.planted import KINDS
from inference.planted.plant import dice, plant_some
from inference.planted.worked import Worked, WorkedStep

ELSEWHERE = "elsewhere"
TRIES = 12
"""Steps of other problems looked at for one pair."""


@dataclass(frozen=True, slots=True)
class StepPair:
    """`right` follows from the problem and the premises (the steps before), `wrong` does not.

    `kind` is one of KINDS, or ELSEWHERE for a step of another problem.
    """

    problem: str
    premises: tuple[str, ...]
    right: str
    wrong: str
    kind: str


def step_pairs(solutions: Sequence[Worked], *, seed: int, planted: int, elsewhere: int) -> Iterator[list[StepPair]]:
    """Yield for each solution up to `planted` pairs with an error by rule and `elsewhere` with a foreign step.

    The same input and seed give the same pairs. Foreign steps are taken from `solutions` alone, so what is held out
    must come in a call of its own.
    """
    for worked in solutions:
        yield [*_grounding(worked, seed, planted), *_logic(worked, solutions, seed, elsewhere)]


def _grounding(worked: Worked, seed: int, many: int) -> Iterator[StepPair]:
    for made in plant_some(worked, list(KINDS.values()), seed=seed, many=many):
        at = made.first_error
        yield StepPair(worked.problem, worked.texts[:at], worked.texts[at], made.steps[at], made.kind)


def _logic(worked: Worked, solutions: Sequence[Worked], seed: int, many: int) -> Iterator[StepPair]:
    random = dice(seed, worked.problem, ELSEWHERE, 0)
    taken: set[tuple[int, str]] = set()
    for _ in range(many * TRIES if len(solutions) > 1 else 0):
        if len(taken) == many:
            return
        other, at = random.choice(solutions), random.randrange(len(worked.steps))
        step = random.choice(other.steps)
        if other.problem != worked.problem and (at, step.text) not in taken and _ungrounded(step, worked, at):
            taken.add((at, step.text))
            yield StepPair(worked.problem, worked.texts[:at], worked.texts[at], step.text, ELSEWHERE)


def _ungrounded(step: WorkedStep, worked: Worked, at: int) -> bool:
    """Whether a foreign step computes with a number that is neither given nor worked out before step `at`."""
    known = {*worked.givens, *worked.known_before(at)}
    operands = {step.numbers[place].value for each in step.equations for place in step.operands(each)}
    return bool(operands - known)
