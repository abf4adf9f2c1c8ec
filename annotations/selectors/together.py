"""Questions that every page asks: planned once a connection, several in one message.

A round trip costs as much as a small query, and planning one costs more than running it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from weakref import WeakKeyDictionary

from django.db import DEFAULT_DB_ALIAS, DataError, connection, connections
from psycopg.errors import DivisionByZero
from psycopg.pq import Escaping
from psycopg.sql import Literal

# SQL with its parameters; None: they are written out already.
Statement = tuple[str, Sequence[Any] | Mapping[str, Any] | None]

# For the statements after it in its message. Right after much was written the planner knows nothing of it, and would
# go through all rows again for each row of the others.
NO_LOOPS: Statement = ("SELECT set_config('enable_nestloop', 'off', true)", None)
# A statement that is planned while its tables are empty would read them whole until they are analysed.
BY_INDEX: Statement = ("SELECT set_config('enable_seqscan', 'off', true)", None)

_known: WeakKeyDictionary[Any, set[str]] = WeakKeyDictionary()


class Prepared:
    """A statement with named parameters that PostgreSQL plans once for each connection.

    `sql` holds parameters as %(name)s; `types` gives each its SQL type. It is prepared when a connection first asks it.
    """

    def __init__(self, name: str, sql: str, **types: str) -> None:
        numbered = {parameter: f"${number}" for number, parameter in enumerate(types, start=1)}
        self.name = name
        # Without the setting its first five runs are planned anew.
        planned_once = "SET plan_cache_mode = force_generic_plan"
        self._prepare = f"{planned_once}; PREPARE {name} ({', '.join(types.values())}) AS {sql % numbered}"
        self._names = tuple(types)

    def asked(self, **values: Any) -> Statement:
        """Return the statement for `answers`, prepared on this thread's connection."""
        here = connections[DEFAULT_DB_ALIAS]
        here.ensure_connection()
        known = _known.setdefault(here.connection, set())
        if self.name not in known:
            with here.cursor() as cursor:
                cursor.execute(self._prepare)
            known.add(self.name)
        given = ", ".join(written(values[name], here.connection) for name in self._names)
        return f"EXECUTE {self.name} ({given})", None


def written(value: object, raw: Any) -> str:
    """Return a value as SQL for a connection of psycopg's, which writes what is neither a number nor a text."""
    if value is None:
        return "NULL"
    kind = type(value)
    if kind is int:
        return str(value)
    if kind is str and "\x00" not in value:  # type: ignore[operator]
        return Escaping(raw.pgconn).escape_literal(value.encode()).decode()  # type: ignore[attr-defined]
    if kind is list and all(type(each) is int for each in value):  # type: ignore[attr-defined]
        return f"'{{{','.join(map(str, value))}}}'"  # type: ignore[call-overload]
    return str(Literal(value).as_string(raw))


def answers(*statements: Statement) -> list[list[tuple[Any, ...]]]:
    """Return the rows of each statement, in order, from one message and in one transaction.

    A statement is SQL with its parameters, which are bound here. Each sees what those before it waited for.
    """
    guard = next((one for one in connection.execute_wrappers if isinstance(one, _Guard)), None)
    if guard is not None and (first := guard.taken()):
        return answers(first, *statements)[1:]
    with connection.cursor() as cursor:
        cursor.execute(";\n".join(sql if params is None else cursor.mogrify(sql, params) for sql, params in statements))
        found = [cursor.fetchall()]
        while cursor.nextset():
            found.append(cursor.fetchall())
    return found


class GuardFailed(Exception):
    """What the guard of a piece of work relied on does not hold: nothing of the work was done."""


class _Guard:
    """Puts a statement before whatever is asked first."""

    def __init__(self, statement: Statement) -> None:
        self.statement: Statement | None = statement

    def taken(self) -> Statement | None:
        statement, self.statement = self.statement, None
        return statement

    def __call__(self, execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any) -> Any:
        if first := self.taken():
            execute(*first, False, context)
        return execute(sql, params, many, context)


@contextmanager
def guarded(statement: Statement) -> Iterator[None]:
    """Ask nothing of the database before `statement`, which goes first in the first message of `answers`.

    It guards by failing with a division by zero, with all of its message; GuardFailed then.
    """
    guard = _Guard(statement)
    try:
        with connection.execute_wrapper(guard):
            yield
            if alone := guard.taken():
                answers(alone)
    except DataError as error:
        if isinstance(error.__cause__, DivisionByZero):
            raise GuardFailed from error
        raise
