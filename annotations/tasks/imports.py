"""Imports as work of a run. `run.input` is {"path": a file under uploads, "name", "format" or none}."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from django.conf import settings

from annotations.errors import BadInput
from annotations.imports import import_file
from annotations.models import Run


def uploads() -> Path:
    """Return the folder in which pages and API leave files for an import."""
    return Path(settings.STUDIO_HOME) / "uploads"


def uploaded(name: str) -> Path:
    """Return a file of the upload folder; a path that leads out of it is refused."""
    path = (uploads() / name).resolve()
    if not path.is_relative_to(uploads().resolve()) or not path.is_file():
        raise BadInput("The uploaded file is not there any more: upload it again.", "file")
    return path


def run_import(*, run: Run, progress: Callable[[dict[str, object]], None]) -> dict[str, object]:
    """Import the run's file and return the report. Repeated after a kill it does no harm: what is there stays."""
    path = uploaded(str(run.input.get("path", "")))
    report = import_file(
        project=run.project,
        path=path,
        name=str(run.input.get("name") or path.name),
        format=run.input.get("format") or None,
        actor=run.requested_by,
        run=run,
        progress=progress,
    )
    return report.to_json()
