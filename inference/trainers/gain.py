"""What a new head gains over the one before on the same held-out steps, as figures and a sentence."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inference.intervals import Estimate
from inference.stats import auroc, auroc_difference, auroc_interval

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Gain:
    """AUROCs in [0, 1] with 95 % intervals from resampling problems; None is what was not or could not be measured.

    `detectable`: the interval of the difference (`low` to `high`) does not hold 0.
    """

    sentence: str
    auroc_new: float | None = None
    auroc_new_low: float | None = None
    auroc_new_high: float | None = None
    auroc_old: float | None = None
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    detectable: bool = False
    n_compared_steps: int = 0

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def not_measured(why: str) -> Gain:
    return Gain(sentence=f"not enough labels: {why}")


def measure(new: Floats, correct: NDArray[np.bool_], groups: Sequence[str], seed: int) -> Gain:
    """Return the AUROC of a first head: its scores (n,), the truth (n,) and each row's problem."""
    if len(set(correct.tolist())) < 2:
        kinds = "there are none" if not len(correct) else f"all {len(correct)} are of one class"
        return not_measured(f"of the held-out steps {kinds}, so nothing is measured")
    found = auroc_interval(new, correct, groups, seed=seed)
    where = f"on {len(correct)} held-out steps of {len(set(groups))} problems"
    return Gain(
        sentence=f"first head: AUROC {found.value:.3f}{_interval(found, '.3f')} {where}",
        auroc_new=found.value,
        auroc_new_low=_number(found.low),
        auroc_new_high=_number(found.high),
    )


def compare(new: Floats, old: Floats, correct: NDArray[np.bool_], groups: Sequence[str], seed: int) -> Gain:
    """Return the difference of two heads' AUROC on the same rows, with a paired interval."""
    alone = measure(new, correct, groups, seed)
    if alone.auroc_new is None:
        return alone
    change = auroc_difference(new, old, correct, groups, seed=seed)
    detectable = change.low > 0 or change.high < 0
    said = f"AUROC {'rose' if change.value > 0 else 'fell'} by {abs(change.value):.3f}"
    return Gain(
        sentence=(said if detectable else "no detectable change") + _interval(change, "+.3f"),
        auroc_new=alone.auroc_new,
        auroc_new_low=alone.auroc_new_low,
        auroc_new_high=alone.auroc_new_high,
        auroc_old=auroc(old, correct),
        difference=change.value,
        low=_number(change.low),
        high=_number(change.high),
        detectable=detectable,
        n_compared_steps=len(correct),
    )


def _interval(estimate: Estimate, form: str) -> str:
    if math.isnan(estimate.low):
        return " (too few problems for an interval)"
    return f" (interval {estimate.low:{form}} to {estimate.high:{form}})"


def _number(value: float) -> float | None:
    return None if math.isnan(value) else value
