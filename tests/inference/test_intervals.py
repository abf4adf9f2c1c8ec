"""Differences between pairs: checked against values worked out by hand and against tables."""

from __future__ import annotations

import math

import pytest

from inference.intervals import mcnemar, mean_difference, share_difference


def test_mcnemar_is_the_doubled_tail_of_the_coin() -> None:
    assert mcnemar(0, 0) == 1
    assert mcnemar(2, 2) == 1
    assert mcnemar(1, 3) == pytest.approx(2 * (1 + 4) / 16)
    assert mcnemar(10, 0) == mcnemar(0, 10) == pytest.approx(2 / 1024)
    assert 0 < mcnemar(4000, 6000) < 1e-80


def test_a_difference_of_paired_shares_has_the_adjusted_interval() -> None:
    found = share_difference(1, 3, 10)
    assert found.value == pytest.approx(0.2)
    middle, half = 2 / 12, 1.959964 * math.sqrt((6 / 12 - (2 / 12) ** 2) / 12)
    assert (found.low, found.high) == pytest.approx((middle - half, middle + half))
    assert share_difference(3, 1, 10).low == pytest.approx(-found.high)
    assert share_difference(0, 10, 10).high <= 1
    assert (share_difference(0, 0, 0).low, share_difference(0, 0, 0).high) == (-1, 1)
    with pytest.raises(ValueError, match="within 3 pairs"):
        share_difference(2, 2, 3)


@pytest.mark.parametrize(("pairs", "quantile"), [(3, 4.303), (5, 2.776), (10, 2.262), (30, 2.045), (10_000, 1.960)])
def test_a_mean_difference_has_students_interval(pairs: int, quantile: float) -> None:
    found = mean_difference(-2.0, 1.5, pairs)
    half = quantile * 1.5 / math.sqrt(pairs)
    assert found.low == pytest.approx(-2 - half, abs=0.01 * half)
    assert found.high == pytest.approx(-2 + half, abs=0.01 * half)


def test_two_pairs_are_too_few_for_an_interval() -> None:
    assert math.isnan(mean_difference(1.0, 1.0, 2).low)
