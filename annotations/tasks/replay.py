"""Replay: the labels that a project has are released bit by bit, and a head is trained and measured at each point.

1. Held-out problems measure, the others train, problem by problem; both sides are read once.
2. After each count of released labels a head is fitted and measured; the run's page draws each point as it comes.
3. The last point is compared with the first and with the best baseline, the intervals from resampling problems.
No model is stored and no score is written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from annotations.models import Node, Run
from annotations.params import read
from annotations.tasks.score import Progress, feature_spec
from annotations.tasks.train import Rows, labelled_steps, read_rows
from inference.scoring.spec import FeatureSpec
from inference.scoring.surface import counts
from inference.trainers.curve import Point, Side, baselines, change, check_measurable, points
from inference.trainers.first_error import RatedPath, rated_paths
from inference.trainers.head import NotEnoughLabels
from inference.trainers.params import ReplayParams
from inference.trainers.split import LabelledStep, choose

Tree = dict[int, tuple[int, str, int]]
"""The steps of a tree by seq: parent seq (0: none), text, depth."""


def run_replay(*, run: Run, progress: Progress) -> dict[str, Any]:
    """Return the learning curve of the labels of the run's project as a report."""
    params = read(ReplayParams, run.params)
    spec = feature_spec(params.features, params.layers)
    labelled = labelled_steps(run, params.neutral)
    inside = [step for step in labelled if not step.held_out(params.held_out)]
    outside = [step for step in labelled if step.held_out(params.held_out)]
    chosen = choose(inside, max(params.steps_of_release)), choose(outside, params.measured)
    report: dict[str, Any] = {
        "n_labels": len(labelled),
        "n_train_steps": len(chosen[0]),
        "n_test_steps": len(chosen[1]),
    }
    said: dict[str, object] = {}

    def tell(now: dict[str, object]) -> None:
        said.update(now)
        progress(dict(said))

    try:
        _check(chosen)
        rows, cost = read_rows(spec, [*chosen[0], *chosen[1]], tell)
        train, test = _sides(rows, params)
        report |= {**cost, "n_problems": len(set(rows.groups))}
        return {**report, **_measured(train, test, params, len(labelled), spec, tell)}
    except (NotEnoughLabels, ValueError) as error:
        return {**report, "points": [], "sentence": f"not enough labels: {error}"}


def _check(chosen: tuple[list[LabelledStep], list[LabelledStep]]) -> None:
    """Refuse before anything is read what cannot be measured afterwards."""
    for steps, where in zip(chosen, ("to train on", "held out"), strict=True):
        kinds = {step.correct for step in steps}
        if len(kinds) < 2:
            raise NotEnoughLabels(f"the {len(steps)} steps {where} are not of both classes, correct and wrong")


def _measured(
    train: Side, test: Side, params: ReplayParams, labels: int, spec: FeatureSpec, tell: Progress
) -> dict[str, Any]:
    check_measurable(test)
    head = params.head()
    tick = partial(tell, {"stage": "training"})
    found: list[Point] = []
    for point in points(train, test, params.steps_of_release, spec, head, tick):
        found.append(point)
        tell({"stage": "training", "points": [each.as_dict() for each in found]})
    if not found:
        raise NotEnoughLabels("no released part holds enough correct and wrong steps")
    others = baselines(train, test, spec, head, tick)
    best = max(others, key=lambda point: point.auroc.value)
    gain = change(found[0], found[-1], test, labels=labels, seed=params.seed) if len(found) > 1 else None
    over = change(best, found[-1], test, labels=labels, seed=params.seed)
    return {
        "points": [each.as_dict() for each in found],
        "baselines": [each.as_dict() for each in others],
        "gain": gain.as_dict() if gain else None,
        "over_baseline": {**over.as_dict(), "name": best.name},
        "sentence": gain.sentence if gain else over.sentence,
    }


def _sides(rows: Rows, params: ReplayParams) -> tuple[Side, Side]:
    trees = _trees({step.tree for step in rows.steps})
    inside = rows.where(lambda step: not step.held_out(params.held_out))
    outside = rows.where(lambda step: step.held_out(params.held_out))
    return _side(inside, trees), _side(outside, trees)


def _side(rows: Rows, trees: Mapping[int, Tree]) -> Side:
    plain = [counts(trees[step.tree][step.seq][1], trees[step.tree][step.seq][2]) for step in rows.steps]
    plain_rows = np.array(plain, dtype=np.float32).reshape(len(rows.steps), -1)
    return Side(rows.features, plain_rows, rows.correct, rows.groups, _paths(rows.steps, trees))


def _paths(steps: Sequence[LabelledStep], trees: Mapping[int, Tree]) -> list[RatedPath]:
    by_tree: dict[int, dict[int, int]] = {}
    for row, step in enumerate(steps):
        by_tree.setdefault(step.tree, {})[step.seq] = row
    found: list[RatedPath] = []
    for tree, rows in by_tree.items():
        parents = {seq: parent for seq, (parent, _, _) in trees[tree].items()}
        correct = {seq: steps[row].correct for seq, row in rows.items()}
        found += rated_paths(parents, correct, rows, steps[next(iter(rows.values()))].problem)
    return found


def _trees(wanted: set[int]) -> dict[int, Tree]:
    found: dict[int, Tree] = {}
    nodes = Node.objects.filter(tree_id__in=wanted, removed=False).order_by("tree_id", "seq")
    for tree, seq, above, text, depth in nodes.values_list("tree_id", "seq", "parent_seq", "text", "depth"):
        found.setdefault(tree, {})[seq] = (above or 0, text, depth)
    return found
