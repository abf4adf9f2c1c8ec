"""Miscopied result: the right calculation, but its result is a number from another place. A tool can see it."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from random import Random

from inference.planted.kinds import Kind, shuffled
from inference.planted.slips import Slip
from inference.planted.worked import Worked

# Who copies notices a number of quite another size.
LEAST, MOST = Fraction(1, 4), 4


def slips(worked: Worked, step: int, random: Random) -> Iterator[Slip]:
    """Yield steps whose result is one of the numbers that stand nearby."""
    here = worked.steps[step]
    nearby = [value for value, text in worked.givens.items() if text[:1].isdigit()]
    nearby += list(worked.known_before(step))
    for order, each in shuffled(list(enumerate(here.equations)), random):
        alike = [
            value
            for value in dict.fromkeys(nearby)
            if each.value not in (0, value) and LEAST < value / each.value < MOST
        ]
        for value in shuffled(alike, random):
            yield Slip(step, f"the result is copied as {value}", equation=order, forced=value)


KIND = Kind("miscopied", "Miscopied result", "copied_number", True, slips)
