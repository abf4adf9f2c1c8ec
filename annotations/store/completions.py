"""Completions as rows: kept before they are used, read when their round was broken off, gone when it is stored."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from django.db import connection

from annotations.models import Completion
from annotations.store.columns import as_json, given, names

COLUMNS = (
    ("tree_id", "bigint"), ("number", "int"), ("asked", "bigint"), ("text", "text"), ("tokens", "int"),
    ("logprob", "float8"), ("finish", "text"), ("lines", "jsonb"), ("choices", "jsonb"),
)  # fmt: skip


class Drawn(NamedTuple):
    """A completion of request `number` of a tree; `asked` is a hash (63 bits) of what was asked."""

    tree_id: int
    number: int
    asked: int
    text: str
    tokens: int
    logprob: float
    finish: str
    lines: Sequence[tuple[int, float]]
    choices: Sequence[float] = ()


class Faulty(NamedTuple):
    """A completion that could not be read to its end: the text from there on, and the step that it came after."""

    number: int
    after: int
    fault: str
    text: str
    tokens: int
    logprob: float
    finish: str


FAULT_COLUMNS = (
    ("tree_id", "bigint"), ("number", "int"), ("parent_seq", "int"), ("fault", "text"), ("text", "text"),
    ("tokens", "int"), ("logprob", "float8"), ("finish", "text"),
)  # fmt: skip


def keep_completions(project_id: int, drawn: Sequence[Drawn]) -> None:
    """Write completions; one whose number is known already replaces it, unless it is marked as faulty."""
    assigned = ", ".join(f"{name} = EXCLUDED.{name}" for name, _ in COLUMNS[2:])
    rows = [one._replace(choices=[_held(logprob) for logprob in one.choices]) for one in drawn]
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO annotations_completion (project_id, {names(COLUMNS)})
            SELECT %s, {names(COLUMNS)} FROM {given(COLUMNS)}
            ON CONFLICT (tree_id, number) DO UPDATE SET {assigned} WHERE annotations_completion.fault = ''
            """,  # noqa: S608 own column names
            [project_id, as_json(COLUMNS, rows)],
        )


def keep_faults(project_id: int, faulty: Sequence[tuple[int, Faulty]]) -> None:
    """Write (tree id, completion) of what could not be read, in place of what was kept before its use."""
    if not faulty:
        return
    rows = [(tree, one.number, one.after or None, *one[2:]) for tree, one in faulty]
    assigned = ", ".join(f"{name} = EXCLUDED.{name}" for name, _ in FAULT_COLUMNS[2:])
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO annotations_completion (project_id, {names(FAULT_COLUMNS)})
            SELECT %s, {names(FAULT_COLUMNS)} FROM {given(FAULT_COLUMNS)}
            ON CONFLICT (tree_id, number) DO UPDATE SET {assigned}
            """,  # noqa: S608 own column names
            [project_id, as_json(FAULT_COLUMNS, rows)],
        )


def read_completions(tree_ids: Sequence[int]) -> list[Drawn]:
    """Return what was kept of these trees and is not in their nodes yet."""
    rows = Completion.objects.filter(tree_id__in=tree_ids, fault="")
    fields = ("tree_id", "number", "asked", "text", "tokens", "logprob", "finish", "lines", "choices")
    kept = [Drawn(*row) for row in rows.values_list(*fields)]
    return [one._replace(choices=[-math.inf if each is None else each for each in one.choices]) for one in kept]


def _held(logprob: float) -> Any:
    """JSON knows no infinity: null stands for a choice that the engine did not report."""
    return logprob if math.isfinite(logprob) else None


def forget_completions(done: Mapping[int, int]) -> None:
    """Delete the completions of stored rounds: of each tree (id) those up to its number of requests done."""
    if not done:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM annotations_completion c USING unnest(%s::bigint[], %s::int[]) AS done (tree_id, number)"
            " WHERE c.tree_id = done.tree_id AND c.number <= done.number AND c.fault = ''",
            [list(done), list(done.values())],
        )
