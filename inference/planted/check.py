"""Whether a wrong solution is what it says: read anew from its text alone, with exact arithmetic.

It shares nothing with the way an error was made but the reading of equations.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from inference.planted.worked import Unfit, Worked, WorkedStep, read_step, value_of


def faults(worked: Worked, steps: Sequence[str], first_error: int) -> list[str]:
    """Return what is wrong with a planted solution, nothing when it holds.

    1. The steps before the first error are those of the right solution.
    2. The step with the error comes to another value than the step it stands for, or states a false equation.
    3. Later steps are exact, and each number in them is the right solution's or the changed value of it.
    4. The final answer differs.
    """
    right = [step.text for step in worked.steps]
    if not 0 <= first_error < len(steps):
        return ["there is no such step"]
    if list(steps[:first_error]) != right[:first_error]:
        return ["a step before the error differs"]
    missing = len(right) - len(steps)
    if missing not in (0, 1):
        return ["the number of steps does not fit"]
    try:
        found = [_bare(text) for text in steps[first_error:]]
    except Unfit as error:
        return [str(error)]
    return _compared(worked.steps[first_error + missing :], found, worked.answer)


def _bare(text: str) -> WorkedStep:
    return read_step(text, _Everything(), {}, 0)


class _Everything(dict[Fraction, str]):
    """Givens that hold every number: where numbers are from is not asked here."""

    def __contains__(self, value: object) -> bool:
        return True


def _compared(right: Sequence[WorkedStep], found: Sequence[WorkedStep], answer: Fraction) -> list[str]:
    results: dict[Fraction, Fraction] = {}
    taken: dict[Fraction, Fraction] = {}
    for at, (before, after) in enumerate(zip(right, found, strict=True)):
        if len(before.equations) != len(after.equations):
            return ["an equation is missing"]
        became = {one.value: other.value for one, other in zip(before.equations, after.equations, strict=True)}
        if at == 0:
            if all(one == other for one, other in became.items()):
                return ["the step with the error comes to the right value"]
            taken = _exchanged(before, after)
        elif any(value_of(each.left) != each.value for each in after.equations):
            return ["a later equation is not exact"]
        elif not _follows(before, after, results | became, taken):
            return ["a later number is from nowhere"]
        results |= became
    last = found[-1].equations
    return ["the final answer is right"] if not last or last[-1].value == answer else []


def _follows(
    before: WorkedStep, after: WorkedStep, results: Mapping[Fraction, Fraction], taken: Mapping[Fraction, Fraction]
) -> bool:
    """Whether each number is the right one, what its result has become, or what it was taken for at the error."""
    if len(before.numbers) != len(after.numbers):
        return False
    own = {each.result for each in before.equations}
    return all(
        at in own or two.value in (results.get(one.value, one.value), taken.get(one.value))
        for at, (one, two) in enumerate(zip(before.numbers, after.numbers, strict=True))
    )


def _exchanged(before: WorkedStep, after: WorkedStep) -> dict[Fraction, Fraction]:
    """Return which numbers the step with the error took for which: a misread one is misread again."""
    if len(before.numbers) != len(after.numbers):
        return {}
    pairs = zip(before.numbers, after.numbers, strict=True)
    return {one.value: other.value for one, other in pairs if one.value != other.value}
