"""Where a project's files lie: settings.MEDIA_ROOT/<project>/<kind>/. Rows hold paths relative to MEDIA_ROOT."""

from __future__ import annotations

import shutil
from pathlib import Path

from django.conf import settings

from annotations.errors import NotFound

UPLOADS, DATASETS, ARTEFACTS = "uploads", "datasets", "artefacts"


def folder(project_id: int, kind: str) -> Path:
    """Return the project's folder of this kind, made if need be, readable by its owner alone."""
    path = Path(settings.MEDIA_ROOT) / str(project_id) / kind
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path


def stored(path: Path) -> str:
    """Return how a row names a file: relative to MEDIA_ROOT, or as it stands if it lies elsewhere."""
    home = Path(settings.MEDIA_ROOT).resolve()
    whole = path.resolve()
    return whole.relative_to(home).as_posix() if whole.is_relative_to(home) else str(whole)


def found(name: str, project_id: int) -> Path:
    """Return the file that a row names; NotFound if it is gone or lies outside the project's folder."""
    home = (Path(settings.MEDIA_ROOT) / str(project_id)).resolve()
    path = (Path(settings.MEDIA_ROOT) / name).resolve()
    if not name or not path.is_relative_to(home) or not path.is_file():
        raise NotFound("The file is no longer on the server.")
    return path


def remove_all(project_id: int) -> None:
    """Delete every file of a project."""
    shutil.rmtree(Path(settings.MEDIA_ROOT) / str(project_id), ignore_errors=True)
