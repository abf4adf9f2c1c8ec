"""Training a logistic head on standardised features. Knows nothing about where features or labels come from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inference.scoring.prm import PrmHead, sigmoid
from inference.scoring.spec import FeatureSpec
from inference.trainers.params import HeadParams
from inference.types import Rating

Floats = NDArray[np.float64]
Truth = NDArray[np.bool_]
Tick = Callable[[], None]
FOLDS = 4
NEWTON_STEPS = 50


class NotEnoughLabels(ValueError):
    """A class has too few labelled steps; the message says which and how many are needed."""


def target(rating: Rating, neutral: str) -> bool | None:
    """Return whether a rated step counts as correct, None when it is left out (formats.md: corpora disagree here)."""
    if rating is Rating.NEUTRAL:
        return {"positive": True, "negative": False, "drop": None}[neutral]
    return rating is Rating.CORRECT


@dataclass(frozen=True, slots=True)
class Fitted:
    """A head, and for each row of its training the p(correct) of a head that was trained without the row's problem."""

    head: PrmHead
    out_of_fold: Floats


def train_head(
    features: NDArray[np.float32],
    correct: Truth,
    groups: Sequence[str],
    spec: FeatureSpec,
    params: HeadParams,
    tick: Tick = lambda: None,
) -> PrmHead:
    """Return the head that fits `features` (n, size) to `correct` (n,); the same input and seed give the same head.

    L2 is the one of `params.l2_grid` with the least log loss when each of FOLDS parts of the problems (`groups`, one
    name a row) is predicted by the others. `tick` is called at every step of the fit. NotEnoughLabels when a class has
    fewer than `params.least` rows.
    """
    return fit_head(features, correct, groups, spec, params, tick).head


def fit_head(
    features: NDArray[np.float32],
    correct: Truth,
    groups: Sequence[str],
    spec: FeatureSpec,
    params: HeadParams,
    tick: Tick = lambda: None,
) -> Fitted:
    """Train as `train_head` does and give the out-of-fold predictions too, on which a threshold can be chosen."""
    check_classes(correct.tolist(), params.least)
    values = features.astype(np.float64)
    logits = _validation_logits(values, correct, groups, params, tick)
    losses = {l2: _log_loss(found, correct) / len(correct) for l2, found in logits.items()}
    best = min(losses, key=lambda l2: (losses[l2], -l2))
    mean, scale = standard(values)
    weights, bias = _fit((values - mean) / scale, correct, best, tick)
    config: dict[str, Any] = {
        "params": params.as_dict(),
        "l2_chosen": best,
        "validation_log_loss": {f"{l2:g}": round(loss, 6) for l2, loss in losses.items()},
        "n_train_steps": len(correct),
        "n_train_correct": int(correct.sum()),
        "n_train_problems": len(set(groups)),
    }
    return Fitted(PrmHead(weights, bias, mean, scale, spec, config), sigmoid(logits[best]))


def check_classes(correct: Sequence[bool], least: int) -> None:
    """Raise NotEnoughLabels when fewer than `least` of the steps to train on are correct, or wrong."""
    found = {"correct": sum(correct), "wrong": len(correct) - sum(correct)}
    if min(found.values()) < least:
        counted = " and ".join(f"{count} {name}" for name, count in found.items())
        raise NotEnoughLabels(f"{counted} steps to train on; at least {least} of each class are needed")


def _validation_logits(
    values: Floats, correct: Truth, groups: Sequence[str], params: HeadParams, tick: Tick
) -> dict[float, Floats]:
    fold = folds_of(groups, params.seed)
    logits = {l2: np.zeros(len(correct)) for l2 in params.l2_grid}
    for held in range(FOLDS):
        inside = fold != held
        if inside.all() or not inside.any() or len(set(correct[inside].tolist())) < 2:
            continue
        mean, scale = standard(values[inside])
        for l2, found in logits.items():
            weights, bias = _fit((values[inside] - mean) / scale, correct[inside], l2, tick)
            found[~inside] = (values[~inside] - mean) / scale @ weights + bias
    return logits


def folds_of(groups: Sequence[str], seed: int) -> NDArray[np.int64]:
    """Return each row's part, 0 to FOLDS - 1, (n,): rows of a problem are in one part."""
    names = sorted(set(groups))
    order = np.random.default_rng(seed).permutation(len(names))
    fold_of = {names[at]: place % FOLDS for place, at in enumerate(order)}
    return np.array([fold_of[name] for name in groups], dtype=np.int64)


def standard(values: Floats) -> tuple[Floats, Floats]:
    """Return mean and spread of each column of (n, size), by which features are standardised."""
    spread = values.std(axis=0)
    # A feature that never varies says nothing: leave it at zero instead of dividing by it.
    return values.mean(axis=0), np.where(spread > 1e-6, spread, 1.0)


def _fit(values: Floats, correct: Truth, l2: float, tick: Tick) -> tuple[Floats, float]:
    """Minimise log loss + l2 / 2 |w|^2 by Newton steps, halved until the loss falls; the bias is not pulled."""
    padded = np.hstack([values, np.ones((len(values), 1))])
    pull = np.full(padded.shape[1], l2)
    pull[-1] = 1e-6
    weights = np.zeros(padded.shape[1])
    loss = _penalised(padded, correct, weights, pull)
    for _ in range(NEWTON_STEPS):
        tick()
        chance = sigmoid(padded @ weights)
        slope = padded.T @ (chance - correct) + pull * weights
        curve = (padded.T * (chance * (1 - chance))) @ padded + np.diag(pull)
        step = np.linalg.solve(curve, slope)
        size = 1.0
        while (after := _penalised(padded, correct, weights - size * step, pull)) > loss and size > 1e-4:
            size /= 2
        if after >= loss - 1e-9 * len(correct):
            break
        weights, loss = weights - size * step, after
    return weights[:-1], float(weights[-1])


def _penalised(padded: Floats, correct: Truth, weights: Floats, pull: Floats) -> float:
    return _log_loss(padded @ weights, correct) + float((pull * weights * weights).sum() / 2)


def _log_loss(logits: Floats, correct: Truth) -> float:
    return float(np.logaddexp(0.0, np.where(correct, -logits, logits)).sum())
