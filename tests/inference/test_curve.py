"""Learning curves and the first-error metric, on numbers whose truth is known."""

from __future__ import annotations

import numpy as np
import pytest

from inference.intervals import Estimate
from inference.scoring.spec import FeatureSpec
from inference.trainers.curve import Point, Side, baselines, change, points
from inference.trainers.first_error import RatedPath, best_threshold, f1, f1_interval, hits, rated_paths
from inference.trainers.params import HeadParams, ReplayParams

SPEC = FeatureSpec("words", "words", "")
PARAMS = HeadParams(l2="1,10,100", least=5)


def a_side(problems: int, seed: int, strength: float = 1.0) -> Side:
    """Four steps a problem whose first feature tells right from wrong by `strength`."""
    random = np.random.default_rng(seed)
    count = problems * 4
    correct = random.random(count) < 0.6
    features = random.normal(0, 1, (count, 12)).astype(np.float32)
    features[:, 0] += strength * np.where(correct, 1, -1)
    groups = [f"{seed}-{at // 4}" for at in range(count)]
    paths = [RatedPath((at,), -1 if correct[at] else 0, groups[at]) for at in range(count)]
    return Side(features, np.ones((count, 4), dtype=np.float32), correct, groups, paths)


def test_more_labels_make_a_better_head_and_the_change_is_told() -> None:
    train, test = a_side(300, 1, 0.6), a_side(150, 2, 0.6)

    found = list(points(train, test, (40, 1000, 5000), SPEC, PARAMS))

    assert [point.labels for point in found] == [40, 1000, 1200]
    assert found[0].auroc.value < found[-1].auroc.value
    gain = change(found[0], found[-1], test, labels=1800)
    assert gain.detectable and gain.sentence.startswith("AUROC rose by 0.")
    constant, plain = baselines(train, test, SPEC, PARAMS)
    assert constant.auroc.value == plain.auroc.value == 0.5
    assert found[-1].f1.low <= found[-1].f1.value <= found[-1].f1.high


def test_what_cannot_be_seen_says_how_many_labels_would_show_it() -> None:
    test = a_side(60, 3)
    none = Estimate(0.5, 0.5, 0.5)
    noise = [Point("head", 100, 25, none, none, np.random.default_rng(seed).random(240)) for seed in (0, 1)]

    found = change(*noise, test, labels=1000)

    assert not found.detectable
    half = (found.high - found.low) / 2  # type: ignore[operator]
    assert found.more == pytest.approx(1000 * ((half / 0.02) ** 2 - 1), abs=1)
    assert "more labels to see +2 points" in found.sentence
    same = change(noise[0], noise[0], test, labels=1000)
    assert same.sentence == "no detectable change (interval +0.000 to +0.000), a gain of 2 points would have shown"


def test_held_out_steps_of_one_class_are_refused() -> None:
    test = a_side(10, 4)
    test.correct[:] = True

    with pytest.raises(ValueError, match="all 40 are of one class"):
        list(points(a_side(30, 5), test, (50,), SPEC, PARAMS))


def test_paths_end_at_their_first_error_or_at_a_leaf_that_is_right() -> None:
    nodes = {1: 0, 2: 1, 3: 2, 4: 1, 5: 4, 6: 0, 7: 6}
    correct = {1: True, 2: True, 3: True, 4: False, 5: False, 7: False}
    rows = {seq: seq * 10 for seq in correct}

    found = set(rated_paths(nodes, correct, rows, "p"))

    assert found == {RatedPath((10, 20, 30), -1, "p"), RatedPath((10, 40), 1, "p")}


def test_f1_is_processbenchs() -> None:
    paths = [
        RatedPath((0, 1), 1, "a"),
        RatedPath((2, 3), 0, "a"),
        RatedPath((4, 5), -1, "b"),
        RatedPath((6, 7), -1, "c"),
    ]
    scores = np.array([0.9, 0.1, 0.8, 0.1, 0.9, 0.9, 0.9, 0.4])

    hit = hits(paths, scores, 0.5)

    assert hit.tolist() == [True, False, True, False]
    assert f1(paths, hit) == pytest.approx(0.5)
    assert f1(paths, hits(paths, scores, best_threshold(paths, scores))) == pytest.approx(2 / 3)
    interval = f1_interval(paths, hit)
    assert 0 <= interval.low <= interval.value <= interval.high <= 1


def test_released_counts_rise_and_are_checked() -> None:
    assert ReplayParams(counts="1000, 200,200").steps_of_release == (200, 1000)
    for wrong in ("", "10", "200;300"):
        with pytest.raises(ValueError, match="counts"):
            ReplayParams(counts=wrong)
