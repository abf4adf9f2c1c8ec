"""Which format a file has, told by its first rows."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

from annotations.errors import BadInput
from annotations.imports.formats import FORMATS
from annotations.imports.readers import read

LOOKED_AT = 20


def detect(path: Path, name: str) -> str:
    """Return the name of the format; BadInput says which fields were found if none fits."""
    fields: set[str] = set()
    for _, row in islice(read(path), LOOKED_AT):
        if not isinstance(row, dict):
            continue
        found = next((known.name for known in FORMATS.values() if known.fits(row)), None)
        if found is not None:
            return found
        fields.update(str(field)[:40] for field in row)
    if not fields:
        raise BadInput(f"{name} holds no rows: expected JSON lines, a JSON array or parquet.", "file")
    shown = ", ".join(sorted(fields)[:12])
    raise BadInput(
        f"The format of {name} is not known. Its fields are {shown}. A row needs at least a problem.", "file"
    )


def chosen(path: Path, name: str, wanted: str | None) -> str:
    """Return the format asked for, or the detected one."""
    if not wanted:
        return detect(path, name)
    if wanted not in FORMATS:
        raise BadInput(f"{wanted!r} is no format; expected one of {', '.join(FORMATS)}.", "format")
    return wanted
