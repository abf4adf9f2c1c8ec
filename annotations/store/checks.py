"""Verdicts on stored steps as rows and back, those of equal steps too, and what they changed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.db import connection

from annotations.store.columns import as_json, given, names, plain, plain_json
from annotations.store.trees import claim_as_json, verdict_from
from inference.types import Verdict

CHECKED_COLUMNS = (
    ("node_id", "bigint"), ("verifier", "text"), ("version", "text"), ("params_hash", "text"), ("verdict", "text"),
    ("ending", "text"), ("message", "text"), ("claims", "jsonb"), ("millis", "float8"), ("input", "jsonb"),
    ("output", "jsonb"), ("cache_key", "text"), ("taken_over", "bool"),
)  # fmt: skip
SAME_COLUMNS = (("verifier", "text"), ("version", "text"), ("params_hash", "text"), ("cache_key", "text"))
CHANGE_COLUMNS = (("node_id", "bigint"), ("kind", "text"), ("before", "text"), ("after", "text"), ("reason", "text"))
REASON = 300


class Same(NamedTuple):
    """What two checks that come to the same have in common: the tool, and what `inference.verifiers.again` makes."""

    verifier: str
    version: str
    params_hash: str
    cache_key: str


@dataclass(frozen=True, slots=True)
class Checked:
    """A verdict on a step, to be written. `taken_over`: an equal step had it already."""

    node_id: int
    same: Same
    verdict: Verdict
    taken_over: bool = False


class Change(NamedTuple):
    """A step whose verdict or label is another now; "" stands for none."""

    node_id: int
    kind: str
    before: str
    after: str
    reason: str


def store_checks(project_id: int, run_id: int, checked: Sequence[Checked]) -> None:
    """Write verdicts; one that a step has from this tool and version already stays as it is."""
    if not checked:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO annotations_toolcheck (project_id, run_id, {names(CHECKED_COLUMNS)})
            SELECT %s, %s, {names(CHECKED_COLUMNS)} FROM {given(CHECKED_COLUMNS)} ON CONFLICT DO NOTHING
            """,  # noqa: S608 own column names
            [project_id, run_id, as_json(CHECKED_COLUMNS, map(_row, checked))],
        )


def _row(each: Checked) -> tuple[object, ...]:
    verdict, same = each.verdict, each.same
    return (
        each.node_id, same.verifier, same.version, same.params_hash, verdict.kind.value, verdict.ending.value,
        plain(verdict.message), [claim_as_json(claim) for claim in verdict.claims], verdict.millis,
        plain_json(verdict.input), plain_json(verdict.output), same.cache_key, each.taken_over,
    )  # fmt: skip


def known_verdicts(project_id: int, wanted: Iterable[Same]) -> dict[Same, Verdict]:
    """Return for checks that an equal step of the project has had already its verdict; only those that ended well."""
    asked = list(dict.fromkeys(wanted))
    if not asked:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT given.verifier, given.version, given.params_hash, given.cache_key, c.*
            FROM {given(SAME_COLUMNS)} CROSS JOIN LATERAL (
                SELECT c.verdict, c.verifier, c.version, c.claims, c.message, c.ending, c.input, c.output
                FROM annotations_toolcheck c
                WHERE c.project_id = %s AND c.verifier = given.verifier AND c.version = given.version
                  AND c.cache_key = given.cache_key AND c.cache_key <> '' AND c.params_hash = given.params_hash
                  AND c.ending = 'ok' LIMIT 1) c
            """,  # noqa: S608 own column names
            [as_json(SAME_COLUMNS, asked), project_id],
        )
        return {Same(*row[:4]): _verdict(*row[4:]) for row in cursor.fetchall()}


def _verdict(
    kind: str, verifier: str, version: str, claims: str, message: str, ending: str, put: str | None, out: str | None
) -> Verdict:
    evidence = (None if each is None else json.loads(each) for each in (put, out))
    return verdict_from(kind, verifier, version, json.loads(claims), message, ending, 0.0, *evidence)


def store_changes(project_id: int, run_id: int, changes: Sequence[Change]) -> None:
    """Write what a run changed; repeated, it writes nothing twice."""
    if not changes:
        return
    rows = [change._replace(reason=_cut(plain(change.reason))) for change in changes]
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO annotations_stepchange (project_id, run_id, {names(CHANGE_COLUMNS)})
            SELECT %s, %s, {names(CHANGE_COLUMNS)} FROM {given(CHANGE_COLUMNS)} ON CONFLICT DO NOTHING
            """,  # noqa: S608 own column names
            [project_id, run_id, as_json(CHANGE_COLUMNS, rows)],
        )


def _cut(text: str) -> str:
    return text if len(text) <= REASON else f"{text[: REASON - 1]}…"
