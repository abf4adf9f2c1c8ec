"""Krippendorff's alpha for any number of raters, with missing words. Knows nothing about what the codes mean."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

import numpy as np

from inference.agreement.bootstrap import Draw, Measure, Value, measured
from inference.agreement.ratings import Floats, Ratings

# A table of coincidences holds so many codes at most (ordinal only).
MOST_ORDINAL = 64


class Metric(StrEnum):
    """How far two codes are apart: equal or not, ranks between them, difference of their values."""

    NOMINAL = "nominal"
    ORDINAL = "ordinal"
    INTERVAL = "interval"


def krippendorff_alpha(
    ratings: Ratings,
    metric: Metric = Metric.NOMINAL,
    *,
    values: Sequence[float] | None = None,
    draw: Draw | None = None,
) -> Measure:
    """Return 1 - Do/De in (-inf, 1]: 1 all agree, 0 as by chance, below 0 worse.

    Krippendorff (2011), "Computing Krippendorff's alpha-reliability"; Do is the disagreement within units, De that of
    all words paired at random. Units with fewer than two words say nothing and are left out. `values` (codes,) are
    what the codes stand for under `interval` (default: the code itself); under `ordinal` codes are in their order.
    No value where no unit has two words, or where all the paired words are equal: then De is 0.
    ValueError for `values` of another length, or more than 64 ordinal codes.
    """
    counts = ratings.counts().astype(np.float64)
    paired = counts.sum(axis=1) >= 2
    counts, group = counts[paired], ratings.group[paired]
    parts, value = _METRICS[Metric(metric)](counts, _values(ratings, values))
    if not len(counts):
        return Measure(None, reason="No two people rated the same.")
    reason = "All that was said is the same: without a second word alpha is not defined."
    return measured(parts, group, value, draw or Draw(), reason)


def _values(ratings: Ratings, values: Sequence[float] | None) -> Floats:
    if values is None:
        return np.arange(ratings.codes, dtype=np.float64)
    if len(values) != ratings.codes:
        raise ValueError(f"expected {ratings.codes} values, got {len(values)}")
    return np.asarray(values, dtype=np.float64)


def _nominal(counts: Floats, values: Floats) -> tuple[Floats, Value]:
    """Each unit adds its counts, and the words that a fellow of the unit agrees with."""
    size = counts.sum(axis=1)
    agreeing = (counts * (counts - 1)).sum(axis=1) / (size - 1)

    def value(sums: Floats) -> Floats:
        said, agreed = sums[..., :-1], sums[..., -1]
        n = said.sum(axis=-1)
        observed = n - agreed
        expected = (n**2 - (said**2).sum(axis=-1)) / (n - 1)
        return _ratio(observed, expected)

    return np.column_stack([counts, agreeing]), value


def _interval(counts: Floats, values: Floats) -> tuple[Floats, Value]:
    """Squared differences follow from sums and sums of squares, about the mean of what was said."""
    total = counts.sum()
    centred = values - (counts @ values).sum() / total if total else values
    size, first, second = counts.sum(axis=1), counts @ centred, counts @ centred**2
    within = 2 * (size * second - first**2) / (size - 1)

    def value(sums: Floats) -> Floats:
        n, first, second, within = (sums[..., at] for at in range(4))
        return _ratio(within, 2 * (n * second - first**2) / (n - 1))

    return np.column_stack([size, first, second, within]), value


def _ordinal(counts: Floats, values: Floats) -> tuple[Floats, Value]:
    """Krippendorff's ordinal difference is the squared one of mid ranks, which move with the words drawn."""
    codes = counts.shape[1]
    if codes > MOST_ORDINAL:
        raise ValueError(f"expected at most {MOST_ORDINAL} ordered codes, got {codes}")
    size = counts.sum(axis=1)[:, None, None]
    pairs = counts[:, :, None] * counts[:, None, :]
    pairs[:, np.arange(codes), np.arange(codes)] -= counts
    coincidences = pairs / (size - 1)

    def value(sums: Floats) -> Floats:
        said, table = sums[..., :codes], sums[..., codes:].reshape(*sums.shape[:-1], codes, codes)
        n = said.sum(axis=-1)
        ranks = np.cumsum(said, axis=-1) - said / 2
        apart = (ranks[..., :, None] - ranks[..., None, :]) ** 2
        observed = (table * apart).sum(axis=(-1, -2))
        expected = (said[..., :, None] * said[..., None, :] * apart).sum(axis=(-1, -2)) / (n - 1)
        return _ratio(observed, expected)

    return np.column_stack([counts, coincidences.reshape(len(counts), -1)]), value


_METRICS = {Metric.NOMINAL: _nominal, Metric.ORDINAL: _ordinal, Metric.INTERVAL: _interval}


def _ratio(observed: Floats, expected: Floats) -> Floats:
    """Return 1 - observed/expected, NaN where nothing could differ (sums of floats leave crumbs)."""
    defined = expected > 1e-9
    return np.where(defined, 1 - observed / np.where(defined, expected, 1), np.nan)
