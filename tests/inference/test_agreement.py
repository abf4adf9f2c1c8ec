"""Agreement against tables worked out by hand and those that the measures' authors published."""

from __future__ import annotations

import numpy as np
import pytest

from inference.agreement import (
    MISSING,
    Metric,
    Ratings,
    Weights,
    bootstrap,
    cohen_kappa,
    confusion,
    krippendorff_alpha,
    pairwise,
    percent_agreement,
    unanimous,
    until_agree,
    with_others,
)

M = MISSING
# Krippendorff (2011), part C: four observers, twelve units, missing values.
OBSERVERS = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, M, M, M],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, M, 3],
    [M, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, M],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, M],
]
# Two raters, ten units: both right 5, both wrong 2, only the first wrong 1, only the second wrong 2.
PAIR = Ratings.table([[0, 0]] * 5 + [[1, 1]] * 2 + [[1, 0]] + [[0, 1]] * 2)


@pytest.mark.parametrize(
    ("metric", "published"), [(Metric.NOMINAL, 0.743), (Metric.ORDINAL, 0.815), (Metric.INTERVAL, 0.849)]
)
def test_alpha_of_the_published_table(metric: Metric, published: float) -> None:
    found = krippendorff_alpha(Ratings.table(np.transpose(OBSERVERS)), metric)

    # The last unit has one word and says nothing.
    assert found.value == pytest.approx(published, abs=5e-4)
    assert found.units == 11


def test_alpha_by_hand() -> None:
    # Units (0, 0), (0, 1), (1, 1): n = 6, three words 0, three words 1. Do: 2 of 6 words meet another one = 1/3.
    # De = (6² - 3² - 3²) / (6 * 5) = 18/30. Alpha = 1 - (1/3) / (3/5) = 4/9.
    assert krippendorff_alpha(Ratings.table([[0, 0], [0, 1], [1, 1]])).value == pytest.approx(4 / 9)


def test_alpha_of_values_that_are_no_codes() -> None:
    # (1, 1), (1, 5): Do = (0 + 0 + 16 + 16) / 4 = 8; De = 2 * (3 * 16) / (4 * 3) = 8: as by chance.
    ratings = Ratings.table([[0, 0], [0, 1]])

    assert krippendorff_alpha(ratings, Metric.INTERVAL, values=[1, 5]).value == pytest.approx(0)


def test_kappa_by_hand() -> None:
    # Agreed 7 of 10. By chance: first says right 7, wrong 3; second 6 and 4: (42 + 12) / 100 = 0.54.
    assert cohen_kappa(PAIR, 0, 1).value == pytest.approx((0.7 - 0.54) / (1 - 0.54))
    assert confusion(PAIR, 0, 1).tolist() == [[5, 2], [1, 2]]
    assert percent_agreement(PAIR).value == unanimous(PAIR).value == pytest.approx(0.7)


def test_weighted_kappa_counts_how_far_apart_two_are() -> None:
    # Both say 0, 1, 2 once, but (0, 0), (1, 2), (2, 1). Linear: apart 2 of 3; by chance mean |i - j| = 8/9.
    ratings = Ratings.table([[0, 0], [1, 2], [2, 1]])

    assert cohen_kappa(ratings, 0, 1, Weights.LINEAR).value == pytest.approx(1 - (2 / 3) / (8 / 9))
    # Quadratic: apart 2/3; by chance mean (i - j)² = 12/9.
    assert cohen_kappa(ratings, 0, 1, Weights.QUADRATIC).value == pytest.approx(1 - (2 / 3) / (12 / 9))


def test_each_is_held_against_the_others() -> None:
    # The third is alone on the last unit. Pairs of the first: (1 of 2), (1 of 1); of the third: (0 of 2).
    found = with_others(Ratings.table([[0, 0, 1], [1, 1, M], [M, M, 0]]))

    assert [measure.value for measure in found] == pytest.approx([2 / 3, 2 / 3, 0])
    assert [measure.units for measure in found] == [2, 2, 1]


def test_first_errors_agree_where_all_who_spoke_name_the_same() -> None:
    # Step of the first error, 0 for none. Three items with two people; one agrees; the last has one person.
    found = unanimous(Ratings.table([[2, 2, M], [2, 3, 2], [0, M, 4], [5, M, M]], codes=6))

    assert (found.value, found.units) == (pytest.approx(1 / 3), 3)


def test_without_a_pair_or_a_second_word_there_is_a_reason_and_no_number() -> None:
    alone, same = Ratings.table([[0, M], [M, 1]]), Ratings.table([[1, 1], [1, 1]])

    for measure in (krippendorff_alpha(alone), percent_agreement(alone), cohen_kappa(alone, 0, 1), unanimous(alone)):
        assert measure.value is None
        assert measure.reason
    for metric in Metric:
        assert "second word" in krippendorff_alpha(same, metric).reason
    assert "same one word" in cohen_kappa(same, 0, 1).reason
    assert percent_agreement(same).value == 1
    assert krippendorff_alpha(Ratings.table(np.zeros((0, 3)))).value is None


def test_one_of_two_may_say_one_word_only() -> None:
    # Chance is then all that can agree: kappa 0, not undefined.
    assert cohen_kappa(Ratings.table([[0, 0], [0, 1]]), 0, 1).value == pytest.approx(0)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (([0, 0], [1, 1], [0, 1]), "two words"),
        (([0], [0], [3]), "code: expected numbers from 0 below 3"),
        (([0, 1], [0], [0]), "one unit, rater and code"),
    ],
)
def test_bad_ratings_are_refused(words: tuple[list[int], list[int], list[int]], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Ratings.of(*words, codes=3)


def test_an_interval_holds_the_value_and_is_the_same_each_time() -> None:
    once = cohen_kappa(PAIR, 0, 1)

    assert once == cohen_kappa(PAIR, 0, 1)
    assert once.low is not None
    assert once.high is not None
    assert once.value is not None
    assert once.low < once.value < once.high
    # An item alone gives no interval.
    assert krippendorff_alpha(Ratings.table([[0, 1], [1, 1]], group=[0, 0])).low is None


def test_units_of_one_group_are_drawn_together() -> None:
    random = np.random.default_rng(5)
    truth = random.integers(0, 2, 60)
    table = np.column_stack([truth, np.where(random.random(60) < 0.3, 1 - truth, truth)])

    once = krippendorff_alpha(Ratings.table(table))
    copied = krippendorff_alpha(Ratings.table(np.repeat(table, 10, axis=0), group=np.repeat(np.arange(60), 10)))

    # Ten copies of every unit within its group bring no knowledge, so they may not narrow the interval.
    assert (copied.low, copied.high) == pytest.approx((once.low, once.high), abs=0.02)


def test_drawing_kinds_of_groups_is_drawing_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(2)
    table = random.integers(0, 3, (3000, 2))
    table[:, 1] = np.where(random.random(3000) < 0.6, table[:, 0], table[:, 1])

    by_kind = krippendorff_alpha(Ratings.table(table))
    monkeypatch.setattr(bootstrap, "MULTINOMIAL", 3001)
    one_by_one = krippendorff_alpha(Ratings.table(table))

    assert (by_kind.low, by_kind.high) == pytest.approx((one_by_one.low, one_by_one.high), abs=0.004)
    assert by_kind != one_by_one


@pytest.mark.parametrize(
    ("named", "kind", "after", "first_error"),
    [
        ([2, 2, 2], "agreed", 3, 2),
        ([2, None, 2, 2], "agreed", 4, 2),
        ([None, 2, 2, None, None], "agreed", 5, None),
        ([1, 2, 1, 2, 3], "dropped", 5, None),
        ([1, 2, 1, 2, 3, 1], "dropped", 5, None),
        ([1, 2, 3, 4], "open", 4, None),
        ([], "open", 0, None),
        ([4, 4, 4, 1], "agreed", 3, 4),
    ],
)
def test_until_three_agree_else_drop(named: list[int | None], kind: str, after: int, first_error: int | None) -> None:
    found = until_agree(named)

    assert (found.kind, found.after, found.first_error) == (kind, after, first_error)


def test_every_pair_is_measured() -> None:
    found = pairwise(Ratings.table([[0, 0, 1], [1, 1, 0], [0, 0, 0], [1, 1, 1]]))

    assert {pair: measure.value for pair, measure in found.items()} == {(0, 1): 1, (0, 2): 0, (1, 2): 0}
