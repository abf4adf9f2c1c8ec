"""Training a head that ranks a right step above a wrong one after the same steps: a deducibility scorer.

The verifier of Deductive Beam Search (Zhu et al. 2024, arXiv:2401.17686) as a linear head on frozen features, so that
it trains on a CPU. Knows nothing about where the solutions come from.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inference.intervals import wilson
from inference.planted.pairs import StepPair
from inference.scoring.cache import Vector
from inference.scoring.paths import TextPath
from inference.scoring.prm import PrmHead
from inference.scoring.spec import FeatureSpec
from inference.trainers.head import FOLDS, NotEnoughLabels, folds_of, standard
from inference.trainers.params import HeadParams

Floats = NDArray[np.float64]
Tick = Callable[[], None]
PASSES, TOLERANCE = 60, 1e-3


@dataclass(frozen=True, slots=True)
class PairRows:
    """Pairs with the features of their right and wrong steps, (n, size) each, in the same order."""

    pairs: list[StepPair]
    right: NDArray[np.float32]
    wrong: NDArray[np.float32]

    @property
    def groups(self) -> list[str]:
        return [pair.problem for pair in self.pairs]


def paths_of(pairs: Sequence[StepPair]) -> list[TextPath]:
    """Return the paths to the right and the wrong steps, each once."""
    ends = ((pair, step) for pair in pairs for step in (pair.right, pair.wrong))
    return list(dict.fromkeys(TextPath(pair.problem, (*pair.premises, step)) for pair, step in ends))


def pair_rows(pairs: Sequence[StepPair], features: Mapping[str, Vector]) -> PairRows:
    """Return the pairs whose two steps have features (by the key of their path, see inference.scoring.paths)."""
    kept, rows = [], []
    for pair in pairs:
        keys = [TextPath(pair.problem, (*pair.premises, step)).keys()[-1] for step in (pair.right, pair.wrong)]
        if all(key in features for key in keys):
            kept.append(pair)
            rows.append(np.stack([features[key] for key in keys]))
    whole = np.stack(rows).astype(np.float32) if rows else np.zeros((0, 2, 0), dtype=np.float32)
    return PairRows(kept, whole[:, 0], whole[:, 1])


def joined(parts: Sequence[PairRows]) -> PairRows:
    """Return the rows of several parts as one."""
    kept = [part for part in parts if part.pairs]
    if not kept:
        return pair_rows([], {})
    pairs = [pair for part in kept for pair in part.pairs]
    return PairRows(pairs, np.concatenate([part.right for part in kept]), np.concatenate([part.wrong for part in kept]))


def fit_ranking(rows: PairRows, spec: FeatureSpec, params: HeadParams, tick: Tick = lambda: None) -> PrmHead:
    """Return the head f that minimises the sum of max(0, margin - f(right) + f(wrong)) + L2 / 2 |w|².

    L2 is the one of `params.l2_grid` with the
    least margin loss when each of FOLDS parts of the problems is ranked by a head of the others. A difference knows no
    bias: it is set so that 0.5 lies midway between the right and the wrong steps. The same input and seed give the
    same head. NotEnoughLabels for fewer than `params.least` pairs.
    """
    right, wrong, groups = rows.right.astype(np.float64), rows.wrong.astype(np.float64), rows.groups
    if len(groups) < params.least:
        raise NotEnoughLabels(f"{len(groups)} pairs of steps to train on; at least {params.least} are needed")
    mean, scale = standard(np.concatenate([right, wrong]))
    differences = (right - wrong) / scale
    losses = _validation_losses(differences, groups, params, tick)
    best = min(losses, key=lambda l2: (losses[l2], -l2))
    weights = _fit(differences, best, params, tick)
    bias = -float((((right + wrong) / 2 - mean) / scale @ weights).mean())
    config: dict[str, Any] = {
        "params": params.as_dict(),
        "l2_chosen": best,
        "validation_margin_loss": {f"{l2:g}": round(loss, 6) for l2, loss in losses.items()},
        "n_train_pairs": len(groups),
        "n_train_problems": len(set(groups)),
    }
    return PrmHead(weights, bias, mean, scale, spec, config)


def ranked(head: PrmHead, rows: PairRows) -> NDArray[np.bool_]:
    """Return (n,) for each pair whether its right step scores above its wrong one; a tie is not right."""
    return (rows.right.astype(np.float64) - rows.wrong) / head.scale @ head.weights > 0


def accuracy(rightly: NDArray[np.bool_], pairs: Sequence[StepPair]) -> dict[str, Any]:
    """Return the share of pairs ranked rightly, in [0, 1], with its 95 % Wilson interval and the counts by kind.

    {"accuracy": None, …} for no pair. A sentence says it in words.
    """
    count, total = int(rightly.sum()), len(pairs)
    if not total:
        said = "no pair of a held-out problem, so nothing is measured"
        return {"sentence": said, "n_test_pairs": 0, "accuracy": None}
    low, high = wilson(count, total)
    asked, won = (
        Counter(pair.kind for pair in pairs),
        Counter(pair.kind for pair, on in zip(pairs, rightly, strict=True) if on),
    )
    return {
        "sentence": f"ranks {100 * count / total:.1f} % of {total:,} held-out pairs rightly "
        f"(interval {100 * low:.1f} to {100 * high:.1f})",
        "n_test_pairs": total,
        "pairs_right": count,
        "accuracy": count / total,
        "accuracy_low": low,
        "accuracy_high": high,
        "by_kind": {kind: [won[kind], number] for kind, number in asked.most_common()},
    }


def _validation_losses(
    differences: Floats, groups: Sequence[str], params: HeadParams, tick: Tick
) -> dict[float, float]:
    fold = folds_of(groups, params.seed)
    losses = dict.fromkeys(params.l2_grid, 0.0)
    for held in range(FOLDS):
        inside = fold != held
        if inside.all() or not inside.any():
            continue
        for l2 in losses:
            weights = _fit(differences[inside], l2, params, tick)
            losses[l2] += float(np.maximum(0.0, params.margin - differences[~inside] @ weights).sum()) / len(groups)
    return losses


def _fit(differences: Floats, l2: float, params: HeadParams, tick: Tick) -> Floats:
    """Minimise the margin loss by dual coordinate descent (Hsieh et al. 2008): w = sum of a_i d_i, 0 <= a_i <= 1/L2."""
    random = np.random.default_rng(params.seed)
    sizes = (differences * differences).sum(axis=1)
    shares, weights = np.zeros(len(differences)), np.zeros(differences.shape[1])
    for _ in range(PASSES):
        tick()
        worst = 0.0
        for at in random.permutation(len(differences)):
            if not sizes[at]:
                continue
            row = differences[at]
            slope = float(row @ weights) - params.margin
            share = min(max(shares[at] - slope / sizes[at], 0.0), 1 / l2)
            if change := share - shares[at]:
                weights += change * row
                shares[at] = share
                worst = max(worst, abs(change) * sizes[at])
        if worst < TOLERANCE * params.margin:
            break
    return weights
