"""Intervals of shares and of differences between pairs, without numpy. Knows nothing about runs, trees or models."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with its interval."""

    value: float
    low: float
    high: float


def wilson(successes: int, trials: int, level: float = 0.95) -> tuple[float, float]:
    """Return the Wilson score interval of a proportion, within [0, 1]; (0, 1) for no trials (Wilson 1927).

    ValueError unless 0 <= successes <= trials and 0 < level < 1.
    """
    if not 0 <= successes <= trials:
        raise ValueError(f"expected 0 <= successes <= trials, got {successes} of {trials}")
    z = _normal(level)
    if trials == 0:
        return 0.0, 1.0
    share, spread = successes / trials, z * z / trials
    middle = (share + spread / 2) / (1 + spread)
    half = z / (1 + spread) * math.sqrt(share * (1 - share) / trials + spread / (4 * trials))
    return max(0.0, middle - half), min(1.0, middle + half)


def share_difference(only_first: int, only_second: int, pairs: int, level: float = 0.95) -> Estimate:
    """Return the second share minus the first, in [-1, 1], with an interval, from cases that only one of them has.

    The adjusted Wald interval for paired proportions (Bonett and Price 2012, "Adjusted Wald confidence interval for a
    difference of binomial proportions based on paired data"): one pair is added to each discordant count. For no pairs
    the interval is (-1, 1). ValueError unless 0 <= only_first + only_second <= pairs, none negative.
    """
    if min(only_first, only_second) < 0 or only_first + only_second > pairs:
        raise ValueError(f"expected counts within {pairs} pairs, got {only_first} and {only_second}")
    if not pairs:
        return Estimate(0.0, -1.0, 1.0)
    first, second = (only_first + 1) / (pairs + 2), (only_second + 1) / (pairs + 2)
    middle = second - first
    half = _normal(level) * math.sqrt((first + second - middle**2) / (pairs + 2))
    return Estimate((only_second - only_first) / pairs, max(middle - half, -1.0), min(middle + half, 1.0))


def mcnemar(only_first: int, only_second: int) -> float:
    """Return the exact two-sided p of McNemar's test (1947): how likely so uneven a split is if both are alike.

    The binomial of the discordant pairs at 1/2, doubled, at most 1; 1 for no discordant pair.
    """
    total, least = only_first + only_second, min(only_first, only_second)
    scale = math.lgamma(total + 1) - total * math.log(2)
    tail = math.fsum(
        math.exp(scale - math.lgamma(count + 1) - math.lgamma(total - count + 1)) for count in range(least + 1)
    )
    return min(1.0, 2 * tail)


def mean_difference(mean: float, spread: float, pairs: int, level: float = 0.95) -> Estimate:
    """Return a mean difference of pairs with Student's t interval; `spread` is the differences' sample deviation.

    Of fewer than three pairs too little is known: NaN bounds. The quantile of t is Fisher and Cornish's expansion
    (1960; Abramowitz and Stegun 26.7.5), within 1 % for three pairs and closer for more.
    """
    if pairs < 3:
        return Estimate(mean, math.nan, math.nan)
    half = _student(pairs - 1, level) * spread / math.sqrt(pairs)
    return Estimate(mean, mean - half, mean + half)


def _student(freedom: int, level: float) -> float:
    z = _normal(level)
    terms = (
        z,
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    return math.fsum(term / freedom**power for power, term in enumerate(terms))


def checked_level(level: float) -> float:
    if not 0 < level < 1:
        raise ValueError(f"level: expected a number between 0 and 1, got {level!r}")
    return level


def _normal(level: float) -> float:
    return NormalDist().inv_cdf(0.5 + checked_level(level) / 2)
