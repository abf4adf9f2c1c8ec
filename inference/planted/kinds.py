"""What a kind of error is: a name, the label category that it belongs to, and the slips it can make in a step."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from random import Random
from typing import TypeVar

from inference.planted.numerals import written
from inference.planted.slips import Slip
from inference.planted.worked import Equation, Number, Worked, WorkedStep
from inference.verifiers.claims.tokens import Token

T = TypeVar("T")
Slips = Callable[[Worked, int, Random], Iterator[Slip]]


@dataclass(frozen=True, slots=True)
class Kind:
    """`slips(worked, step, random)` yields changes to that step, in random order; most need not lead anywhere.

    `category` is a key of the default label scheme. `breaks` says whether the equation written is itself false, which
    a tool can see; else the wrong equation is computed correctly.
    """

    id: str
    title: str
    category: str
    breaks: bool
    slips: Slips


def shuffled(items: Sequence[T], random: Random) -> list[T]:
    """Return the items in another order."""
    return random.sample(list(items), len(items))


def operand_places(step: WorkedStep) -> list[tuple[int, Equation, Number]]:
    """Return (order of the equation, equation, number) for every operand, those inside LaTeX fractions left out."""
    return [
        (order, equation, step.numbers[at])
        for order, equation in enumerate(step.equations)
        for at in step.operands(equation)
        if step.text[step.numbers[at].start - 1 : step.numbers[at].start] != "{"
    ]


def replace(step: int, number: Number, value: Fraction, note: str) -> Slip | None:
    """Return the slip that writes `value` in place of a number, None where it cannot be written."""
    shown = written(value, number.text)
    if shown is None or value == number.value:
        return None
    return Slip(step, f"{note}: {shown} in place of {number.text}", edits=((number.start, number.end, shown),))


def signs(step: WorkedStep) -> list[tuple[Equation, Token]]:
    """Return the operators between the operands of each equation."""
    return [
        (each, token) for each in step.equations for token in each.left if token.kind == "op" and token.text in "+-*/"
    ]
