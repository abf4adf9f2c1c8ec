"""Planting: a seeded choice of step and slip, carried on exactly and checked before it is given out.

The randomness is keyed by (seed, problem, kind, number), so that a wrong solution is the same whatever else is planted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from random import Random

from inference.planted.check import faults
from inference.planted.kinds import Kind
from inference.planted.slips import carry
from inference.planted.worked import Worked

TRIES = 12
"""Slips tried at one step before the next step is."""


@dataclass(frozen=True, slots=True)
class Planted:
    """A wrong solution. Steps before `first_error` (from 0) are the right solution's; that step is wrong.

    `breaks` says whether its equation is false as it stands; `note` says what was done.
    """

    kind: str
    number: int
    steps: tuple[str, ...]
    first_error: int
    answer: str
    breaks: bool
    note: str


def plant(worked: Worked, kind: Kind, *, seed: int, number: int = 0) -> Planted | None:
    """Return the wrong solution of this kind and number, None where the solution gives no room for it."""
    random = dice(seed, worked.problem, kind.id, number)
    for step in random.sample(range(len(worked.steps)), len(worked.steps)):
        for tried, slip in enumerate(kind.slips(worked, step, random)):
            if tried == TRIES:
                break
            carried = carry(worked, slip)
            if carried is None or faults(worked, carried.steps, carried.first_error):
                continue
            return Planted(kind.id, number, carried.steps, carried.first_error, carried.answer, kind.breaks, slip.note)
    return None


def plant_some(worked: Worked, kinds: Sequence[Kind], *, seed: int, many: int) -> list[Planted]:
    """Return up to `many` wrong solutions, all different, the kinds in turn in an order of the problem's own."""
    order = dice(seed, worked.problem, "order", 0).sample(list(kinds), len(kinds))
    found: list[Planted] = []
    seen = {worked.texts}
    for number in range(many):
        for kind in order:
            if len(found) == many:
                return found
            made = plant(worked, kind, seed=seed, number=number)
            if made is not None and made.steps not in seen:
                seen.add(made.steps)
                found.append(made)
    return found


def dice(seed: int, problem: str, kind: str, number: int) -> Random:
    """Return randomness of its own for a problem, a kind of error and a number."""
    key = f"{seed}\n{kind}\n{number}\n{problem}".encode()
    return Random(int.from_bytes(blake2b(key, digest_size=16).digest(), "big"))  # noqa: S311 no secret
