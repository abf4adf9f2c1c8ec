"""Cohen's kappa of two raters, weighted or not, and their confusion matrix. Knows nothing about what codes mean."""

from __future__ import annotations

from enum import StrEnum
from itertools import combinations

import numpy as np

from inference.agreement.bootstrap import Draw, Measure, Value, measured
from inference.agreement.ratings import Floats, Ints, Ratings


class Weights(StrEnum):
    """How much a disagreement counts: each alike, by the distance of the codes, by its square."""

    NONE = "none"
    LINEAR = "linear"
    QUADRATIC = "quadratic"


def confusion(ratings: Ratings, first: int, second: int) -> Ints:
    """Return the counts (codes, codes) of units that both rated: rows what `first` said, columns `second`."""
    _, one, other = _shared(ratings, first, second)
    return np.bincount(one * ratings.codes + other, minlength=ratings.codes**2).reshape(ratings.codes, ratings.codes)


def cohen_kappa(
    ratings: Ratings, first: int, second: int, weights: Weights = Weights.NONE, *, draw: Draw | None = None
) -> Measure:
    """Return Cohen's kappa of two raters over the units that both rated, in [-1, 1]: 0 is agreement by chance.

    Cohen (1960), "A coefficient of agreement for nominal scales"; with weights Cohen (1968), for codes in their order.
    No value where they share no unit, or where both said one and the same word throughout: agreement by chance is
    then certain and kappa is 0/0.
    """
    units, one, other = _shared(ratings, first, second)
    if not len(units):
        return Measure(None, reason="The two share nothing that both rated.")
    parts, value = (_plain if weights == Weights.NONE else _weighted)(one, other, ratings.codes, weights)
    reason = "Both said the same one word throughout: kappa is not defined."
    return measured(parts, ratings.group[units], value, draw or Draw(), reason)


def pairwise(
    ratings: Ratings, weights: Weights = Weights.NONE, *, draw: Draw | None = None
) -> dict[tuple[int, int], Measure]:
    """Return Cohen's kappa of every pair of raters (first < second)."""
    pairs = combinations(range(ratings.raters), 2)
    return {(first, second): cohen_kappa(ratings, first, second, weights, draw=draw) for first, second in pairs}


def _shared(ratings: Ratings, first: int, second: int) -> tuple[Ints, Ints, Ints]:
    """Return the units that both rated and the codes of each."""
    mine, mine_code = ratings.by(first)
    theirs, their_code = ratings.by(second)
    units, at, there = np.intersect1d(mine, theirs, assume_unique=True, return_indices=True)
    return units, mine_code[at], their_code[there]


def _plain(one: Ints, other: Ints, codes: int, weights: Weights) -> tuple[Floats, Value]:
    """Each unit adds whether they agree, and one to what each of them said."""
    parts = np.zeros((len(one), 1 + 2 * codes))
    rows = np.arange(len(one))
    parts[:, 0] = one == other
    parts[rows, 1 + one] = 1
    parts[rows, 1 + codes + other] = 1

    def value(sums: Floats) -> Floats:
        agreed, said, answered = sums[..., 0], sums[..., 1 : 1 + codes], sums[..., 1 + codes :]
        n = said.sum(axis=-1)
        return _kappa(n - agreed, n - (said * answered).sum(axis=-1) / n)

    return parts, value


def _weighted(one: Ints, other: Ints, codes: int, weights: Weights) -> tuple[Floats, Value]:
    """Each unit adds how far they are apart, and one to what each of them said."""
    distance = np.abs(np.arange(codes)[:, None] - np.arange(codes)[None, :]).astype(np.float64)
    if weights == Weights.QUADRATIC:
        distance **= 2
    parts, _ = _plain(one, other, codes, weights)
    parts[:, 0] = distance[one, other]

    def value(sums: Floats) -> Floats:
        apart, said, answered = sums[..., 0], sums[..., 1 : 1 + codes], sums[..., 1 + codes :]
        return _kappa(apart, ((said @ distance) * answered).sum(axis=-1) / said.sum(axis=-1))

    return parts, value


def _kappa(observed: Floats, expected: Floats) -> Floats:
    """Return 1 - observed/expected disagreement, NaN where chance leaves none."""
    defined = expected > 1e-9
    return np.where(defined, 1 - observed / np.where(defined, expected, 1), np.nan)
