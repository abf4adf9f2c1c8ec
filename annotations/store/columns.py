"""Rows as columns, so that one statement takes any number of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def unnest(columns: Sequence[tuple[str, str]]) -> str:
    """Return the arguments of unnest(...) for (name, type) columns, one placeholder each."""
    return ", ".join(f"%s::{kind}[]" for _, kind in columns)


def by_column(rows: Sequence[tuple[Any, ...]], width: int) -> list[list[Any]]:
    """Turn rows of `width` fields into one list a column."""
    return [[row[at] for row in rows] for at in range(width)]
