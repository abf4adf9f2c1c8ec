"""Files on the server: keeping an upload until its import has read it, and finding a data set's file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from django.conf import settings

from annotations.errors import BadInput, NotFound
from annotations.models import DatasetSnapshot, Project

CHUNK = 1024 * 1024


def keep(project: Project, name: str, chunks: Iterable[bytes]) -> Path:
    """Write an upload under a name of our own (the ending is kept, formats are told by it) and return its path."""
    ending = re.search(r"(\.[A-Za-z0-9]{1,10}){1,2}$", name)
    folder = Path(settings.MEDIA_ROOT) / "imports" / str(project.pk)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{uuid4().hex}{ending.group(0).lower() if ending else ''}"
    with forget_on_error(path):
        size = 0
        with path.open("xb") as file:
            for chunk in chunks:
                size += file.write(chunk)
        if not size:
            raise BadInput("The upload is empty.", "file")
    return path


@contextmanager
def forget_on_error(path: Path) -> Iterator[None]:
    try:
        yield
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def file_of(snapshot: DatasetSnapshot) -> Path:
    """Return the data set's file; NotFound while it is being made or when it is gone."""
    root = Path(settings.MEDIA_ROOT).resolve()
    path = (root / snapshot.path).resolve() if snapshot.path else root
    if root not in path.parents or not path.is_file():
        raise NotFound("The file of this data set is not on the server.")
    return path
