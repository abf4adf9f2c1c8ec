"""What a policy learns from and is measured on: worked solutions in the very form in which an engine is asked."""

from __future__ import annotations

import re
import sys
from collections.abc import Collection, Iterable, Iterator, Sequence
from hashlib import blake2b
from itertools import cycle, islice

from inference.planted.worked import Unfit, read
from inference.prompts import problem_prompt, reply_so_far
from inference.sources.base import Source, Sourced
from inference.sources.reasoning_gym import MODULES as GYM
from inference.sources.reasoning_gym import GymSource
from inference.sources.templates import TemplateSource
from inference.trainers.policy.params import HELD_OUT_SEED

NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
TURNS = ("stories", "gsm_symbolic", "stories", "leg_counting")
"""Whose turn it is: half of the problems are stories of our own, a quarter of each of two gym generators."""
MOST_UNFIT = 10_000


def worked(*, seed: int, count: int, most_steps: int, largest: int = 0) -> list[Sourced]:
    """Return `count` problems with at most `most_steps` steps and no number above `largest` (0: any) in them.

    The n-th of a seed never changes. Every equation of every step is exact. NotInstalled where reasoning-gym is
    missing; ValueError where the generators give too few.
    """
    found = list(islice(drawing(seed=seed, most_steps=most_steps, largest=largest), count))
    if len(found) < count:
        raise ValueError(f"expected {count} problems of at most {most_steps} steps, the generators gave {len(found)}")
    return found


def drawing(*, seed: int, most_steps: int, largest: int = 0) -> Iterator[Sourced]:
    """Yield the problems of a seed one by one until a generator has no other."""
    sources: dict[str, Source] = {name: GymSource(name) for name in TURNS if name in GYM}
    sources["stories"] = TemplateSource(most_steps=most_steps, largest=largest)
    drawn = {
        name: _fit(source.problems(seed=seed, count=sys.maxsize), most_steps, largest)
        for name, source in sources.items()
    }
    for name in cycle(TURNS):
        one = next(drawn[name], None)
        if one is None:
            return
        yield one


def _fit(problems: Iterator[Sourced], most_steps: int, largest: int) -> Iterator[Sourced]:
    """Yield the problems whose worked solution is short, small and exact; end where none has come for long."""
    unfit = 0
    for one in problems:
        if _fits(one, most_steps, largest):
            unfit = 0
            yield one
        elif (unfit := unfit + 1) == MOST_UNFIT:
            return


def _fits(one: Sourced, most_steps: int, largest: int) -> bool:
    if not 0 < len(one.steps) <= most_steps or not _small(one, largest):
        return False
    try:
        read(one.problem.text, one.steps, one.problem.answer)
    except Unfit:
        return False
    return True


def _small(one: Sourced, largest: int) -> bool:
    return not largest or all(
        float(number.replace(",", "")) <= largest for step in one.steps for number in NUMBER.findall(step)
    )


def held_out(*, count: int, most_steps: int, largest: int = 0, seen: Collection[str] = ()) -> list[Sourced]:
    """Return problems whose seed no training draws from and whose mark is none of `seen`."""
    drawn = worked(seed=HELD_OUT_SEED, count=count + min(len(seen), count), most_steps=most_steps, largest=largest)
    return [one for one in drawn if mark(one) not in seen][:count]


def mark(one: Sourced) -> str:
    """Return what stands for a problem's text where the text itself is not kept."""
    return blake2b(" ".join(one.problem.text.split()).encode(), digest_size=8).hexdigest()


def lines(one: Sourced) -> tuple[str, str]:
    """Return what is asked and what is to be said, as they stand in a prompt, with the empty line that ends it."""
    return problem_prompt(one.problem.text), f"{reply_so_far(one.steps)}Answer: {one.problem.answer}\n\n"


def packed(
    parts: Iterable[tuple[Sequence[int], Sequence[int]]], length: int, filler: int
) -> Iterator[tuple[list[int], list[int]]]:
    """Yield texts of exactly `length` tokens, each with a mask: 1 where one learns.

    Whole solutions stand one after the other, and `filler` where the next would not fit; one longer than a text is left
    out.
    """
    row: list[int] = []
    mask: list[int] = []

    def full() -> tuple[list[int], list[int]]:
        rest = length - len(row)
        return row + [filler] * rest, mask + [0] * rest

    for asked, said in parts:
        if len(asked) + len(said) > length:
            continue
        if len(row) + len(asked) + len(said) > length:
            yield full()
            row, mask = [], []
        row += [*asked, *said]
        mask += [0] * len(asked) + [1] * len(said)
    if row:
        yield full()
