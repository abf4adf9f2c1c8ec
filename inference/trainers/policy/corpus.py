"""What a policy learns from and is measured on: worked solutions in the very form in which an engine is asked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from inference.prompts import problem_prompt, reply_so_far
from inference.sources.base import Sourced
from inference.sources.templates import TemplateSource
from inference.trainers.policy.params import HELD_OUT_SEED


def worked(*, seed: int, count: int, most_steps: int) -> list[Sourced]:
    """Return `count` problems of the templates with at most `most_steps` steps; the n-th of a seed never changes."""
    drawn = TemplateSource().problems(seed=seed, count=count * 20)
    return list(islice((one for one in drawn if len(one.steps) <= most_steps), count))


def held_out(*, count: int, most_steps: int, seen: Iterable[Sourced] = ()) -> list[Sourced]:
    """Return problems whose seed no training draws from and whose text is none of `seen`."""
    texts = {one.problem.text for one in seen}
    drawn = worked(seed=HELD_OUT_SEED, count=count + len(texts), most_steps=most_steps)
    return [one for one in drawn if one.problem.text not in texts][:count]


def lines(one: Sourced) -> str:
    """Return a worked solution as it stands in a prompt, with the empty line that ends it."""
    return f"{problem_prompt(one.problem.text)}{reply_so_far(one.steps)}Answer: {one.problem.answer}\n\n"


def packed(tokens: Sequence[Sequence[int]], length: int) -> Iterator[list[int]]:
    """Yield texts of exactly `length` tokens: the solutions one after the other, as after the few-shot examples."""
    row: list[int] = []
    for part in tokens:
        row += part
        while len(row) >= length:
            yield row[:length]
            row = row[length:]
