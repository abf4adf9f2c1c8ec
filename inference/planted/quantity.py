"""Wrong quantity: a number of the problem is misread, there and wherever it is used afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from random import Random

from inference.planted.kinds import Kind, operand_places, shuffled
from inference.planted.numerals import exact, written
from inference.planted.slips import Slip
from inference.planted.worked import GIVEN, Number, Worked


def slips(worked: Worked, step: int, random: Random) -> Iterator[Slip]:
    """Yield misreadings of the givens that this step is the first to use."""
    used = {number.value for part in worked.steps[:step] for number in part.numbers if number.source == GIVEN}
    for _, _, number in shuffled(operand_places(worked.steps[step]), random):
        if number.source != GIVEN or number.value in used or not worked.givens[number.value][:1].isdigit():
            continue
        for value in shuffled(misreadings(number), random):
            if value in worked.givens or written(value, number.text) is None:
                continue
            note = f"{number.text} read as {written(value, number.text)}"
            yield Slip(step, note, misread={number.value: value})


def misreadings(number: Number) -> list[Fraction]:
    """Return what a number may be taken for: digits swapped, one digit other, one dropped or doubled."""
    digits = number.text
    found = {
        digits[:at] + digits[at + 1] + digits[at] + digits[at + 2 :]
        for at in range(len(digits) - 1)
        if digits[at].isdigit() and digits[at + 1].isdigit()
    }
    for at, digit in enumerate(digits):
        if digit.isdigit():
            found |= {
                digits[:at] + str(int(digit) + by) + digits[at + 1 :]
                for by in (-2, -1, 1, 2)
                if 0 <= int(digit) + by <= 9
            }
    values = {exact(text) for text in found if text and text[0] != "0"}
    return sorted(value for value in values if value is not None and value != number.value and value > 1)


KIND = Kind("quantity", "Wrong quantity", "misread", False, slips)
