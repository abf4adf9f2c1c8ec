"""The learning curve of a labelled corpus: heads trained on more and more of it, measured on the same steps.

The steps measured on are of problems that train nothing. Baselines stand beside it: a constant, and a logistic
regression on length, depth, digits and operators.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inference.intervals import Estimate
from inference.scoring.spec import FeatureSpec
from inference.stats import auroc_difference, auroc_interval
from inference.trainers.first_error import RatedPath, best_threshold, f1_interval, hits
from inference.trainers.head import Fitted, NotEnoughLabels, fit_head
from inference.trainers.params import HeadParams

Floats = NDArray[np.float64]
WANTED = 0.02
PLAIN_L2 = "1,10,100,1000"


@dataclass(frozen=True, slots=True)
class Side:
    """Labelled steps, those to train on in the order of their release.

    `features` (n, size), `plain` (n, 4) the counts of the baseline, `correct` (n,), `groups` each row's problem,
    `paths` the wholly rated paths among the rows.
    """

    features: NDArray[np.float32]
    plain: NDArray[np.float32]
    correct: NDArray[np.bool_]
    groups: list[str]
    paths: list[RatedPath]

    def first(self, count: int) -> Side:
        """Return the first `count` rows and the paths that lie wholly in them."""
        inside = [path for path in self.paths if max(path.rows) < count]
        return Side(self.features[:count], self.plain[:count], self.correct[:count], self.groups[:count], inside)


@dataclass(frozen=True, slots=True)
class Point:
    """What a head reaches on the held-out steps after `labels` labels of `problems` problems; scores (n,) by row."""

    name: str
    labels: int
    problems: int
    auroc: Estimate
    f1: Estimate
    scores: Floats

    def as_dict(self) -> dict[str, Any]:
        """Return the figures without the scores; what could not be measured is None."""
        found = {"name": self.name, "labels": self.labels, "problems": self.problems}
        for key, each in (("auroc", self.auroc), ("f1", self.f1)):
            values = asdict(each)
            found |= {
                key: _number(values["value"]),
                f"{key}_low": _number(values["low"]),
                f"{key}_high": _number(values["high"]),
            }
        return found


@dataclass(frozen=True, slots=True)
class Change:
    """The difference of two AUROCs on the same steps with its 95 % interval, as figures and a sentence.

    `more` estimates how many more labels would show +WANTED if it is there; None where a change is detectable.
    """

    sentence: str
    value: float
    low: float | None
    high: float | None
    detectable: bool
    more: int | None = None

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def points(
    train: Side,
    test: Side,
    counts: Sequence[int],
    spec: FeatureSpec,
    params: HeadParams,
    tick: Callable[[], None] = lambda: None,
) -> Iterator[Point]:
    """Yield a point for each count of released labels; a count above what there is becomes all, once.

    Too few labels of a class at a count: that count yields nothing. ValueError when the held-out steps lack a class.
    """
    check_measurable(test)
    for count in sorted({min(count, len(train.groups)) for count in counts}):
        part = train.first(count)
        try:
            fitted = fit_head(part.features, part.correct, part.groups, spec, params, tick)
        except NotEnoughLabels:
            continue
        yield _point("head", part, test, fitted, fitted.head.score(test.features), params.seed)


def baselines(
    train: Side, test: Side, spec: FeatureSpec, params: HeadParams, tick: Callable[[], None] = lambda: None
) -> list[Point]:
    """Return what a constant and a logistic regression on the plain counts reach with all labels of `train`."""
    check_measurable(test)
    chance, none = Estimate(0.5, 0.5, 0.5), Estimate(0.0, 0.0, 0.0)
    found = [Point("constant", len(train.groups), len(set(train.groups)), chance, none, np.full(len(test.groups), 0.5))]
    settings = replace(params, l2=PLAIN_L2)
    fitted = fit_head(train.plain, train.correct, train.groups, spec, settings, tick)
    return [*found, _point("counts", train, test, fitted, fitted.head.score(test.plain), params.seed)]


def check_measurable(test: Side) -> None:
    """Raise ValueError unless the held-out steps hold correct and wrong ones."""
    kinds = set(test.correct.tolist())
    if len(kinds) < 2:
        found = f"all {len(test.groups)} are of one class" if kinds else "there are none"
        raise ValueError(f"of the held-out steps {found}, so nothing can be measured")


def _point(name: str, part: Side, test: Side, fitted: Fitted, scores: Floats, seed: int) -> Point:
    threshold = best_threshold(part.paths, fitted.out_of_fold)
    return Point(
        name=name,
        labels=len(part.groups),
        problems=len(set(part.groups)),
        auroc=auroc_interval(scores, test.correct, test.groups, seed=seed),
        f1=f1_interval(test.paths, hits(test.paths, scores, threshold), seed=seed),
        scores=scores,
    )


def change(old: Point, new: Point, test: Side, *, labels: int, seed: int = 0) -> Change:
    """Return what `new` gains over `old` on the held-out steps, the interval from resampling problems.

    `labels` are all labels there are, held-out ones included. When the interval holds 0, `more` says how many labels
    more would make a gain of WANTED visible. A bootstrap interval of half-width h narrows with the root of the number
    of problems measured on, so h falls to WANTED when the corpus has grown by the factor (h / WANTED)², a constant
    share of it being held out: more = labels · ((h / WANTED)² - 1), and 0 where h is below WANTED already: then a gain
    of that size would have been seen.
    """
    found = auroc_difference(new.scores, old.scores, test.correct, test.groups, seed=seed)
    low, high = _number(found.low), _number(found.high)
    if low is None or high is None:
        return Change("too few held-out problems for an interval", found.value, None, None, False)
    interval = f"(interval {low:+.3f} to {high:+.3f})"
    if low > 0 or high < 0:
        said = f"AUROC {'rose' if found.value > 0 else 'fell'} by {abs(found.value):.3f} {interval}"
        return Change(said, found.value, low, high, True)
    half = (high - low) / 2
    more = math.ceil(labels * max(0.0, (half / WANTED) ** 2 - 1))
    outlook = (
        f"about {_rounded(more):,} more labels to see +2 points" if more else "a gain of 2 points would have shown"
    )
    return Change(f"no detectable change {interval}, {outlook}", found.value, low, high, False, more)


def _rounded(count: int) -> int:
    """Return two leading digits: the estimate is no better than that."""
    size = int(10 ** max(0, len(str(count)) - 2))
    return -(-count // size) * size


def _number(value: float) -> float | None:
    return None if math.isnan(value) else float(value)
