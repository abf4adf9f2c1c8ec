"""Percentile intervals of measures that follow from sums over groups. Knows nothing about what is measured."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from inference.agreement.ratings import Floats, Ints
from inference.intervals import checked_level

ROUNDS = 1000
# Drawing how often a kind of group comes costs as much as drawing so many groups one by one.
MULTINOMIAL = 25
# Groups are drawn in pieces of so many, which a processor holds at hand.
PIECE = 100_000
# Sums (…, d) to values (…): NaN where the measure is not defined.
Value = Callable[[Floats], Floats]


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure with its interval; without a value `reason` says why there is none, in a sentence.

    `units` are those that bear on it (two raters at least), `groups` those that were drawn for the interval, which is
    missing (None) for fewer than two groups, or when most resamples leave the measure undefined.
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    units: int = 0
    groups: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Draw:
    """How an interval is drawn: `rounds` resamples (0: no interval) from `seed`, at `level`."""

    rounds: int = ROUNDS
    seed: int = 0
    level: float = 0.95


def measured(parts: Floats, group: Ints, value: Value, draw: Draw, undefined: str) -> Measure:
    """Return the measure of all units with its interval.

    `parts` (units, d) is what each unit adds to the sums that `value` reads; `group` (units,) who is drawn together.
    Groups are drawn with replacement, as many as there are: cluster bootstrap (Efron and Tibshirani 1993, chapter 8;
    Field and Welsh 2007), percentiles of the resamples. `undefined` is the reason where `value` gives NaN.
    """
    units = len(parts)
    sums = by_group(parts, group)
    whole = float(value(parts.sum(axis=0))) if units else float("nan")
    if np.isnan(whole):
        return Measure(None, units=units, groups=len(sums), reason=undefined)
    low, high = _interval(sums, value, draw)
    return Measure(whole, low, high, units, len(sums))


def by_group(parts: Floats, group: Ints) -> Floats:
    """Return the sums of parts (groups, d) of the groups that hold a unit."""
    names, at = np.unique(group, return_inverse=True)
    if len(names) == len(parts):
        return parts
    return np.column_stack([np.bincount(at, weights=column) for column in parts.T])


def _interval(sums: Floats, value: Value, draw: Draw) -> tuple[float | None, float | None]:
    tail = (1 - checked_level(draw.level)) / 2
    if len(sums) < 2 or not draw.rounds:
        return None, None
    drawn = value(_resampled(sums, draw))
    kept = drawn[~np.isnan(drawn)]
    if len(kept) * 2 < draw.rounds:
        return None, None
    low, high = np.quantile(kept, [tail, 1 - tail])
    return float(low), float(high)


def _resampled(sums: Floats, draw: Draw) -> Floats:
    """Return the sums of each resample: (rounds, d). Groups that add the same are drawn together."""
    count = len(sums)
    random = np.random.default_rng(draw.seed)
    kinds, alike = np.unique(sums, axis=0, return_counts=True)
    if len(kinds) * MULTINOMIAL < count:
        return random.multinomial(count, alike / count, size=draw.rounds).astype(np.float64) @ kinds
    pieces = []
    for done in range(0, draw.rounds, step := max(1, PIECE // count)):
        rounds = min(step, draw.rounds - done)
        taken = random.integers(0, count, (rounds, count), dtype=np.int32)
        taken += np.arange(0, rounds * count, count, dtype=np.int32)[:, None]
        times = np.bincount(taken.ravel(), minlength=rounds * count).reshape(rounds, count)
        pieces.append(times @ sums)
    return np.concatenate(pieces)
