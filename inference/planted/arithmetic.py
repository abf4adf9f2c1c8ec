"""Wrong arithmetic: the right calculation with a wrong result. A tool can see it."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from random import Random

from inference.planted.kinds import Kind, shuffled
from inference.planted.slips import Slip
from inference.planted.worked import Equation, Worked


def slips(worked: Worked, step: int, random: Random) -> Iterator[Slip]:
    """Yield steps with a result as people and small models get it wrong: a carry, a place, a row of the table."""
    for order, each in shuffled(list(enumerate(worked.steps[step].equations)), random):
        for value in shuffled(near(each), random):
            yield Slip(step, f"computed wrongly: {value}", equation=order, forced=value)


def near(equation: Equation) -> list[Fraction]:
    """Return wrong results near the right one: off by one, by ten, by an operand, with two digits swapped."""
    value = equation.value
    unit = Fraction(1) if value.denominator == 1 else Fraction(1, 10)
    steps = [unit, -unit, 2 * unit, -2 * unit, 10 * unit, -10 * unit]
    if any(token.text == "*" for token in equation.left):
        steps += [by * Fraction(token.text) * unit for token in equation.left if token.kind == "num" for by in (1, -1)]
    found = {value + step for step in steps}
    digits = str(value)
    found |= {
        Fraction(digits[:at] + digits[at + 1] + digits[at] + digits[at + 2 :])
        for at in range(len(digits) - 1)
        if value.denominator == 1 and digits[0] != digits[at + 1] != "0"
    }
    return sorted(each for each in found if each > 0 and each != value)


KIND = Kind("arithmetic", "Wrong arithmetic", "arithmetic", True, slips)
