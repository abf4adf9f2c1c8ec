"""Temporary tables that records are copied into, a batch at a time, before one statement each merges them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection

from annotations.imports.records import BadRow

Columns = tuple[tuple[str, str], ...]
Values = tuple[Any, ...]

TABLES: dict[str, Columns] = {
    "stage_problem": (
        ("line", "int"),
        ("hash", "text"),
        ("kind", "text"),
        ("text", "text"),
        ("answer", "text"),
        ("solution", "text"),
        ("level", "smallint"),
        ("split", "text"),
        ("licence", "text"),
        ("source", "text"),
        ("source_ref", "text"),
        ("options", "jsonb"),
        ("data", "jsonb"),
        ("relation", "text"),
        ("parent_hash", "text"),
    ),
    "stage_step": (
        ("ord", "bigint"),
        ("problem_hash", "text"),
        ("key", "text"),
        ("parent_key", "text"),
        ("depth", "smallint"),
        ("text", "text"),
        ("terminal", "boolean"),
        ("answer", "text"),
        ("outcome", "smallint"),
    ),
    "stage_mark": (
        ("ord", "bigint"),
        ("line", "int"),
        ("step_key", "text"),
        ("rating", "text"),
        ("external_key", "text"),
        ("voter", "text"),
        ("data", "jsonb"),
    ),
    "stage_score": (
        ("ord", "bigint"),
        ("line", "int"),
        ("step_key", "text"),
        ("scorer", "text"),
        ("version", "text"),
        ("value", "float8"),
        ("threshold", "float8"),
    ),
    "stage_rationale": (
        ("line", "int"),
        ("problem_hash", "text"),
        ("step_key", "text"),
        ("external_key", "text"),
        ("outcome", "smallint"),
        ("answer", "text"),
        ("data", "jsonb"),
    ),
    "stage_document": (
        ("line", "int"),
        ("type", "text"),
        ("problem_hash", "text"),
        ("tree_key", "text"),
        ("body", "jsonb"),
    ),
}
MANY = 1_000
# Made by the merging statements, dropped with the rest.
MADE = (
    "stage_node",
    "stage_tree",
    "stage_home",
    "stage_event",
    "stage_scheme",
    "stage_whole",
    "stage_family",
    "stage_known",
    "stage_known_problem",
    "stage_known_tree",
    "stage_known_event",
    "stage_known_score",
    "stage_path_before",
    "stage_path_now",
)


def create() -> None:
    """Make the tables afresh; they end with the transaction."""
    drop()
    with connection.cursor() as cursor:
        for table, columns in TABLES.items():
            listed = ", ".join(f"{name} {kind}" for name, kind in columns)
            cursor.execute(f"CREATE TEMP TABLE {table} ({listed}) ON COMMIT DROP")


def drop() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {', '.join((*TABLES, *MADE))}")


def copy(table: str, rows: Iterable[Values]) -> None:
    """Copy rows into a table of this module; values stand in the order of its columns."""
    names = ", ".join(name for name, _ in TABLES[table])
    with connection.cursor() as cursor:
        raw: Any = cursor
        with raw.copy(f"COPY {table} ({names}) FROM STDIN") as stream:
            for row in rows:
                stream.write_row(row)


def rows_of(statement: str, params: Any = None) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return list(cursor.fetchall())


def plan_for(staged: int) -> None:
    """Keep the planner from loops over many staged rows.

    The project's tables have just grown past their statistics; where it took them for empty, it chose loops of minutes.
    """
    if staged >= MANY:
        run("SET LOCAL enable_nestloop = off")


def plan_as_usual() -> None:
    run("SET LOCAL enable_nestloop = on")


def run(statement: str, params: Any = None) -> int:
    """Run a statement and return how many rows it touched."""
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return int(cursor.rowcount)


def one(statement: str, params: Any = None) -> Any:
    return rows_of(statement, params)[0][0]


def json_text(value: Any, field: str = "data") -> str | None:
    """Write a JSON value, None as NULL; infinity, which 1e999 reads as, is refused."""
    if value is None:
        return None
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False)
    except ValueError:
        raise BadRow(field, "finite numbers") from None


def checked(values: Sequence[Any]) -> Values:
    """Refuse texts with NUL, which reach here only from parquet."""
    for value in values:
        if isinstance(value, str) and "\x00" in value:
            raise BadRow("row", "text without NUL, which a database cannot hold")
    return tuple(values)
