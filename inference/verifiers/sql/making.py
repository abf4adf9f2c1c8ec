"""Rows made from a schema by a seed: types, keys and foreign keys are respected, duplicates and NULLs are on purpose.

A query that is right by accident on the rows shown gives other rows than the reference on some of these. Values come
from the shown rows, from what the reference compares a column with (and beside it), and from nowhere.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random

from inference.verifiers.sql.running import Cell

NULLS, DUPLICATES, OFTEN = 0.15, 0.3, 0.7
_TRIES = 8
_WORDS = ("Arlo", "Birch", "Cedar", "Dune", "Ember", "Fern", "Grove", "Heath")


@dataclass(frozen=True, slots=True)
class Column:
    """A column as SQLite knows it; `unique` also for a primary key of its own."""

    name: str
    type: str
    nullable: bool
    unique: bool


@dataclass(slots=True)
class Table:
    """A table: its columns, foreign keys (columns -> table, columns), the values shown, and the rows made so far."""

    name: str
    columns: list[Column]
    references: list[tuple[tuple[str, ...], str, tuple[str, ...]]]
    shown: dict[str, list[Cell]]
    made: list[dict[str, Cell]] = field(default_factory=list)


def tables_of(connection: sqlite3.Connection) -> dict[str, Table]:
    """Return the tables of a database by lower-case name, those that are referred to first."""
    names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY rowid")]
    found = {name.lower(): _table(connection, name) for name in names if not name.startswith("sqlite_")}
    ordered: dict[str, Table] = {}
    while len(ordered) < len(found):
        waiting = {name: table for name, table in found.items() if name not in ordered}
        ready = [
            name
            for name, table in waiting.items()
            if all(parent in ordered or parent == name or parent not in found for _, parent, _ in table.references)
        ]
        for name in ready or list(waiting)[:1]:
            ordered[name] = found[name]
    return ordered


def _table(connection: sqlite3.Connection, name: str) -> Table:
    quoted = '"' + name.replace('"', '""') + '"'
    info = list(connection.execute(f"PRAGMA table_info({quoted})"))
    keys = [row[1] for row in info if row[5]]
    alone = {keys[0]} if len(keys) == 1 else set()
    for index in list(connection.execute(f"PRAGMA index_list({quoted})")):
        members = [row[2] for row in connection.execute(f'PRAGMA index_info("{index[1]}")')]
        if index[2] and len(members) == 1:
            alone.add(members[0])
    columns = [Column(row[1], row[2].upper(), not row[3] and not row[5], row[1] in alone) for row in info]
    links: dict[int, list[tuple[str, str, str | None]]] = {}
    for row in connection.execute(f"PRAGMA foreign_key_list({quoted})"):
        links.setdefault(row[0], []).append((row[3], row[2].lower(), row[4]))
    references = [
        (tuple(each[0] for each in link), link[0][1], tuple(each[2] or "" for each in link)) for link in links.values()
    ]
    cursor = connection.execute(f"SELECT * FROM {quoted} LIMIT 200")  # noqa: S608 quoted above
    names = [each[0] for each in cursor.description]
    rows = cursor.fetchall()
    return Table(name, columns, references, {column: [row[at] for row in rows] for at, column in enumerate(names)})


Constants = Mapping[str, Sequence[Cell]]


def fill(connection: sqlite3.Connection, seed: int, constants: Constants) -> None:
    """Replace all rows by made ones; the same seed and constants (by column) make the same rows."""
    tables = tables_of(connection)
    for table in reversed(list(tables.values())):
        connection.execute(f'DELETE FROM "{table.name}"')  # noqa: S608 a name that SQLite itself gave
    for name, table in tables.items():
        random = Random(f"{seed} {name}")  # noqa: S311 no secret
        for _ in range(random.randint(3, 5) if seed == 1 else random.randint(6, 10)):
            _insert(connection, table, _row(random, table, tables, constants))


def _insert(connection: sqlite3.Connection, table: Table, row: Mapping[str, Cell]) -> None:
    named = ", ".join(f'"{name}"' for name in row)
    marks = ", ".join("?" for _ in row)
    sql = f'INSERT OR IGNORE INTO "{table.name}" ({named}) VALUES ({marks})'  # noqa: S608 SQLite's own names
    if connection.execute(sql, list(row.values())).rowcount:
        table.made.append(dict(row))


def _row(random: Random, table: Table, tables: Mapping[str, Table], constants: Constants) -> dict[str, Cell]:
    model = random.choice(table.made) if table.made and random.random() < DUPLICATES else None
    row: dict[str, Cell] = {}
    for column in table.columns:
        compared = constants.get(column.name.lower())
        if compared and not table.made and (column.nullable or compared[0] is not None):
            # The first row holds exactly what the reference compares with: "> 5" and ">= 5" differ at 5 alone.
            row[column.name] = compared[0]
        elif model is not None and not column.unique:
            row[column.name] = model[column.name]
        elif column.nullable and random.random() < NULLS:
            row[column.name] = None
        else:
            row[column.name] = _value(random, table, column, constants)
    for columns, parent, targets in table.references:
        if model is None or any(each.unique for each in table.columns if each.name in columns):
            row.update(_referred(random, table, columns, tables.get(parent), targets))
    return row


def _referred(
    random: Random, table: Table, columns: Sequence[str], parent: Table | None, targets: Sequence[str]
) -> dict[str, Cell]:
    """Return the values of a foreign key: those of some row of the parent, NULL where it may be."""
    nullable = all(each.nullable for each in table.columns if each.name in columns)
    if parent is None or not parent.made or (nullable and random.random() < NULLS):
        return dict.fromkeys(columns) if nullable else {}
    chosen = random.choice(parent.made)
    keys = [target or next(iter(chosen)) for target in targets]
    return {column: chosen.get(key) for column, key in zip(columns, keys, strict=True)}


def _value(random: Random, table: Table, column: Column, constants: Constants) -> Cell:
    for _ in range(_TRIES):
        value = _drawn(random, table, column, constants)
        if not column.unique or all(row[column.name] != value for row in table.made):
            return value
    used = [value for row in table.made if isinstance(value := row[column.name], int | float)]
    return int(max(used, default=0)) + 1 if _is_number(column) else f"{random.choice(_WORDS)} {len(table.made) + 1}"


def _drawn(random: Random, table: Table, column: Column, constants: Constants) -> Cell:
    shown = [value for value in table.shown.get(column.name, ()) if value is not None]
    compared = [each for each in constants.get(column.name.lower(), ()) if column.nullable or each is not None]
    at, kind = len(table.made), random.random()
    if at < len(compared) and kind < OFTEN:
        return compared[at]
    if compared and kind > 1 - OFTEN:
        return random.choice(compared)
    if shown and kind < OFTEN:
        return random.choice(shown)
    return _fresh(random, column, shown)


def _fresh(random: Random, column: Column, shown: Sequence[Cell]) -> Cell:
    numbers = [value for value in shown if isinstance(value, int | float)]
    if "DATE" in column.type or "TIME" in column.type:
        return f"20{random.randint(18, 26)}-{random.randint(1, 12):02}-{random.randint(1, 28):02}"
    if "BOOL" in column.type:
        return random.randint(0, 1)
    if _is_number(column):
        low, high = (min(numbers), max(numbers)) if numbers else (0, 20)
        whole = "INT" in column.type or all(isinstance(value, int) for value in numbers)
        number = random.uniform(low - 1, high + 1)
        return round(number) if whole else round(number, 2)
    return random.choice(_WORDS)


def _is_number(column: Column) -> bool:
    """Whether a column holds numbers by its declared type."""
    return any(part in column.type for part in ("INT", "REAL", "FLOA", "DOUB", "NUM", "DEC", "BOOL"))


def nearby(constants: Iterable[Cell]) -> list[Cell]:
    """Return constants with what lies beside them: 5 with 4 and 6, "A%" with "A" and a word that begins so."""
    found: dict[Cell, None] = {}
    for each in constants:
        if isinstance(each, str):
            bare = each.replace("%", "").replace("_", "")
            found |= dict.fromkeys((each, bare, f"{bare}en", f"x{bare}") if "%" in each else (each, each.swapcase()))
        elif each is None:
            found[None] = None
        elif isinstance(each, int | float):
            found |= dict.fromkeys((each, each - 1, each + 1))
    return list(found)[:40]
