"""Planting as work of a run: its settings are `run.params`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from annotations.models import Run
from annotations.params import read
from annotations.planting import plant_into
from inference.planted.params import PlantParams


def run_plant(*, run: Run, progress: Callable[[dict[str, object]], None]) -> dict[str, Any]:
    """Plant errors in the run's project and return the report. Repeated after a kill it does no harm."""
    params = read(PlantParams, run.params)
    return plant_into(project=run.project, params=params, actor=run.requested_by, run=run, progress=progress)
