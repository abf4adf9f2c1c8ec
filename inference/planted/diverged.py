"""Whether the first step that leaves a right solution is an error for sure, by exact arithmetic.

Another step is not yet a wrong one: a solution may be worded differently, or take another way. A step is taken for an
error only if

1. it states a false equation, or
2. it comes to a value that the right solution does not have, the final answer of its path follows from that value, and
   no arithmetic of some four operations leads from it to a later value of the right solution (otherways.py).

What 2 lets through is a right way that is longer still, which solutions of a few steps hardly have.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from inference.planted.numerals import exact
from inference.planted.otherways import other_way
from inference.planted.worked import Unfit, Worked, WorkedStep, check_exact, read_step
from inference.types import Problem, VerdictKind
from inference.verifiers.claims import ClaimsVerifier


def divergence(worked: Worked, steps: Sequence[str]) -> int | None:
    """Return the index of the first step that is not the right solution's, None where there is no such step."""
    right = worked.texts
    return next((at for at, text in enumerate(steps) if at >= len(right) or text != right[at]), None)


def doubt(worked: Worked, steps: Sequence[str], at: int, answer: str) -> str:
    """Return why step `at`, the first that is not the right solution's, may still be right; "" if it is an error.

    `answer` is what the path says in the end.
    """
    if at >= len(worked.steps):
        return "it goes on after the right solution has ended"
    if refuted(worked.problem, steps, at):
        return ""
    try:
        found = _read(worked, steps[at:], at)
        check_exact(found[0])
    except Unfit:
        return "its numbers cannot be followed"
    equations = [each for step in found for each in step.equations]
    if not equations or equations[-1].value != exact(answer):
        return "its answer is not the result of its last equation"
    right = {each.value for each in worked.equations}
    leading = _behind(found)
    fresh = [each for each in found[0].equations if each.index in leading and each.value not in right]
    if not fresh:
        return "no new value of the first changed step leads to its answer"
    try:
        if any(other_way(worked, found, at, each) for each in fresh):
            return "the first changed step may be on another right way"
    except Unfit:
        return "its numbers cannot be followed"
    return ""


def refuted(problem: str, steps: Sequence[str], at: int) -> bool:
    """Return whether step `at` states a false equation."""
    return ClaimsVerifier().check(Problem("", problem), steps[:at], steps[at]).kind is VerdictKind.REFUTED


def _read(worked: Worked, texts: Iterable[str], at: int) -> list[WorkedStep]:
    """Return the steps from `at` on with the source of every number."""
    results = worked.known_before(at)
    first = sum(len(step.equations) for step in worked.steps[:at])
    found: list[WorkedStep] = []
    for text in texts:
        step = read_step(text, worked.givens, results, first)
        found.append(step)
        first += len(step.equations)
        results |= {each.value: each.index for each in step.equations}
    return found


def _behind(steps: Sequence[WorkedStep]) -> set[int]:
    """Return the equations of these steps that the last one follows from, itself included."""
    sources = {
        each.index: {step.numbers[place].source for place in step.operands(each)}
        for step in steps
        for each in step.equations
    }
    wanted, found = [max(sources)], set[int]()
    while wanted:
        index = wanted.pop()
        if index in sources and index not in found:
            found.add(index)
            wanted += sources[index]
    return found
