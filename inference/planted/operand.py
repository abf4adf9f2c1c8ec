"""Wrong operand: an intermediate result is taken for another number that is known by then."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from random import Random

from inference.planted.kinds import Kind, operand_places, replace, shuffled
from inference.planted.slips import Slip
from inference.planted.worked import Worked


def slips(worked: Worked, step: int, random: Random) -> Iterator[Slip]:
    """Yield steps that go on from an earlier result, or from a given that such a result was made of, by mistake."""
    here = worked.steps[step]
    before = [*worked.known_before(step), *_made_of(worked, step)]
    for _, _, number in shuffled(operand_places(here), random):
        if number.source < 0:
            continue
        for value in shuffled([value for value in dict.fromkeys(before) if value != number.value], random):
            if slip := replace(step, number, value, "another result"):
                yield slip


def _made_of(worked: Worked, step: int) -> list[Fraction]:
    return [
        number.value
        for part in worked.steps[:step]
        for _, _, number in operand_places(part)
        if number.value in worked.givens
    ]


KIND = Kind("operand", "Wrong operand", "set_up", False, slips)
