"""Planting as work of a run: its settings are `run.params`."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from annotations.models import Run
from annotations.params import read
from annotations.planting import plant_into
from inference.engines.base import Engine
from inference.planted.engine import Planter
from inference.planted.params import RULE, PlantParams

REASONS = 8
LOOK_SECONDS = 0.5


def run_plant(
    *, run: Run, progress: Callable[[dict[str, object]], None], engine: Callable[[], Engine] | None = None
) -> dict[str, Any]:
    """Plant errors in the run's project and return the report. Repeated after a kill it does no harm.

    `engine` loads the run's engine, where an engine is to make the errors.
    """
    params = read(PlantParams, run.params)
    into: dict[str, Any] = {"project": run.project, "params": params, "actor": run.requested_by, "run": run}
    if params.by == RULE or engine is None:
        return plant_into(**into, progress=progress)
    said: dict[str, object] = {}
    looked = 0.0

    def drawn(tokens: int) -> None:
        nonlocal looked
        if time.monotonic() - looked > LOOK_SECONDS:
            looked = time.monotonic()
            progress(said)

    def tell(now: dict[str, object]) -> None:
        said.update(now)
        progress(said)

    planter = Planter(engine(), seed=params.seed, many=params.per_problem, progress=drawn)
    report = plant_into(**into, progress=tell, maker=planter)
    because = dict(planter.discarded.most_common(REASONS))
    return {**report, "discarded": planter.discarded.total(), "discarded_because": because}
