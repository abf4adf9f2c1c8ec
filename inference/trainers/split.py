"""Which labelled steps train and which measure. Knows neither rows nor features."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LabelledStep:
    """A step (its tree and seq are the caller's) that counts as correct or wrong; `problem` names its problem."""

    tree: int
    seq: int
    correct: bool
    by_person: bool
    problem: str

    def held_out(self, share: float) -> bool:
        """Whether the step's problem is among the held-out `share` of problems (see `place_of`)."""
        return place_of(self.problem) < share


def place_of(problem: str) -> float:
    """Return a problem's place in [0, 1) by a hash of its name: held out are the places below the share.

    It is the same in every training, so what measures one head never trained another, and a smaller share is held out
    by a larger one too.
    """
    return _unit("held out", problem)


def choose(steps: Sequence[LabelledStep], most: int) -> list[LabelledStep]:
    """Return at most `most` steps (0: all) in the order given: people's first, then problem by problem by a hash."""
    if not most or len(steps) <= most:
        return list(steps)
    order = {step.problem: _unit("order", step.problem) for step in steps}
    ranked = sorted(range(len(steps)), key=lambda at: (not steps[at].by_person, order[steps[at].problem], at))
    return [steps[at] for at in sorted(ranked[:most])]


def _unit(purpose: str, name: str) -> float:
    return int.from_bytes(hashlib.sha256(f"{purpose}\n{name}".encode()).digest()[:8], "big") / 2**64
