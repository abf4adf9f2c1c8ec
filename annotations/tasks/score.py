"""Scoring: every step of a project's trees by a PRM head, each step read once, stored as it goes.

A score is keyed by step, scorer and the hash of the head's files, so a repeated or interrupted run writes nothing
twice and goes on where it stopped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings
from django.db import connection

from annotations.errors import BadInput, DomainError
from annotations.models import ModelArtefact, Node, Run, Score, Tree
from inference.scoring import prm
from inference.scoring.cache import Vector
from inference.scoring.features import Features, FeatureSource
from inference.scoring.paths import TextPath, paths_to
from inference.scoring.spec import FeatureError, FeatureSpec, check_installed, spec_of

Progress = Callable[[dict[str, object]], None]
HEAD_KIND, SCORER = "prm-head", "prm"
STEPS_A_BATCH = 500
OPEN_SQL = """
    SELECT n.tree_id, count(*) FROM annotations_node n
    WHERE n.project_id = %(project)s AND NOT n.removed AND (%(trees)s::bigint[] IS NULL OR n.tree_id = ANY(%(trees)s))
      AND NOT EXISTS (SELECT 1 FROM annotations_score s
                      WHERE s.node_id = n.id AND s.scorer = %(scorer)s AND s.version = %(version)s)
    GROUP BY n.tree_id ORDER BY n.tree_id
"""


class Unfit(DomainError):
    """The work cannot be done here; the sentence says why."""


def run_score(*, run: Run, progress: Progress) -> dict[str, Any]:
    """Score the trees of the run's project (or `run.input["tree_ids"]`) by `run.params["model_id"]` or the newest head.

    `progress` is called at least every second or so and may raise to stop the run; what is stored stays.
    """
    wanted = run.params.get("model_id")
    heads = heads_of(run)
    artefact = heads.filter(pk=wanted).first() if wanted is not None else heads.first()
    if artefact is None:
        raise BadInput("There is no PRM to score with: train one first.", "model")
    return score_trees(run=run, artefact=artefact, progress=progress, tree_ids=run.input.get("tree_ids"))


def score_trees(
    *, run: Run, artefact: ModelArtefact, progress: Progress, tree_ids: Sequence[int] | None = None
) -> dict[str, Any]:
    """Store the head's score of every step that has none yet, and report what was read."""
    head = load_head(artefact)
    common: dict[str, Any] = {
        "project_id": run.project_id,
        "scorer": SCORER,
        "version": artefact.files_hash,
        "model": artefact,
        "run": run,
    }
    open_trees = _open_trees(run.project_id, artefact.files_hash, tree_ids)
    done: dict[str, object] = {"stage": "scoring", "steps_done": 0, "steps_total": sum(n for _, n in open_trees)}
    with open_source(head.spec, lambda: progress(done)) as source:
        steps = 0
        for batch in batches(open_trees):
            ids = _node_ids(batch)
            rows = [
                Score(node_id=ids[tree, seq], value=value, **common)
                for tree, features in read_trees(source, dict.fromkeys(batch))
                for seq, value in _values(head, features)
            ]
            progress(done)
            Score.objects.bulk_create(rows, ignore_conflicts=True, batch_size=2000)
            steps += len(rows)
            counts = source.counts
            done |= {"steps_done": steps, "tokens": counts.tokens, "tokens_per_s": round(counts.tokens_per_s, 1)}
        counts = source.counts
    return {
        "model_id": artefact.pk,
        "trees": len(open_trees),
        "steps": steps,
        "steps_cut": counts.steps_cut,
        "steps_cached": counts.steps_cached,
        "tokens": counts.tokens,
        "tokens_per_s": round(counts.tokens_per_s, 1),
        "seconds": round(counts.seconds, 1),
    }


def heads_of(run: Run) -> Any:
    """Return the active PRM heads of the run's project, newest first."""
    return ModelArtefact.objects.filter(project_id=run.project_id, kind=HEAD_KIND, active=True).order_by("-id")


def load_head(artefact: ModelArtefact) -> prm.PrmHead:
    try:
        check_installed()
        return prm.load(Path(settings.MEDIA_ROOT) / artefact.path, artefact.files_hash)
    except FeatureError as error:
        raise Unfit(str(error)) from None


def feature_spec(kind: str, layers: int = 0) -> FeatureSpec:
    """Return the spec of the site's feature model as this machine reads it."""
    try:
        check_installed()
        return spec_of(kind, model_folder(), layers)
    except FeatureError as error:
        raise Unfit(str(error)) from None


def model_folder() -> Path:
    return Path(settings.MODELS_DIR) / str(settings.DEFAULT_MODEL)


def check_model(spec: FeatureSpec) -> None:
    """Raise Unfit when the site's model is not the one that a head was trained on."""
    if spec.kind != "words" and feature_spec(spec.kind, spec.layers).files_hash != spec.files_hash:
        raise Unfit(f"This head reads features of {spec.model}, whose files have changed since: train a new head.")


def open_source(spec: FeatureSpec, tick: Callable[[], None]) -> Source:
    """Return the features that a head reads; Unfit when the site's model is not the one it was trained on."""
    check_model(spec)
    return Source(FeatureSource(spec, model_folder(), Path(settings.STUDIO_HOME) / "features", tick))


class Source:
    """A FeatureSource whose failures are refusals with a sentence."""

    def __init__(self, source: FeatureSource) -> None:
        self._source = source
        self.counts = source.counts

    def __enter__(self) -> Source:
        return self

    def __exit__(self, *_: object) -> None:
        self._source.close()

    def read(self, paths: Sequence[TextPath]) -> Features:
        try:
            return self._source.read(paths)
        except FeatureError as error:
            raise Unfit(str(error)) from None


def read_trees(source: Source, wanted: Mapping[int, set[int] | None]) -> Iterator[tuple[int, dict[int, Vector]]]:
    """Yield each tree with the features of its steps by seq, of the wanted ones (None: all) and those before them.

    All trees are read in one pass over the fewest paths that hold the wanted steps; what does not fit the model's
    context is left out.
    """
    problems = dict(Tree.objects.filter(pk__in=wanted).values_list("pk", "problem__text"))
    found: dict[int, dict[int, tuple[int, str]]] = {}
    nodes = Node.objects.filter(tree_id__in=wanted).order_by("tree_id", "seq")
    for tree, seq, above, text in nodes.values_list("tree_id", "seq", "parent_seq", "text"):
        found.setdefault(tree, {})[seq] = (above or 0, text)
    paths = {tree: paths_to(problems[tree], steps, wanted[tree]) for tree, steps in found.items()}
    features = source.read([path for several in paths.values() for path in several])
    for tree, several in paths.items():
        keys = {seq: key for path in several for seq, key in zip(path.seqs, path.keys(), strict=True)}
        yield tree, {seq: features[key] for seq, key in keys.items() if key in features}


def _values(head: prm.PrmHead, features: Mapping[int, Vector]) -> Iterator[tuple[int, float]]:
    if features:
        scores = head.score(np.stack(list(features.values())).astype(np.float32))
        yield from zip(features, map(float, scores), strict=True)


def _node_ids(trees: Sequence[int]) -> dict[tuple[int, int], int]:
    nodes = Node.objects.filter(tree_id__in=trees)
    return {(tree, seq): key for tree, seq, key in nodes.values_list("tree_id", "seq", "pk")}


def _open_trees(project_id: int, version: str, tree_ids: Sequence[int] | None) -> list[tuple[int, int]]:
    trees = None if tree_ids is None else list(tree_ids)
    with connection.cursor() as cursor:
        cursor.execute(OPEN_SQL, {"project": project_id, "trees": trees, "scorer": SCORER, "version": version})
        return [(int(tree), int(count)) for tree, count in cursor.fetchall()]


def batches(trees: Sequence[tuple[int, int]]) -> Iterator[list[int]]:
    """Yield (tree, steps) pairs as lists of trees of about STEPS_A_BATCH steps."""
    batch: list[int] = []
    size = 0
    for tree, count in trees:
        batch.append(tree)
        size += count
        if size >= STEPS_A_BATCH:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
