"""Copied number: a given is taken for another number of the problem, from the wrong place."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from inference.planted.kinds import Kind, operand_places, replace, shuffled
from inference.planted.slips import Slip
from inference.planted.worked import GIVEN, Worked


def slips(worked: Worked, step: int, random: Random) -> Iterator[Slip]:
    """Yield steps with a number of the problem that belongs elsewhere, in place of one that belongs here."""
    elsewhere = [value for value, text in worked.givens.items() if text[:1].isdigit()]
    elsewhere += list(worked.known_before(step))
    for _, _, number in shuffled(operand_places(worked.steps[step]), random):
        if number.source != GIVEN:
            continue
        for value in shuffled([value for value in elsewhere if value != number.value], random):
            if slip := replace(step, number, value, "a number from another place"):
                yield slip


KIND = Kind("copied", "Copied number", "copied_number", False, slips)
