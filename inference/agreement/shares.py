"""Agreement as plain shares, uncorrected for chance. Knows nothing about what the codes mean."""

from __future__ import annotations

import numpy as np

from inference.agreement.bootstrap import Draw, Measure, measured
from inference.agreement.ratings import Floats, Ratings

ALONE = "No two people rated the same."


def percent_agreement(ratings: Ratings, *, draw: Draw | None = None) -> Measure:
    """Return the share of pairs of words on the same unit that are equal, in [0, 1], pooled over all pairs."""
    counts = ratings.counts()
    size = counts.sum(axis=1)
    paired = size >= 2
    pairs = np.column_stack([(counts * (counts - 1)).sum(axis=1), size * (size - 1)])[paired].astype(np.float64)
    return measured(pairs, ratings.group[paired], _share, draw or Draw(), ALONE)


def unanimous(ratings: Ratings, *, draw: Draw | None = None) -> Measure:
    """Return the share of units with two words at least of which all words are equal, in [0, 1]."""
    counts = ratings.counts()
    size = counts.sum(axis=1)
    paired = size >= 2
    parts = np.column_stack([counts.max(axis=1, initial=0) == size, np.ones_like(size)])[paired].astype(np.float64)
    return measured(parts, ratings.group[paired], _share, draw or Draw(), ALONE)


def with_others(ratings: Ratings, *, draw: Draw | None = None) -> list[Measure]:
    """Return for each rater the share of his pairs with others' words on the same unit that are equal, in [0, 1]."""
    counts = ratings.counts()
    size = counts.sum(axis=1)
    found = []
    for rater in range(ratings.raters):
        unit, code = ratings.by(rater)
        paired = size[unit] >= 2
        unit, code = unit[paired], code[paired]
        parts = np.column_stack([counts[unit, code] - 1, size[unit] - 1]).astype(np.float64)
        found.append(measured(parts, ratings.group[unit], _share, draw or Draw(), ALONE))
    return found


def _share(sums: Floats) -> Floats:
    defined = sums[..., 1] > 0
    return np.where(defined, sums[..., 0] / np.where(defined, sums[..., 1], 1), np.nan)
