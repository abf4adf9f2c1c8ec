"""Generating problems as work of a run: its settings are `run.params`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from annotations.generating import generate_into
from annotations.models import Run
from annotations.params import read
from inference.sources import SourceParams


def run_problems(*, run: Run, progress: Callable[[dict[str, object]], None]) -> dict[str, Any]:
    """Generate the run's problems and return the report. Repeated after a kill it does no harm."""
    params = read(SourceParams, run.params)
    return generate_into(project=run.project, params=params, actor=run.requested_by, run=run, progress=progress)
