"""Where checkable problems are from: generators of problems with answers, a file each. `generated` yields them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from inference.sources.base import Source, Sourced
from inference.sources.params import MIXED, REASONING_GYM, SourceParams
from inference.sources.reasoning_gym import GymSource, NotInstalled
from inference.sources.templates import MOST_STEPS, TemplateSource

__all__ = ["NotInstalled", "Source", "Sourced", "SourceParams", "generated"]
# How many steps a story of each difficulty has.
STEPS = {"1": (2, 2), "2": (3, 3), "3": (4, 4), "4": (5, 6), "5": (7, 8)}
ENDLESS = 2**62
MOST_MISSES = 5_000


def generated(params: SourceParams) -> Iterator[Sourced]:
    """Yield the problems that the settings ask for, all with different texts; the same ones every time.

    Fewer than `params.count` where a generator knows no more. NotInstalled where its package is missing.
    """
    generator = params.made_by
    if generator.source == REASONING_GYM:
        difficulty = None if params.difficulty == MIXED else int(params.difficulty)
        return GymSource(generator.name, difficulty).problems(seed=params.seed, count=params.count)
    return islice(_stories(params), params.count)


def _stories(params: SourceParams) -> Iterator[Sourced]:
    least, most = STEPS.get(params.difficulty, (0, 99))
    short = min(most, MOST_STEPS) if params.largest else MOST_STEPS
    misses = 0
    for made in TemplateSource(most_steps=short, largest=params.largest).problems(seed=params.seed, count=ENDLESS):
        if least <= len(made.steps) <= most:
            yield made
        misses = 0 if least <= len(made.steps) <= most else misses + 1
        if misses > MOST_MISSES:
            return
