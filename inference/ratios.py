"""Ratios of sums (seconds a rating, right of all) with bootstrap intervals. Knows nothing of what is counted."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from inference.intervals import Estimate, checked_level

ROUNDS, SEED = 1000, 20
# Fewer groups than this say too little of the groups that were not drawn.
LEAST_GROUPS = 5

# Of one group: what is summed, and by what it is divided.
Part = tuple[float, float]


def ratio(parts: Sequence[Part], level: float = 0.95) -> Estimate | None:
    """Return sum(above) / sum(below) with a percentile interval from resampling whole groups; None without a below.

    `parts` holds (above, below) of each group, below >= 0 and of any unit. What one group gives is not independent, so
    groups are drawn: cluster bootstrap (Field and Welsh 2007), `ROUNDS` times, seeded. NaN bounds for fewer than
    `LEAST_GROUPS` groups with a below. ValueError unless 0 < level < 1.
    """
    known = [part for part in parts if part[1] > 0]
    if not known:
        return None
    sums = np.asarray(known, dtype=np.float64)
    above, below = sums.sum(axis=0)
    if len(known) < LEAST_GROUPS:
        return Estimate(float(above / below), math.nan, math.nan)
    drawn = _times(len(known)) @ sums
    return Estimate(float(above / below), *_between(drawn[:, 0] / drawn[:, 1], level))


def ratio_difference(pairs: Sequence[tuple[Part, Part]], level: float = 0.95) -> Estimate | None:
    """Return the first ratio minus the second, both measured on each resample of groups; None where one has no below.

    `pairs` holds ((above, below), (above, below)) of each group; a group may have nothing of one of them (0, 0).
    Resamples that lack one are left out. NaN bounds for fewer than `LEAST_GROUPS` groups, or where more than half of
    the resamples lack one. ValueError unless 0 < level < 1.
    """
    sums = np.asarray([(*one, *other) for one, other in pairs if one[1] > 0 or other[1] > 0], dtype=np.float64)
    if not len(sums):
        return None
    one, by_one, other, by_other = sums.sum(axis=0)
    if not by_one or not by_other:
        return None
    value = float(one / by_one - other / by_other)
    if len(sums) < LEAST_GROUPS:
        return Estimate(value, math.nan, math.nan)
    drawn = _times(len(sums)) @ sums
    drawn = drawn[(drawn[:, 1] > 0) & (drawn[:, 3] > 0)]
    if len(drawn) * 2 < ROUNDS:
        return Estimate(value, math.nan, math.nan)
    return Estimate(value, *_between(drawn[:, 0] / drawn[:, 1] - drawn[:, 2] / drawn[:, 3], level))


@lru_cache(maxsize=64)
def _times(groups: int) -> NDArray[np.float32]:
    """Return how often each group is drawn in each round: (ROUNDS, groups)."""
    random = np.random.default_rng(SEED)
    return random.multinomial(groups, np.full(groups, 1 / groups), size=ROUNDS).astype(np.float32)


def _between(values: NDArray[np.float64], level: float) -> tuple[float, float]:
    tail = (1 - checked_level(level)) / 2
    low, high = np.quantile(values, [tail, 1 - tail])
    return float(low), float(high)
