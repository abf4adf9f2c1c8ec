"""How far probabilities can be taken at their word: p(Right) of steps against what is known of them. No numpy.

A judge that says 0.8 of a hundred steps is calibrated if eighty of them are right.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from inference.intervals import wilson

BINS = 10


@dataclass(frozen=True, slots=True)
class Bin:
    """The steps with p in [low, high) (the last holds 1 too): mean p, the share that is right, its 95 % interval."""

    low: float
    high: float
    mean_p: float
    share_right: float
    low95: float
    high95: float
    n: int


@dataclass(frozen=True, slots=True)
class Calibration:
    """Bins that hold any step, lowest first; both errors are in [0, 1], less is better, NaN for no step at all.

    `ece` is the mean distance of share and mean p, weighted by the bins' steps (expected calibration error, Naeini et
    al. 2015); `brier` the mean squared distance of p and truth (Brier 1950), 0.25 for always 0.5. `always` is the Brier
    score of saying the base rate of every step: a judge that scores no less knows nothing of single steps.
    """

    bins: tuple[Bin, ...]
    ece: float
    brier: float
    always: float
    n: int


def calibration(pairs: Iterable[tuple[float, bool]], bins: int = BINS) -> Calibration:
    """Return the calibration of (p, right?) pairs in `bins` equal bins; ValueError for p outside [0, 1] or no bin."""
    if bins < 1:
        raise ValueError(f"bins: expected at least 1, got {bins}")
    held: list[list[tuple[float, bool]]] = [[] for _ in range(bins)]
    for p, right in pairs:
        if not 0 <= p <= 1:
            raise ValueError(f"expected a probability from 0 to 1, got {p!r}")
        held[min(int(p * bins), bins - 1)].append((p, bool(right)))
    made = tuple(_bin(some, at / bins, (at + 1) / bins) for at, some in enumerate(held) if some)
    told = [pair for some in held for pair in some]
    if not told:
        return Calibration((), math.nan, math.nan, math.nan, 0)
    base = sum(right for _, right in told) / len(told)
    return Calibration(
        made,
        ece=sum(each.n * abs(each.share_right - each.mean_p) for each in made) / len(told),
        brier=sum((p - right) ** 2 for p, right in told) / len(told),
        always=base * (1 - base),
        n=len(told),
    )


def _bin(some: list[tuple[float, bool]], low: float, high: float) -> Bin:
    right = sum(truth for _, truth in some)
    return Bin(low, high, sum(p for p, _ in some) / len(some), right / len(some), *wilson(right, len(some)), len(some))
