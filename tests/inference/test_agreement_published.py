"""On random tables agreement equals what the package nltk works out."""

from __future__ import annotations

import numpy as np
import pytest

from inference.agreement import MISSING, Metric, Ratings, Weights, cohen_kappa, krippendorff_alpha
from inference.agreement.bootstrap import Draw

agreement = pytest.importorskip("nltk.metrics.agreement")
distance = pytest.importorskip("nltk.metrics.distance")
VALUE_ONLY = Draw(rounds=0)


def random_table(seed: int, missing: float = 0.0) -> np.ndarray:
    """Return a table of three raters who agree now and then; each rater and unit may have few words."""
    random = np.random.default_rng(seed)
    units, codes = int(random.integers(4, 40)), int(random.integers(2, 6))
    truth = random.integers(0, codes, units)
    told = np.column_stack(
        [np.where(random.random(units) < 0.6, truth, random.integers(0, codes, units)) for _ in range(3)]
    )
    told[random.random(told.shape) < missing] = MISSING
    return told


def task(table: np.ndarray, far: object = None) -> object:
    words = [(f"c{rater}", str(unit), int(code)) for (unit, rater), code in np.ndenumerate(table) if code != MISSING]
    return agreement.AnnotationTask(words, far or distance.binary_distance)


@pytest.mark.parametrize("seed", range(20))
def test_alpha_is_theirs(seed: int) -> None:
    table = random_table(seed, missing=0.3)
    ratings = Ratings.table(table)

    for metric, far in ((Metric.NOMINAL, distance.binary_distance), (Metric.INTERVAL, distance.interval_distance)):
        ours = krippendorff_alpha(ratings, metric, draw=VALUE_ONLY)
        assert ours.value == pytest.approx(task(table, far).alpha())


@pytest.mark.parametrize("seed", range(20))
def test_kappa_is_theirs(seed: int) -> None:
    table = random_table(seed)
    ratings = Ratings.table(table)

    for one, other in ((0, 1), (1, 2)):
        ours = cohen_kappa(ratings, one, other, draw=VALUE_ONLY)
        assert ours.value == pytest.approx(task(table).kappa_pairwise(f"c{one}", f"c{other}"))
        for weights, far in (
            (Weights.LINEAR, lambda a, b: abs(a - b)),
            (Weights.QUADRATIC, distance.interval_distance),
        ):
            theirs = task(table, far).weighted_kappa_pairwise(f"c{one}", f"c{other}", max_distance=1.0)
            assert cohen_kappa(ratings, one, other, weights, draw=VALUE_ONLY).value == pytest.approx(theirs)
