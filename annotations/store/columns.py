"""Many rows as one argument of one statement."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Columns = Sequence[tuple[str, str]]
"""(name, PostgreSQL type) of each column."""


def given(columns: Columns) -> str:
    """Return the FROM item `given` that reads the argument of `as_json`."""
    return f"json_to_recordset(%s::json) AS given ({', '.join(f'{name} {kind}' for name, kind in columns)})"


def names(columns: Columns) -> str:
    return ", ".join(name for name, _ in columns)


def as_json(columns: Columns, rows: Iterable[Sequence[Any]]) -> str:
    """Return rows as JSON: many times faster to write than arrays, and hardly slower to read."""
    keys = [name for name, _ in columns]
    return json.dumps([dict(zip(keys, row, strict=True)) for row in rows])


def plain(text: str) -> str:
    """PostgreSQL holds no NUL characters; a model may draw one."""
    return text.replace("\x00", "") if "\x00" in text else text


def plain_json(value: Any) -> Any:
    """Return a JSON value that PostgreSQL can hold: no NUL characters, no infinities."""
    if isinstance(value, str):
        return plain(value)
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, Mapping):
        return {plain(str(name)): plain_json(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain_json(item) for item in value]
    return value
