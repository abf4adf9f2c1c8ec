"""Wrong operator: the numbers are right, what is done with them is not."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from inference.planted.kinds import Kind, shuffled, signs
from inference.planted.slips import Slip
from inference.planted.worked import Worked

_OTHERS = {"+": "-*", "-": "+*", "*": "+/", "/": "*-"}
_LATEX = {"*": "\\times", "/": "/", "+": "+", "-": "-"}


def slips(worked: Worked, step: int, random: Random) -> Iterator[Slip]:
    """Yield steps with another operator, written as the solution writes it."""
    here = worked.steps[step]
    style = times(worked)
    for _, token in shuffled(signs(here), random):
        old = here.text[token.start : token.end]
        for sign in shuffled(_OTHERS[token.text], random):
            new = _LATEX[sign] if old.startswith("\\") else style if sign == "*" else sign
            # "60/5" is written without spaces: so is what takes its place.
            yield Slip(step, f"{new} in place of {old}", edits=((token.start, token.end, new),))


def times(worked: Worked) -> str:
    """Return the sign of multiplication that the solution uses."""
    return next(
        (
            step.text[token.start : token.end]
            for step in worked.steps
            for _, token in signs(step)
            if token.text == "*" and step.text[token.start : token.end] in ("×", "x", "*")
        ),
        "×",
    )


KIND = Kind("operator", "Wrong operator", "set_up", False, slips)
