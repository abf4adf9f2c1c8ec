"""Calibration computed by hand."""

from __future__ import annotations

import math

import pytest

from inference.verifiers.calibration import calibration


def test_bins_errors_and_intervals_are_those_computed_by_hand() -> None:
    found = calibration([(0.1, False), (0.1, True), (0.9, True), (0.9, True), (1.0, False)], bins=5)
    assert [(each.low, each.high, each.n) for each in found.bins] == [(0.0, 0.2, 2), (0.8, 1.0, 3)]
    low, high = found.bins
    assert (low.mean_p, low.share_right) == pytest.approx((0.1, 0.5))
    assert (high.mean_p, high.share_right) == pytest.approx((2.8 / 3, 2 / 3))
    assert found.ece == pytest.approx((2 * 0.4 + 3 * (2.8 / 3 - 2 / 3)) / 5)
    assert found.brier == pytest.approx((0.01 + 0.81 + 0.01 + 0.01 + 1.0) / 5)
    assert found.always == pytest.approx(0.6 * 0.4) and found.n == 5
    assert high.low95 < 2 / 3 < high.high95 and low.low95 == pytest.approx(1 - low.high95)


def test_who_is_always_sure_and_right_has_no_error() -> None:
    found = calibration([(1.0, True), (0.0, False)] * 5)
    assert (found.ece, found.brier, found.always) == (0.0, 0.0, 0.25)


def test_nothing_is_known_of_nothing() -> None:
    found = calibration([])
    assert found.bins == () and found.n == 0 and math.isnan(found.ece) and math.isnan(found.brier)


@pytest.mark.parametrize("p", [-0.1, 1.1, math.nan, math.inf])
def test_what_is_no_probability_is_refused(p: float) -> None:
    with pytest.raises(ValueError, match="expected a probability from 0 to 1"):
        calibration([(p, True)])
    with pytest.raises(ValueError, match="at least 1"):
        calibration([(0.5, True)], bins=0)
