"""One query on one database, read-only and bounded: what came of it. Knows nothing about where the database comes from.

SQLite's authorizer lets a statement read the problem's own tables and call plain functions, nothing else: no ATTACH, no
PRAGMA, no schema tables, no loading of code. A progress handler ends what runs long, limits bound texts and rows.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from inference.verifiers.claims.words import words as word_set

Cell = int | float | str | bytes | None
Row = tuple[Cell, ...]

MAX_QUERY = 4000
MAX_ROWS = 2000
MAX_CELLS = 20_000
MAX_STEPS = 2_000
_EVERY = 1000
_LIMITS = {
    sqlite3.SQLITE_LIMIT_LENGTH: 100_000, sqlite3.SQLITE_LIMIT_SQL_LENGTH: 100_000,
    sqlite3.SQLITE_LIMIT_EXPR_DEPTH: 100, sqlite3.SQLITE_LIMIT_COMPOUND_SELECT: 20,
    sqlite3.SQLITE_LIMIT_VDBE_OP: 50_000, sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH: 100,
    sqlite3.SQLITE_LIMIT_ATTACHED: 0,
}  # fmt: skip
FUNCTIONS = word_set(
    "abs avg ceil ceiling char coalesce concat count cume_dist date datetime dense_rank exp first_value floor "
    "format glob group_concat hex ifnull iif instr json_extract julianday lag last_value lead length like ln log "
    "log10 log2 lower ltrim max min mod nth_value ntile nullif percent_rank pi pow power printf quote rank "
    "replace round row_number rtrim sign sqrt strftime string_agg substr substring sum time total trim trunc "
    "typeof unicode unixepoch upper"
)
_UNKNOWN = re.compile(r"no such (table|column|function): (\S+)")
_NEAR = re.compile(r'near "(.+)": syntax error|unrecognized token: (.+)|incomplete input')


@dataclass(frozen=True, slots=True)
class Result:
    """The rows of a query, in the order in which they came; `cut` when there were more than MAX_ROWS."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a query gave nothing. `wrong`: the query itself is at fault; `unknown` is the name that does not exist,
    `syntax`: it breaks off at a word where none may stand.
    """

    message: str
    wrong: bool
    unknown: str = ""
    syntax: bool = False


class Reader:
    """A database that can only be read. `tables` are its tables with their columns."""

    def __init__(self, connection: sqlite3.Connection, tables: dict[str, tuple[str, ...]]) -> None:
        self.connection, self.tables = connection, tables
        self._known = {name.lower() for name in tables}
        self._refused = ""
        self._ticks = 0
        for limit, value in _LIMITS.items():
            connection.setlimit(limit, value)
        connection.set_authorizer(self._allow)
        connection.set_progress_handler(self._tick, _EVERY)

    def run(self, query: str) -> Result | Failure:
        """Return the rows of one query, or why there are none; never an exception for bad SQL."""
        if len(query) > MAX_QUERY:
            return Failure(f"the query is longer than {MAX_QUERY} characters", wrong=False)
        self._refused, self._ticks = "", 0
        try:
            cursor = self.connection.execute(query)
            columns = tuple(str(each[0]) for each in cursor.description or ())
            rows = tuple(cursor.fetchmany(min(MAX_ROWS, MAX_CELLS // max(1, len(columns)))))
            more = cursor.fetchone() is not None
            cursor.close()
        except (sqlite3.Error, sqlite3.Warning, UnicodeError, OverflowError, ValueError) as error:
            return self._failure(str(error))
        return Result(columns, rows, more)

    def _allow(self, action: int, first: str | None, second: str | None, database: str | None, _: str | None) -> int:
        if action in (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_RECURSIVE):
            return sqlite3.SQLITE_OK
        name = (first or "").lower()
        # A table expression of the query's own comes without a database and a column.
        own = not second and database is None and not name.startswith(("sqlite_", "pragma_"))
        if action == sqlite3.SQLITE_READ and (name in self._known or own):
            return sqlite3.SQLITE_OK
        if action == sqlite3.SQLITE_FUNCTION and (second or "").lower() in FUNCTIONS:
            return sqlite3.SQLITE_OK
        named = second if action == sqlite3.SQLITE_FUNCTION else first
        self._refused = f"the function {named}" if action == sqlite3.SQLITE_FUNCTION else f"{named or 'a statement'}"
        return sqlite3.SQLITE_DENY

    def _tick(self) -> int:
        self._ticks += 1
        return self._ticks > MAX_STEPS

    def _failure(self, error: str) -> Failure:
        if self._refused:
            return Failure(f"only the problem's tables and plain functions are read, not {self._refused}", wrong=False)
        unknown = _UNKNOWN.search(error)
        if unknown is not None:
            kind, name = unknown[1], unknown[2]
            if kind == "function":
                return Failure(f"SQLite knows no function {name}", wrong=False)
            return Failure(f"there is no {kind} {name}{self._suggestion(kind, name)}", wrong=True, unknown=name)
        near = _NEAR.search(error)
        if near is not None:
            where = near[1] or near[2]
            message = f"it is no SQL: near {where}" if where else "it is no SQL: its end is missing"
            return Failure(message, wrong=bool(where), syntax=bool(where))
        sure = (
            "ambiguous column",
            "misuse of aggregate",
            "do not have the same number of result columns",
            "HAVING",
            "wrong number of arguments",
        )
        return Failure(error[:200], wrong=any(each in error for each in sure))

    def _suggestion(self, kind: str, name: str) -> str:
        known = list(self.tables) if kind == "table" else list(self.columns())
        found = get_close_matches(name.rpartition(".")[2], known, n=1, cutoff=0.75)
        return f"; there is {found[0]}" if found else ""

    def columns(self) -> Iterable[str]:
        return dict.fromkeys(column for columns in self.tables.values() for column in columns)
