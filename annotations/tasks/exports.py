"""Exports as work of a run. `run.params` is {"recipe", "options"}; the file lands under datasets."""

from __future__ import annotations

from collections.abc import Callable

from annotations import files
from annotations.exports import export
from annotations.models import Run
from annotations.selectors.projects import access


def run_export(*, run: Run, progress: Callable[[dict[str, object]], None]) -> dict[str, object]:
    """Export what the person who asked may see and return the manifest. Repeated after a kill it replaces its file."""
    recipe = str(run.params.get("recipe", ""))
    project, asked_by = run.project, run.requested_by
    return export(
        project=project,
        recipe=recipe,
        options=run.params.get("options") or {},
        path=files.folder(project.pk, files.DATASETS) / f"{project.slug}-{recipe[:40]}-{run.pk}.jsonl",
        actor=asked_by,
        run=run,
        viewer=access(asked_by, project.slug) if asked_by else None,
        progress=progress,
    )
