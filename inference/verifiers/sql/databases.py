"""The databases of a problem: its own rows, and rows made by seeds. Knows nothing about queries of steps."""

from __future__ import annotations

import json
import sqlite3
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from typing import Any

import sqlglot
from sqlglot import exp

from inference.types import Problem
from inference.verifiers.sql.comparing import Expected
from inference.verifiers.sql.making import fill, nearby, tables_of
from inference.verifiers.sql.reference import parsed
from inference.verifiers.sql.running import FUNCTIONS, Cell, Failure, Reader

SEEDS, MAX_SEEDS = 4, 8
MAX_STATEMENTS = 200
MAX_CHARS = 400_000
KEPT = 16
_COMPARING = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Between, exp.In, exp.Like, exp.Is)
_DENIED = frozenset(
    (sqlite3.SQLITE_ATTACH, sqlite3.SQLITE_DETACH, sqlite3.SQLITE_PRAGMA, sqlite3.SQLITE_CREATE_VTABLE,
     sqlite3.SQLITE_CREATE_TRIGGER, sqlite3.SQLITE_CREATE_VIEW)
)  # fmt: skip


class BadTables(Exception):
    """The problem's data makes no database; the message says why, for people."""


class Databases:
    """The databases of one problem: `shown` holds its rows, `made` yields those with made rows.

    `expected` keeps what the reference gives on each (0: the shown one, else the seed).
    """

    def __init__(self, data: Mapping[str, Any], reference: str) -> None:
        self.data = data
        self.has_rows = bool(data.get("rows"))
        self._base = _build(data)
        self._names = _names(self._base)
        self.shown = Reader(self._copy(), self._names)
        self._constants = _constants(reference)
        self._made: dict[int, Reader] = {}
        self.expected: dict[int, Expected | Failure] = {}

    def made(self) -> Iterator[tuple[int, Reader]]:
        """Yield (seed, database) of the made ones; each is made once."""
        seeds = self.data.get("seeds", SEEDS)
        count = min(seeds, MAX_SEEDS) if isinstance(seeds, int) and seeds >= 0 else SEEDS
        for seed in range(1, count + 1):
            if seed not in self._made:
                connection = self._copy()
                fill(connection, seed, self._constants)
                self._made[seed] = Reader(connection, self._names)
            yield seed, self._made[seed]

    def _copy(self) -> sqlite3.Connection:
        copy = sqlite3.connect(":memory:", isolation_level=None)
        self._base.backup(copy)
        copy.execute("PRAGMA temp_store = MEMORY")
        return copy


_kept: OrderedDict[str, Databases] = OrderedDict()


def databases(problem: Problem) -> Databases:
    """Return the databases of a problem; the last few are kept, for its steps come one after another."""
    key = json.dumps([dict(problem.data), problem.answer], sort_keys=True, default=str)
    found = _kept.pop(key, None) or Databases(problem.data, problem.answer)
    _kept[key] = found
    while len(_kept) > KEPT:
        _kept.popitem(last=False)
    return found


def _build(data: Mapping[str, Any]) -> sqlite3.Connection:
    """Return a database in memory with the tables (and rows) that the data states."""
    statements, given = data.get("schema"), data.get("rows") or []
    if isinstance(statements, str):
        statements = [statements]
    if not isinstance(statements, list) or not statements or len(statements) > MAX_STATEMENTS:
        raise BadTables("the problem's data has no “schema”, a list of CREATE TABLE statements")
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.execute("PRAGMA temp_store = MEMORY")
    connection.set_authorizer(_while_building)
    try:
        for statement in statements:
            _execute(connection, statement, exp.Create)
        _insert(connection, given)
    except (sqlite3.Error, sqlite3.Warning, OverflowError) as error:
        raise BadTables(f"the problem's tables cannot be made: {error}") from None
    connection.set_authorizer(None)
    return connection


def _while_building(action: int, first: str | None, second: str | None, *_: str | None) -> int:
    if action in _DENIED or (action == sqlite3.SQLITE_FUNCTION and (second or "").lower() not in FUNCTIONS):
        return sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_OK


def _execute(connection: sqlite3.Connection, statement: object, kind: type[exp.Expression]) -> None:
    if not isinstance(statement, str) or len(statement) > MAX_CHARS:
        raise BadTables("a statement of the problem's data is no text")
    try:
        parsed = [each for each in sqlglot.parse(statement, dialect="sqlite") if each is not None]
    except (sqlglot.errors.SqlglotError, RecursionError) as error:
        raise BadTables(f"a statement of the problem's data is no SQL: {str(error)[:120]}") from None
    for each, text in zip(
        parsed, [statement] if len(parsed) == 1 else [each.sql("sqlite") for each in parsed], strict=True
    ):
        if not isinstance(each, kind) or (kind is exp.Create and each.args.get("kind") != "TABLE"):
            raise BadTables("the problem's data may only create tables and insert rows")
        connection.execute(text)


def _insert(connection: sqlite3.Connection, rows: object) -> None:
    if isinstance(rows, list) and len(rows) <= MAX_STATEMENTS:
        for statement in rows:
            _execute(connection, statement, exp.Insert)
        return
    if not isinstance(rows, Mapping):
        raise BadTables("“rows” of the problem's data are INSERT statements, or lists of rows by table")
    for table, members in rows.items():
        named = '"' + str(table).replace('"', '""') + '"'
        for row in members if isinstance(members, list) else []:
            if not isinstance(row, list) or not row:
                raise BadTables(f"a row of table {table} is no list of values")
            marks = ", ".join("?" for _ in row)
            connection.execute(f"INSERT INTO {named} VALUES ({marks})", row)  # noqa: S608 quoted above


def _names(connection: sqlite3.Connection) -> dict[str, tuple[str, ...]]:
    return {table.name: tuple(column.name for column in table.columns) for table in tables_of(connection).values()}


def _constants(reference: str) -> dict[str, list[Cell]]:
    """Return the literals that the reference holds against each column, with what lies beside them."""
    found: dict[str, list[Cell]] = {}
    tree = parsed(reference)
    for node in tree.find_all(*_COMPARING) if isinstance(tree, exp.Query) else ():
        columns, literals = list(node.find_all(exp.Column)), list(node.find_all(exp.Literal))
        for column in columns[:2]:
            values = [None] if isinstance(node, exp.Is) else [_literal(each) for each in literals[:8]]
            found.setdefault(column.name.lower(), []).extend(values)
    return {name: nearby(values) for name, values in found.items()}


def _literal(node: exp.Literal) -> Cell:
    text = str(node.this)
    if node.is_string:
        return text
    return int(text) if text.isdigit() and len(text) < 16 else float(text)
