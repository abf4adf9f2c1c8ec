"""Training a policy: a child process trains and measures an adapter, which then lies among the site's models.

1. Verified paths of the project's own trees are read, if any are wanted.
2. The child trains and samples held-out problems; what it says becomes the run's progress.
3. The adapter moves to the models folder under a name of its own and gets a row. Killed before, it starts again.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any, Protocol

from django.conf import settings

from annotations import files
from annotations.access import Access
from annotations.errors import BadInput
from annotations.models import Engine, ModelArtefact, Run
from annotations.params import read
from annotations.selectors.artefacts import ADAPTER_KIND
from annotations.selectors.verified import verified_paths
from annotations.tasks.resident import spec_of
from annotations.tasks.score import Progress
from inference.sources import Sourced
from inference.trainers.policy.params import PolicyRunParams
from inference.trainers.policy.process import train_in_child
from inference.trainers.policy.recipe import Recipe, Say
from inference.types import Problem, Role

MOST_POINTS = 120


class Trainer(Protocol):
    """Trains a recipe, says what happens, ticks every second or so, and returns the figures."""

    def __call__(self, recipe: Recipe, say: Say, tick: Callable[[], None]) -> dict[str, Any]: ...


def run_policy(*, run: Run, progress: Progress, trainer: Trainer = train_in_child) -> dict[str, Any]:
    """Train an adapter as `run.params` say and return the report; `progress` may raise to stop."""
    made = ModelArtefact.objects.filter(project_id=run.project_id, run=run, kind=ADAPTER_KIND).first()
    if made is not None:
        return {**made.metrics, "model_id": made.pk}
    if run.engine is None:
        raise BadInput("The run names no engine.", "engine")
    params = read(PolicyRunParams, run.params)
    paths = tuple(_own_paths(run, params))
    models = Path(settings.MODELS_DIR)
    models.mkdir(parents=True, exist_ok=True)
    base = f"{run.project.slug}-policy-{run.pk}"
    for left in models.glob(f".{base}-*"):
        shutil.rmtree(left, ignore_errors=True)
    course, began = Course(progress), time.monotonic()
    with tempfile.TemporaryDirectory(dir=models, prefix=f".{base}-") as fresh:
        out = Path(fresh) / "adapter"
        recipe = Recipe(spec_of(run.engine), params.training, out, paths=paths, measured=params.measured)
        figures = trainer(recipe, course.say, course.tick)
        figures |= {"paths": len(paths), "losses": course.points, "seconds": round(time.monotonic() - began, 1)}
        return _store(run, run.engine, _named(out, models, base), figures)


def _own_paths(run: Run, params: PolicyRunParams) -> list[Sourced]:
    """Return verified paths as solutions. Which paths stand is asked as an owner would, whoever asked for the run."""
    if not params.paths:
        return []
    if run.requested_by is None:
        raise BadInput("The run names nobody who asked for it.", "requested_by")
    access = Access(user=run.requested_by, project=run.project, role=Role.OWNER)
    found = verified_paths(access, params.paths, params.seed)
    return [Sourced(Problem("", path.problem, path.answer), path.steps, "") for path in found]


def _named(out: Path, models: Path, base: str) -> Path:
    """Move the adapter to a name in the models folder that nobody has."""
    for number in count(1):
        final = models / (base if number == 1 else f"{base}-{number}")
        if not final.exists():
            break
    os.rename(out, final)
    return final


def _store(run: Run, engine: Engine, adapter: Path, figures: dict[str, Any]) -> dict[str, Any]:
    report = {**figures, "adapter": adapter.name}
    weights = (adapter / "adapter_model.safetensors").read_bytes()
    artefact = ModelArtefact.objects.create(
        project_id=run.project_id,
        name=adapter.name,
        base=engine.model,
        kind=ADAPTER_KIND,
        path=files.stored(adapter),
        files_hash=hashlib.sha256(weights).hexdigest(),
        config={"params": run.params, "start": engine.limits.get("adapter", "")},
        metrics=report,
        run=run,
    )
    return {**report, "model_id": artefact.pk}


class Course:
    """What a training says, as the progress of its run: how far it is, and its losses so far."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._losses: list[tuple[int, float]] = []
        self._said: dict[str, object] = {"stage": "loading the model"}

    @property
    def points(self) -> list[list[float]]:
        """The losses as at most so many points that neighbours share one: the last step of each and the mean loss."""
        size = -(-len(self._losses) // MOST_POINTS) or 1
        parts = [self._losses[at : at + size] for at in range(0, len(self._losses), size)]
        return [[part[-1][0], round(sum(loss for _, loss in part) / len(part), 4)] for part in parts]

    def say(self, what: dict[str, Any]) -> None:
        if "step" in what:
            self._losses.append((int(what["step"]), float(what["loss"])))
            self._said = {"steps_done": what["step"], "steps_total": what["steps"]}
            self._said["losses"] = self.points
        elif "policy" in what:
            self._said = {"stage": f"sampling held-out problems, {what['policy']}", "losses": self.points}
        self.tick()

    def tick(self) -> None:
        self._progress(self._said)
