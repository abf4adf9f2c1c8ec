"""Training a head: it finds what separates the classes, says when it cannot, and splits problems once and for all."""

from __future__ import annotations

import numpy as np
import pytest

from inference.engines.fields import SettingError
from inference.scoring.spec import FeatureSpec
from inference.stats import auroc
from inference.trainers.gain import compare, measure
from inference.trainers.head import NotEnoughLabels, target, train_head
from inference.trainers.params import HeadParams
from inference.trainers.split import LabelledStep, choose, place_of
from inference.types import Rating

SPEC = FeatureSpec("words", "words", "")


def some_rows(count: int = 400, size: int = 20):  # type: ignore[no-untyped-def]
    random = np.random.default_rng(1)
    features = random.normal(3, 2, (count, size)).astype(np.float32)
    correct = features[:, 0] - features[:, 1] + random.normal(0, 1, count) > 0
    return features, correct, [f"p{at // 8}" for at in range(count)]


def test_a_head_learns_what_separates_the_classes_and_is_the_same_every_time() -> None:
    features, correct, groups = some_rows()

    head = train_head(features[:300], correct[:300], groups[:300], SPEC, HeadParams(l2="1,10"))
    again = train_head(features[:300], correct[:300], groups[:300], SPEC, HeadParams(l2="1,10"))

    assert auroc(head.score(features[300:]), correct[300:]) > 0.9
    assert np.array_equal(head.weights, again.weights)
    assert head.config["params"]["neutral"] == "positive"


def test_noise_is_pulled_to_zero_by_the_strength_chosen() -> None:
    features, correct, groups = some_rows()
    guesses = np.random.default_rng(2).permutation(correct)

    assert train_head(features, guesses, groups, SPEC, HeadParams(l2="0.01,1000")).config["l2_chosen"] == 1000


def test_the_fit_is_where_the_slope_vanishes() -> None:
    features, correct, groups = some_rows()
    head = train_head(features, correct, groups, SPEC, HeadParams(l2="5"))

    standard = (features - head.mean) / head.scale
    slope = standard.T @ (head.score(features) - correct) + 5 * head.weights

    assert np.abs(slope).max() < 0.05
    assert head.score(features).mean() == pytest.approx(correct.mean(), abs=1e-4)


def test_a_feature_that_never_varies_does_no_harm() -> None:
    features, correct, groups = some_rows()
    features[:, 5] = 7

    assert np.isfinite(train_head(features, correct, groups, SPEC, HeadParams()).score(features)).all()


def test_a_missing_class_is_named() -> None:
    features, correct, groups = some_rows(40)
    correct[:] = True

    with pytest.raises(NotEnoughLabels, match="40 correct and 0 wrong steps to train on; at least 8 of each"):
        train_head(features, correct, groups, SPEC, HeadParams())


def test_neutral_counts_as_the_policy_says() -> None:
    assert [target(Rating.NEUTRAL, policy) for policy in ("positive", "negative", "drop")] == [True, False, None]
    assert [target(rating, "drop") for rating in (Rating.CORRECT, Rating.INCORRECT)] == [True, False]


@pytest.mark.parametrize(
    ("values", "said"),
    [({"neutral": "maybe"}, "neutral"), ({"l2": "1,x"}, "l2"), ({"l2": "-1"}, "l2"), ({"held_out": "0.9"}, "held_out")],
)
def test_settings_that_do_not_fit_are_named(values: dict[str, str], said: str) -> None:
    with pytest.raises(SettingError) as caught:
        HeadParams.from_mapping(values)

    assert caught.value.field == said


def test_a_problem_keeps_its_side_and_a_larger_share_holds_out_the_smaller() -> None:
    names = [f"problem {at}" for at in range(2000)]
    places = [place_of(name) for name in names]

    assert places == [place_of(name) for name in names]
    assert sum(place < 0.2 for place in places) == pytest.approx(400, abs=60)


def test_peoples_labels_come_first_and_then_whole_problems() -> None:
    steps = [LabelledStep(at, 1, True, by_person=at == 99, problem=f"p{at // 10}") for at in range(100)]

    chosen = choose(steps, 21)

    assert steps[99] in chosen
    assert sorted(sum(s.problem == name for s in chosen) for name in {s.problem for s in chosen})[-2:] == [10, 10]
    assert choose(steps, 0) == steps


def test_the_gain_says_what_it_is() -> None:
    correct = np.array([True, False] * 40)
    groups = [f"p{at // 4}" for at in range(80)]
    good = np.where(correct, 0.9, 0.1)
    noise = np.random.default_rng(0).random(80)

    assert measure(good, correct, groups, 0).sentence.startswith("first head: AUROC 1.000")
    better = compare(good, noise, correct, groups, 0)
    assert better.detectable
    assert better.sentence.startswith("AUROC rose by")
    same = compare(good, good, correct, groups, 0)
    assert (same.sentence, same.detectable) == ("no detectable change (interval +0.000 to +0.000)", False)
    assert measure(good[::2], correct[::2], groups[::2], 0).sentence.startswith("not enough labels: ")
