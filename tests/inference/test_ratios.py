"""Ratios of sums with intervals from drawing groups again."""

from __future__ import annotations

import math
import random

import pytest

from inference.ratios import ratio, ratio_difference


def test_a_ratio_divides_the_sums_not_the_parts() -> None:
    found = ratio([(10, 1), (10, 9), (0, 0)])
    assert found is not None
    assert found.value == 2
    assert math.isnan(found.low)
    assert ratio([(3, 0)]) is None


def test_the_interval_is_about_as_wide_as_the_linearised_one() -> None:
    draw = random.Random(4)  # noqa: S311 no secret
    parts = [(n * draw.gauss(7, 2), n) for n in (draw.randint(5, 15) for _ in range(60))]
    found = ratio(parts)
    assert found is not None
    total = sum(n for _, n in parts)
    spread = math.sqrt(60 / 59 * sum((above - found.value * n) ** 2 for above, n in parts)) / total

    assert found.high - found.low == pytest.approx(2 * 1.96 * spread, rel=0.12)
    assert found == ratio(parts)


def test_a_difference_draws_both_sides_of_a_group_together() -> None:
    # Groups differ much, but in each the first takes exactly one second less.
    found = ratio_difference([((base * 10, 10), ((base + 1) * 10, 10)) for base in range(2, 12)])
    assert found is not None
    assert (found.value, found.low, found.high) == pytest.approx((-1, -1, -1))
    assert ratio_difference([((1, 1), (0, 0))] * 6) is None
