"""What a policy learns from and is measured on: worked solutions in the very form in which an engine is asked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from inference.prompts import problem_prompt, reply_so_far
from inference.sources.base import Sourced
from inference.sources.templates import TemplateSource
from inference.trainers.policy.params import HELD_OUT_SEED

NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")


def worked(*, seed: int, count: int, most_steps: int, largest: int = 0) -> list[Sourced]:
    """Return `count` problems of the templates with at most `most_steps` steps and no number above `largest` (0: any).

    The n-th of a seed never changes. ValueError where the templates give too few.
    """
    drawn = TemplateSource().problems(seed=seed, count=count * 1000)
    found = list(islice((one for one in drawn if len(one.steps) <= most_steps and _small(one, largest)), count))
    if len(found) < count:
        raise ValueError(f"expected {count} problems of at most {most_steps} steps, the templates gave {len(found)}")
    return found


def _small(one: Sourced, largest: int) -> bool:
    return not largest or all(
        float(number.replace(",", "")) <= largest for step in one.steps for number in NUMBER.findall(step)
    )


def held_out(*, count: int, most_steps: int, largest: int = 0, seen: Iterable[Sourced] = ()) -> list[Sourced]:
    """Return problems whose seed no training draws from and whose text is none of `seen`."""
    texts = {one.problem.text for one in seen}
    drawn = worked(seed=HELD_OUT_SEED, count=count + min(len(texts), count), most_steps=most_steps, largest=largest)
    return [one for one in drawn if one.problem.text not in texts][:count]


def lines(one: Sourced) -> tuple[str, str]:
    """Return what is asked and what is to be said, as they stand in a prompt, with the empty line that ends it."""
    return problem_prompt(one.problem.text), f"{reply_so_far(one.steps)}Answer: {one.problem.answer}\n\n"


def packed(parts: Iterable[tuple[Sequence[int], Sequence[int]]], length: int) -> Iterator[tuple[list[int], list[int]]]:
    """Yield texts of exactly `length` tokens, one solution after the other, each with a mask: 1 where one learns."""
    row: list[int] = []
    mask: list[int] = []
    for asked, said in parts:
        row += [*asked, *said]
        mask += [0] * len(asked) + [1] * len(said)
        while len(row) >= length:
            yield row[:length], mask[:length]
            row, mask = row[length:], mask[length:]
