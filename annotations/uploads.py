"""Files that people send, kept in the data folder until an import has read them. Knows nothing about formats."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Iterator
from pathlib import Path

from django.conf import settings

from annotations import files
from annotations.errors import BadInput


def keep(project_id: int, chunks: Iterable[bytes], name: str) -> Path:
    """Write a file piece by piece and return where it lies; BadInput if it is empty or over the limit.

    The path ends like the name it was sent under, so that its suffix still tells what it is.
    """
    path = files.folder(project_id, files.UPLOADS) / f"{secrets.token_hex(8)}-{_safe(name)}"
    try:
        with path.open("xb") as file:
            for chunk in _bounded(chunks):
                file.write(chunk)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return path


def _bounded(chunks: Iterable[bytes]) -> Iterator[bytes]:
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > settings.UPLOAD_LIMIT_BYTES:
            limit = settings.UPLOAD_LIMIT_BYTES // settings.MEBIBYTE
            raise BadInput(f"The file is larger than {limit} MiB: split it, or use the import command.", "file")
        yield chunk
    if not size:
        raise BadInput("The file is empty.", "file")


def _safe(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]+", "_", Path(name).name)[-80:].lstrip(".") or "file"
