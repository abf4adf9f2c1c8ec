"""Unit slip: a conversion is made with the wrong factor, in the wrong direction, or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from random import Random

from inference.planted.kinds import Kind, operand_places, replace, shuffled
from inference.planted.operation import times
from inference.planted.slips import Slip
from inference.planted.worked import CONSTANT, Number, Worked, WorkedStep

# What stands between two units, and what it is taken for.
FACTORS: dict[int, tuple[int, ...]] = {
    60: (100, 10, 30),
    24: (12, 20),
    7: (5, 10),
    12: (10, 6, 24),
    100: (10, 1000),
    1000: (100, 10),
    52: (50, 12),
    365: (300, 52),
    30: (7, 12),
}


def slips(worked: Worked, step: int, random: Random) -> Iterator[Slip]:
    """Yield steps that convert wrongly; only numbers that the problem does not give count as factors."""
    here = worked.steps[step]
    found: list[Slip] = []
    for _, _, number in operand_places(here):
        if number.source != CONSTANT or number.value not in FACTORS:
            continue
        for other in FACTORS[int(number.value)]:
            if slip := replace(step, number, Fraction(other), "wrong factor"):
                found.append(slip)
        found += _inverted(worked, step, here, number)
    yield from shuffled([*found, *_not_converted(worked, step)], random)


def _inverted(worked: Worked, step: int, here: WorkedStep, factor: Number) -> Iterator[Slip]:
    for each in here.equations:
        signs = [token for token in each.left if token.kind == "op"]
        if len(signs) == 1 and signs[0].text in "*/" and each.left[0].start <= factor.start <= each.left[-1].start:
            new = "/" if signs[0].text == "*" else times(worked)
            yield Slip(step, "converted the other way", edits=((signs[0].start, signs[0].end, new),))


def _not_converted(worked: Worked, step: int) -> Iterator[Slip]:
    """Leave out a step that only converts, so that the next one counts in the wrong unit."""
    here = worked.steps[step]
    if len(here.equations) != 1 or step + 1 >= len(worked.steps):
        return
    numbers = [number for _, _, number in operand_places(here)]
    factors = [number for number in numbers if number.source == CONSTANT and number.value in FACTORS]
    used = any(each.source == here.equations[0].index for _, _, each in operand_places(worked.steps[step + 1]))
    if len(numbers) == 2 and len(factors) == 1 and used:
        (kept,) = (number for number in numbers if number is not factors[0])
        yield Slip(step, "not converted", left_out=kept.value)


KIND = Kind("unit", "Unit slip", "unit", False, slips)
