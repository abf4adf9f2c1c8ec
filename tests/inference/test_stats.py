"""Statistics against values worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from inference.intervals import wilson
from inference.stats import auroc, auroc_difference, auroc_interval


def test_auroc_counts_pairs_in_the_right_order_and_ties_as_half() -> None:
    # Positives 0.8, 0.4; negatives 0.6, 0.4, 0.1: pairs won 3 + 1, one tie.
    assert auroc([0.8, 0.4, 0.6, 0.4, 0.1], [1, 1, 0, 0, 0]) == pytest.approx(4.5 / 6)


def test_weights_count_rows_several_times() -> None:
    scores, labels, times = [0.9, 0.2, 0.5], [1, 1, 0], [3, 1, 2]

    repeated = auroc([0.9, 0.9, 0.9, 0.2, 0.5, 0.5], [1, 1, 1, 1, 0, 0])

    assert auroc(scores, labels, times) == pytest.approx(repeated) == pytest.approx(0.75)


def test_auroc_of_one_class_is_no_number_and_bad_input_is_refused() -> None:
    assert math.isnan(auroc([0.1, 0.2], [1, 1]))
    assert math.isnan(auroc([], []))
    with pytest.raises(ValueError, match="one label a score"):
        auroc([0.1, 0.2], [1])
    with pytest.raises(ValueError, match="not a number"):
        auroc([0.1, math.nan], [1, 0])


def test_the_interval_resamples_whole_problems() -> None:
    random = np.random.default_rng(3)
    labels = random.integers(0, 2, 40)
    scores = labels + random.normal(0, 1.5, 40)
    groups = [f"p{at // 2}" for at in range(40)]

    once = auroc_interval(scores, labels, groups, rounds=500)
    tenfold = auroc_interval(np.tile(scores, 10), np.tile(labels, 10), groups * 10, rounds=500)

    # Ten copies of every row within its problem bring no knowledge, so they may not narrow the interval.
    assert once.low < once.value < once.high
    assert (tenfold.value, tenfold.low, tenfold.high) == pytest.approx((once.value, once.low, once.high))


def test_the_difference_is_paired_and_a_head_does_not_differ_from_itself() -> None:
    labels = [1, 0, 1, 0, 1, 0, 1, 0]
    good = [0.9, 0.1, 0.8, 0.2, 0.7, 0.3, 0.6, 0.4]
    groups = [f"p{at // 2}" for at in range(8)]

    same = auroc_difference(good, good, labels, groups, rounds=200)
    better = auroc_difference(good, [1 - score for score in good], labels, groups, rounds=200)

    assert (same.value, same.low, same.high) == (0, 0, 0)
    assert (better.value, better.low, better.high) == (1, 1, 1)


def test_too_few_problems_give_no_interval() -> None:
    found = auroc_interval([0.9, 0.1], [1, 0], ["a", "b"], rounds=200)

    assert found.value == 1
    # A resample of two problems holds both classes half of the time; of one problem each, never.
    assert math.isnan(auroc_interval([0.9, 0.8], [1, 1], ["a", "b"], rounds=50).low)


def test_wilson_interval_of_five_in_ten() -> None:
    # By hand, z = 1.959964: middle 0.5, half = 0.2634.
    assert wilson(5, 10) == pytest.approx((0.2366, 0.7634), abs=1e-4)
    assert wilson(0, 10) == pytest.approx((0.0, 0.2775), abs=1e-4)
    assert wilson(0, 0) == (0.0, 1.0)
    with pytest.raises(ValueError, match="3 of 2"):
        wilson(3, 2)
