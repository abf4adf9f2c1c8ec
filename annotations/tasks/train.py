"""Training: the current labels become a new PRM head, whose gain over the newest one is measured on held-out problems.

1. Read the resolved labels; a hash of the problem says whether it trains or measures, the same in every training.
2. Read the features of the labelled steps (a child process that ends), fit the head, store its files.
3. Measure old and new on the same held-out steps; the interval comes from resampling problems.
4. Score the project's trees with the new head.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from annotations.access import Access
from annotations.errors import BadInput
from annotations.models import ModelArtefact, Run
from annotations.params import read
from annotations.selectors.labels import RESOLVED_SQL, label_params
from annotations.tasks.deduce import train_deducer
from annotations.tasks.heads import store_head
from annotations.tasks.score import (
    HEAD_KIND,
    Progress,
    Unfit,
    batches,
    feature_spec,
    heads_of,
    load_head,
    open_source,
    read_trees,
    score_trees,
)
from inference.scoring.prm import PrmHead
from inference.scoring.spec import FeatureSpec
from inference.trainers.gain import compare, measure, not_measured
from inference.trainers.head import NotEnoughLabels, check_classes, target, train_head
from inference.trainers.params import DEDUCIBILITY, HeadParams
from inference.trainers.split import LabelledStep, choose
from inference.types import Rating, Role

LABELS_SQL = f"""
    SELECT n.tree_id, n.seq, r.rating, r.by_person, p.content_hash
    FROM ({RESOLVED_SQL}) r
    JOIN annotations_node n ON n.id = r.node_id AND NOT n.removed
    JOIN annotations_tree t ON t.id = n.tree_id
    JOIN annotations_problem p ON p.id = t.problem_id
    ORDER BY p.content_hash, n.tree_id, n.seq
"""  # noqa: S608 constants only


@dataclass(frozen=True, slots=True)
class Rows:
    """Labelled steps with their features (n, size), in the same order."""

    steps: list[LabelledStep]
    features: NDArray[np.float32]

    @property
    def correct(self) -> NDArray[np.bool_]:
        return np.array([step.correct for step in self.steps], dtype=bool)

    @property
    def groups(self) -> list[str]:
        return [step.problem for step in self.steps]

    def where(self, keep: Callable[[LabelledStep], bool]) -> Rows:
        at = [place for place, step in enumerate(self.steps) if keep(step)]
        return Rows([self.steps[place] for place in at], self.features[at])


def run_train(*, run: Run, progress: Progress) -> dict[str, Any]:
    """Train a head from the labels of the run's project, measure it, score the trees with it; return the report.

    With the objective "deducibility" it is a scorer for searches (annotations.tasks.deduce), which scores no trees.

    `progress` is called at least every second or so and may raise to stop the run.
    """
    if read(HeadParams, run.params).objective == DEDUCIBILITY:
        return train_deducer(run=run, progress=progress)
    artefact = ModelArtefact.objects.filter(project_id=run.project_id, run=run, kind=HEAD_KIND).first()
    report = artefact.metrics if artefact else {}
    if artefact is None:
        artefact, report = _train(run, progress)
    if artefact is None:
        return report
    return {**report, "model_id": artefact.pk, "scored": score_trees(run=run, artefact=artefact, progress=progress)}


def _train(run: Run, progress: Progress) -> tuple[ModelArtefact | None, dict[str, Any]]:
    """Return the new head's row (None: too few labels, the sentence says of what) and the report."""
    params = read(HeadParams, run.params)
    spec = feature_spec(params.features, params.layers)
    labelled = labelled_steps(run, params.neutral)
    chosen = choose(labelled, params.max_steps)
    report: dict[str, Any] = {"n_labels": len(labelled), "n_left_out": len(labelled) - len(chosen), "model_id": None}
    try:
        # Before anything is read: reading takes minutes.
        check_classes([step.correct for step in chosen if not step.held_out(params.held_out)], params.least)
        rows, cost = read_rows(spec, chosen, progress)
        training = rows.where(lambda step: not step.held_out(params.held_out))
        tick = partial(progress, {"stage": "fitting"})
        head = train_head(training.features, training.correct, training.groups, spec, params, tick)
    except NotEnoughLabels as error:
        return None, {**report, **not_measured(str(error)).as_dict()}
    progress({"stage": "measuring"})
    held = rows.where(lambda step: step.held_out(params.held_out))
    report |= {
        **cost,
        "n_train_steps": len(training.steps),
        "n_test_steps": len(held.steps),
        "n_problems": len(set(rows.groups)),
        **_gain(run, head, held, params, progress),
    }
    return store_head(run, head, report, kind=HEAD_KIND, name=f"PRM head {run.pk}"), report


def labelled_steps(run: Run, neutral: str) -> list[LabelledStep]:
    """Return every labelled step that counts, people's and corpora's.

    A training reads all labels of its project whoever asked for it, as an owner would: what comes out is a model and
    its figures, never whose label a step has.
    """
    user = run.requested_by
    if user is None:
        raise BadInput("The run names nobody who asked for it.", "requested_by")
    access = Access(user=user, project=run.project, role=Role.OWNER)
    with connection.cursor() as cursor:
        cursor.execute(LABELS_SQL, label_params(access))
        rows = cursor.fetchall()
    return [
        LabelledStep(tree, seq, correct, by_person, problem)
        for tree, seq, rating, by_person, problem in rows
        if (correct := target(Rating(rating), neutral)) is not None
    ]


def read_rows(spec: FeatureSpec, steps: Sequence[LabelledStep], progress: Progress) -> tuple[Rows, dict[str, Any]]:
    """Return the steps whose features could be read, and what reading cost."""
    by_tree: dict[int, list[LabelledStep]] = {}
    for step in steps:
        by_tree.setdefault(step.tree, []).append(step)
    done: dict[str, object] = {"stage": "reading", "steps_done": 0, "steps_total": len(steps)}
    kept: list[LabelledStep] = []
    parts: list[NDArray[np.float32]] = [np.zeros((0, 0), dtype=np.float32)]
    with open_source(spec, lambda: progress(done)) as source:
        for batch in batches([(tree, len(found)) for tree, found in by_tree.items()]):
            for tree, found in read_trees(source, {tree: {s.seq for s in by_tree[tree]} for tree in batch}):
                there = [step for step in by_tree[tree] if step.seq in found]
                kept += there
                parts += [np.stack([found[step.seq] for step in there])] if there else []
            done |= {"steps_done": len(kept), "tokens_per_s": round(source.counts.tokens_per_s, 1)}
            progress(done)
        counts = source.counts
    cost = {"tokens": counts.tokens, "tokens_per_s": round(counts.tokens_per_s, 1), "seconds": round(counts.seconds, 1)}
    rows = Rows(kept, np.concatenate(parts[1:] or parts).astype(np.float32))
    return rows, {"n_cut": len(steps) - len(kept), **cost}


def _gain(run: Run, head: PrmHead, held: Rows, params: HeadParams, progress: Progress) -> dict[str, Any]:
    """Return the figures of the new head and, where there is one, of the newest head before it on the same steps."""
    scores = head.score(held.features) if held.steps else np.zeros(0)
    alone = measure(scores, held.correct, held.groups, params.seed)
    before = heads_of(run).first()
    if before is None or alone.auroc_new is None:
        return alone.as_dict()
    try:
        old = load_head(before)
        # What neither head was trained on: the smaller of the two shares.
        both = held.where(lambda step: step.held_out(min(params.held_out, _held_out_share(old))))
        theirs = both if old.spec.id == head.spec.id else read_rows(old.spec, both.steps, progress)[0]
    except Unfit as error:
        return {**alone.as_dict(), "sentence": f"not compared with the head before: {error}"}
    if not both.steps or len(theirs.steps) != len(both.steps):
        return {
            **alone.as_dict(),
            "sentence": "not enough labels: no held-out steps that serve both heads",
        }
    gain = compare(head.score(both.features), old.score(theirs.features), both.correct, both.groups, params.seed)
    return {**gain.as_dict(), "old_model_id": before.pk}


def _held_out_share(head: PrmHead) -> float:
    return float(head.config.get("params", {}).get("held_out", 0.0))
