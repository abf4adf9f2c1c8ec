"""From the scores of a path's steps to one score of the path (Lightman et al. 2023, arXiv:2305.20050, appendix F)."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

REDUCTIONS: dict[str, Callable[[Sequence[float]], float]] = {
    "min": min,
    "product": math.prod,
    "last": lambda scores: scores[-1],
}


def reduce(scores: Sequence[float], how: str) -> float:
    """Return one score in [0, 1] of a path from its steps' p(correct), in order.

    "min": the weakest step; "product": p(every step is correct) if they were independent; "last": the end of the path.
    ValueError for a path without scores, a score outside [0, 1], or an unknown reduction.
    """
    if how not in REDUCTIONS:
        raise ValueError(f"{how!r} is no reduction; expected {', '.join(REDUCTIONS)}")
    if not scores:
        raise ValueError("a path without scores has no score")
    for at, score in enumerate(scores):
        if not 0.0 <= score <= 1.0:
            raise ValueError(f"score {at}: expected a number from 0 to 1, got {score!r}")
    return float(REDUCTIONS[how](scores))
