"""Statistics of what is measured: AUROC, problem-clustered bootstrap. Knows nothing about models."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from inference.intervals import Estimate, checked_level

Floats = NDArray[np.float64]
ROUNDS = 2000


def auroc(scores: ArrayLike, labels: ArrayLike, weights: ArrayLike | None = None) -> float:
    """Return P(a positive scores above a negative), ties counted half, in [0, 1]; NaN when a class is missing.

    `scores` (n,) numbers, `labels` (n,) truth, `weights` (n,) >= 0 (how often each row counts), default 1. The
    Mann-Whitney form (Hanley and McNeil 1982). ValueError for arrays of different lengths or a score that is NaN.
    """
    return _Ranking(scores, labels).auroc(None if weights is None else np.asarray(weights, dtype=np.float64))


def auroc_interval(
    scores: ArrayLike,
    labels: ArrayLike,
    groups: Sequence[object],
    *,
    seed: int = 0,
    rounds: int = ROUNDS,
    level: float = 0.95,
) -> Estimate:
    """Return the AUROC with a percentile interval from resampling whole groups.

    Steps of a problem are not independent, so problems are drawn: cluster bootstrap (Field and Welsh 2007). NaN
    bounds when fewer than half of the resamples hold both classes.
    """
    ranking = _Ranking(scores, labels)
    draws = [ranking.auroc(weights) for weights in _resamples(groups, seed, rounds)]
    return Estimate(ranking.auroc(None), *_percentiles(draws, level))


def auroc_difference(
    new: ArrayLike,
    old: ArrayLike,
    labels: ArrayLike,
    groups: Sequence[object],
    *,
    seed: int = 0,
    rounds: int = ROUNDS,
    level: float = 0.95,
) -> Estimate:
    """Return AUROC(new) - AUROC(old) on the same rows, both measured on each resample of groups (a paired interval)."""
    one, other = _Ranking(new, labels), _Ranking(old, labels)
    draws = [one.auroc(weights) - other.auroc(weights) for weights in _resamples(groups, seed, rounds)]
    return Estimate(one.auroc(None) - other.auroc(None), *_percentiles(draws, level))


class _Ranking:
    """Rows sorted once by score, so that each resample costs a pass over them."""

    def __init__(self, scores: ArrayLike, labels: ArrayLike) -> None:
        values = np.asarray(scores, dtype=np.float64)
        truth = np.asarray(labels, dtype=bool)
        if values.ndim != 1 or values.shape != truth.shape:
            raise ValueError(f"expected one label a score, got shapes {values.shape} and {truth.shape}")
        if np.isnan(values).any():
            raise ValueError("a score is not a number")
        self._order = np.argsort(values, kind="stable")
        self._positive = truth[self._order].astype(np.float64)
        ranked = values[self._order]
        self._starts = np.flatnonzero(np.r_[True, ranked[1:] != ranked[:-1]]) if len(ranked) else np.zeros(0, int)

    def auroc(self, weights: Floats | None) -> float:
        if not len(self._starts):
            return math.nan
        weight = np.ones(len(self._order)) if weights is None else weights[self._order]
        positive = np.add.reduceat(weight * self._positive, self._starts)
        negative = np.add.reduceat(weight * (1 - self._positive), self._starts)
        pairs = float(positive.sum() * negative.sum())
        if pairs == 0:
            return math.nan
        below = np.cumsum(negative) - negative
        return float((positive * (below + negative / 2)).sum() / pairs)


def _resamples(groups: Sequence[object], seed: int, rounds: int) -> Iterator[Floats]:
    """Yield for each round how often each row counts when as many groups as there are are drawn with replacement."""
    names: dict[object, int] = {}
    group = np.array([names.setdefault(name, len(names)) for name in groups], dtype=np.int64)
    random = np.random.default_rng(seed)
    count = len(names)
    for _ in range(rounds if count else 0):
        times = np.bincount(random.integers(0, count, count), minlength=count)
        yield times[group].astype(np.float64)


def _percentiles(draws: Sequence[float], level: float) -> tuple[float, float]:
    tail = (1 - checked_level(level)) / 2
    kept = [draw for draw in draws if not math.isnan(draw)]
    if len(kept) * 2 < len(draws) or not kept:
        return math.nan, math.nan
    low, high = np.quantile(kept, [tail, 1 - tail])
    return float(low), float(high)
