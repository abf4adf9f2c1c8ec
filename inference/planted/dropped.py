"""Dropped condition: a step is left out, or one term of a sum, as if the problem had not said it."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from inference.planted.kinds import Kind, operand_places, shuffled
from inference.planted.slips import Slip
from inference.planted.worked import Worked


def slips(worked: Worked, step: int, random: Random) -> Iterator[Slip]:
    """Yield solutions without this step, whose next step takes up what it started from, and shortened sums."""
    here = worked.steps[step]
    found = [*_left_out(worked, step), *_shortened(worked, step)]
    yield from shuffled([slip for slip in found if here.equations], random)


def _left_out(worked: Worked, step: int) -> Iterator[Slip]:
    here = worked.steps[step]
    if len(here.equations) != 1 or step + 1 >= len(worked.steps):
        return
    gone = here.equations[0].index
    following = worked.steps[step + 1]
    if not any(number.source == gone for _, _, number in operand_places(following)):
        return
    for _, _, number in operand_places(here):
        if number.source >= 0 or number.value in worked.givens:
            yield Slip(step, f"left out: {here.text}", left_out=number.value)


def _shortened(worked: Worked, step: int) -> Iterator[Slip]:
    """Yield sums of three terms or more without the last one."""
    here = worked.steps[step]
    for each in here.equations:
        operators = [token for token in each.left if token.kind == "op"]
        numbers = [token for token in each.left if token.kind == "num"]
        plain = len(numbers) >= 3 and len(operators) == len(numbers) - 1
        if plain and all(token.text in "+-" for token in operators):
            start, end = numbers[-2].end, numbers[-1].end
            yield Slip(step, f"left out: {here.text[start:end].strip()}", edits=((start, end, ""),))


KIND = Kind("dropped", "Dropped condition", "misread", False, slips)
