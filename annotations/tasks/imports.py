"""Imports as work of a run. `run.input` is {"path": a file under uploads, "name", "format" or none, "scorer"}."""

from __future__ import annotations

from collections.abc import Callable

from annotations import files
from annotations.imports import import_file
from annotations.models import Run


def run_import(*, run: Run, progress: Callable[[dict[str, object]], None]) -> dict[str, object]:
    """Import the run's file and return the report. Repeated after a kill it does no harm: what is there stays."""
    path = files.found(str(run.input.get("path", "")), run.project_id)
    report = import_file(
        project=run.project,
        path=path,
        name=str(run.input.get("name") or path.name),
        format=run.input.get("format") or None,
        scorer=str(run.input.get("scorer") or ""),
        actor=run.requested_by,
        run=run,
        progress=progress,
    )
    return report.to_json()
