"""ProcessBench's metric: is the first wrong step of a path found, and a right path left alone (arXiv:2412.06559).

A path is predicted wrong at its first step whose score lies below a threshold. F1 is the harmonic mean of the share of
wrong paths whose first error is met exactly and the share of right paths in which none is seen.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inference.intervals import Estimate

Floats = NDArray[np.float64]
THRESHOLDS = 99
ROUNDS = 1000


@dataclass(frozen=True, slots=True)
class RatedPath:
    """The rows of a path's steps in order, the index of its first wrong step (-1: none), and its problem's name.

    What follows the first error is not asked for, so rows end with it.
    """

    rows: tuple[int, ...]
    first_error: int
    group: str


def rated_paths(
    nodes: Mapping[int, int], correct: Mapping[int, bool], rows: Mapping[int, int], group: str
) -> Iterator[RatedPath]:
    """Yield the paths of a tree that are rated from their first step to their end.

    `nodes` maps seq to parent seq (0: none), `correct` the rated ones to what was said, `rows` those with features to
    their row. A path ends at its first wrong step, or, all being correct, at a leaf.
    """
    inner = set(nodes.values())
    for seq in nodes:
        if seq not in correct or (correct[seq] and seq in inner):
            continue
        chain = [seq]
        while nodes[chain[-1]]:
            chain.append(nodes[chain[-1]])
        before = chain[1:]
        if all(correct.get(each, False) for each in before) and all(each in rows for each in chain):
            path = tuple(rows[each] for each in reversed(chain))
            yield RatedPath(path, -1 if correct[seq] else len(path) - 1, group)


def hits(paths: Sequence[RatedPath], scores: Floats, threshold: float) -> NDArray[np.bool_]:
    """Return for each path whether its first error (or that it has none) is told; `scores` (n,) by row."""
    return np.array([_predicted(scores[list(path.rows)], threshold) == path.first_error for path in paths], dtype=bool)


def f1(paths: Sequence[RatedPath], hit: NDArray[np.bool_]) -> float:
    """Return the harmonic mean of the two accuracies in [0, 1]; NaN when there are no wrong or no right paths."""
    wrong = np.array([path.first_error >= 0 for path in paths], dtype=bool)
    return _f1(hit, wrong, np.ones(len(paths)))


def best_threshold(paths: Sequence[RatedPath], scores: Floats) -> float:
    """Return the threshold with the best F1 on these paths, of THRESHOLDS quantiles of their scores (0.5 for none)."""
    if not paths:
        return 0.5
    rows = sorted({row for path in paths for row in path.rows})
    choice = np.unique(np.quantile(scores[rows], np.linspace(0.01, 0.99, THRESHOLDS)))
    found = [(f1(paths, hits(paths, scores, threshold)), -threshold) for threshold in choice]
    found = [each for each in found if each[0] == each[0]]
    return -max(found)[1] if found else 0.5


def f1_interval(paths: Sequence[RatedPath], hit: NDArray[np.bool_], *, seed: int = 0, level: float = 0.95) -> Estimate:
    """Return F1 with a percentile interval from resampling whole problems."""
    wrong = np.array([path.first_error >= 0 for path in paths], dtype=bool)
    names = {name: at for at, name in enumerate(dict.fromkeys(path.group for path in paths))}
    group = np.array([names[path.group] for path in paths], dtype=np.int64)
    random = np.random.default_rng(seed)
    draws = []
    for _ in range(ROUNDS if names else 0):
        times = np.bincount(random.integers(0, len(names), len(names)), minlength=len(names))
        draws.append(_f1(hit, wrong, times[group].astype(np.float64)))
    kept = [draw for draw in draws if draw == draw]
    tail = (1 - level) / 2
    low, high = np.quantile(kept, [tail, 1 - tail]) if kept else (np.nan, np.nan)
    return Estimate(f1(paths, hit), float(low), float(high))


def _predicted(scores: Floats, threshold: float) -> int:
    below = np.flatnonzero(scores < threshold)
    return int(below[0]) if len(below) else -1


def _f1(hit: NDArray[np.bool_], wrong: NDArray[np.bool_], weights: Floats) -> float:
    totals = float(weights[wrong].sum()), float(weights[~wrong].sum())
    if not all(totals):
        return float("nan")
    shares = [float((weights * hit)[kind].sum()) / total for kind, total in zip((wrong, ~wrong), totals, strict=True)]
    return 2 * shares[0] * shares[1] / sum(shares) if sum(shares) else 0.0
