"""Several questions in one message: a round trip costs as much as a small query."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection

Statement = tuple[str, Sequence[Any] | Mapping[str, Any]]


def answers(*statements: Statement) -> list[list[tuple[Any, ...]]]:
    """Return the rows of each statement, in order; each is SQL with its parameters, which are bound here."""
    with connection.cursor() as cursor:
        cursor.execute(";\n".join(cursor.mogrify(sql, params) for sql, params in statements))
        found = [cursor.fetchall()]
        while cursor.nextset():
            found.append(cursor.fetchall())
    return found
