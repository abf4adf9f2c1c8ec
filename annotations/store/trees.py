"""Trees, steps and verdicts as rows and back. Knows nothing about how trees grow."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from django.db import connection

from annotations.models import Node, Tree
from annotations.store.columns import by_column, unnest
from inference import types
from inference.types import NodeRole, Rating, TreeState


@dataclass(frozen=True, slots=True)
class TreeChange:
    """What one round did to a tree: its counts, and the nodes that are new or visited again.

    `ratings` are the run's own labels by seq, known when the tree ends; `stats` is added to Tree.stats.
    """

    tree: types.Tree
    nodes: Sequence[types.Node]
    state: TreeState
    stats: Mapping[str, Any] = field(default_factory=dict)
    ratings: Mapping[int, Rating] = field(default_factory=dict)


NODE_COLUMNS = (
    ("tree_id", "bigint"), ("seq", "int"), ("parent_seq", "int"), ("depth", "smallint"), ("role", "text"),
    ("text", "text"), ("terminal", "bool"), ("answer", "text"), ("outcome", "smallint"), ("visits", "int"),
    ("value_sum", "float8"), ("prior", "float8"), ("round", "int"), ("tokens", "int"), ("data", "text"),
)  # fmt: skip
CHECK_COLUMNS = (
    ("node_id", "bigint"), ("verifier", "text"), ("version", "text"), ("verdict", "text"), ("ending", "text"),
    ("message", "text"), ("claims", "text"), ("millis", "float8"), ("round", "int"),
)  # fmt: skip


def problem_of(row: Any) -> types.Problem:
    """Return a problem row as a dataclass; its key is the content hash, the same in every project and database."""
    return types.Problem(
        key=row.content_hash, text=row.text, answer=row.answer, solution=row.solution, level=row.level, kind=row.kind
    )


def read_trees(trees: Iterable[Tree]) -> list[types.Tree]:
    """Return trees (with their problems loaded) with all nodes and verdicts, in three queries whatever their number.

    A tree's key is its row id.
    """
    rows = list(trees)
    nodes = _read_nodes([row.pk for row in rows])
    return [
        types.Tree(
            problem=problem_of(row.problem),
            nodes=tuple(nodes.get(row.pk, ())),
            state=TreeState(row.state),
            seed=row.seed,
            rounds=row.rounds_done,
            visits=row.visits,
            value_sum=row.value_sum,
            key=str(row.pk),
            source=row.source,
            data={**row.stats, "requests_done": row.requests_done},
        )
        for row in rows
    ]


def _read_nodes(tree_ids: Sequence[int]) -> dict[int, list[types.Node]]:
    rows = Node.objects.filter(tree_id__in=tree_ids).order_by("tree_id", "seq").prefetch_related("checks")
    found: dict[int, list[types.Node]] = {}
    for row in rows:
        verdicts = tuple(verdict_of(check) for check in row.checks.all())
        found.setdefault(int(row.tree_id), []).append(node_of(row, verdicts))
    return found


def node_of(row: Node, verdicts: tuple[types.Verdict, ...] = ()) -> types.Node:
    return types.Node(
        seq=row.seq,
        parent=row.parent_seq or 0,
        text=row.text,
        role=NodeRole(row.role),
        visits=row.visits,
        value_sum=row.value_sum,
        prior=row.prior,
        terminal=row.terminal,
        answer=row.answer,
        outcome=row.outcome,
        round=row.round,
        tokens=row.tokens,
        verdicts=verdicts,
        data=row.data,
        key=str(row.pk),
    )


def verdict_of(row: Any) -> types.Verdict:
    claims = tuple(types.Claim(**{**claim, "verdict": types.VerdictKind(claim["verdict"])}) for claim in row.claims)
    return types.Verdict(
        kind=types.VerdictKind(row.verdict),
        verifier=row.verifier,
        version=row.version,
        claims=claims,
        message=row.message,
        ending=types.Ending(row.ending),
        millis=row.millis,
    )


def store_round(*, project_id: int, run_id: int, changes: Sequence[TreeChange]) -> int:
    """Write a round of many trees and return how many nodes were new. The caller holds the fence in this transaction.

    New nodes with their verdicts are inserted; of nodes that exist only visits and value_sum change; repeated, it
    writes nothing twice.
    """
    fresh = _store_nodes(project_id, run_id, changes)
    _store_verdicts(project_id, run_id, changes, fresh)
    _store_trees(changes)
    _store_ratings(changes)
    return len(fresh)


def _store_nodes(project_id: int, run_id: int, changes: Sequence[TreeChange]) -> dict[tuple[int, int], int]:
    """Return (tree id, seq) -> node id of the nodes that are new."""
    rows = [row for change in changes for row in _node_rows(change)]
    if not rows:
        return {}
    names = ", ".join(name for name, _ in NODE_COLUMNS)
    wanted = names.rsplit(", ", 1)[0] + ", data::jsonb"
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO annotations_node (project_id, run_id, {names})
            SELECT %s, %s, {wanted} FROM unnest({unnest(NODE_COLUMNS)}) AS given ({names})
            ON CONFLICT (tree_id, seq) DO UPDATE SET visits = EXCLUDED.visits, value_sum = EXCLUDED.value_sum
            RETURNING tree_id, seq, id, xmax = 0
            """,  # noqa: S608 own column names
            [project_id, run_id, *by_column(rows, len(NODE_COLUMNS))],
        )
        return {(tree, seq): key for tree, seq, key, new in cursor.fetchall() if new}


def _node_rows(change: TreeChange) -> list[tuple[Any, ...]]:
    depths = {0: 0}
    for node in change.tree.nodes:
        depths[node.seq] = depths[node.parent] + 1
    tree = int(change.tree.key)
    return [
        (
            tree, node.seq, node.parent or None, depths[node.seq], node.role.value, _plain(node.text), node.terminal,
            _plain(node.answer), node.outcome, node.visits, node.value_sum, node.prior, node.round, node.tokens,
            json.dumps(dict(node.data)),
        )
        for node in change.nodes
    ]  # fmt: skip


def _plain(text: str) -> str:
    """PostgreSQL holds no NUL characters; a model may draw one."""
    return text.replace("\x00", "")


def _store_verdicts(
    project_id: int, run_id: int, changes: Sequence[TreeChange], fresh: Mapping[tuple[int, int], int]
) -> None:
    rows = [
        (
            fresh[int(change.tree.key), node.seq], verdict.verifier, verdict.version, verdict.kind.value,
            verdict.ending.value, _plain(verdict.message), json.dumps([asdict(claim) for claim in verdict.claims]),
            verdict.millis, node.round,
        )
        for change in changes
        for node in change.nodes
        if (int(change.tree.key), node.seq) in fresh
        for verdict in node.verdicts
    ]  # fmt: skip
    if not rows:
        return
    names = ", ".join(name for name, _ in CHECK_COLUMNS)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO annotations_toolcheck (project_id, run_id, {names})
            SELECT %s, %s, {names.replace("claims", "claims::jsonb")} FROM unnest({unnest(CHECK_COLUMNS)})
                   AS given ({names})
            ON CONFLICT DO NOTHING
            """,  # noqa: S608 own column names
            [project_id, run_id, *by_column(rows, len(CHECK_COLUMNS))],
        )


def _store_trees(changes: Sequence[TreeChange]) -> None:
    rows = []
    for change in changes:
        tree = change.tree
        data = dict(tree.data)
        requests = data.pop("requests_done", 0)
        ends = [node.outcome for node in tree.nodes if node.terminal]
        rows.append(
            (
                int(tree.key), change.state.value, tree.rounds, requests, tree.visits, tree.value_sum, len(tree.nodes),
                ends.count(1), ends.count(-1), json.dumps({**data, **change.stats}),
            )
        )  # fmt: skip
    columns = (
        ("id", "bigint"), ("state", "text"), ("rounds_done", "int"), ("requests_done", "int"), ("visits", "int"),
        ("value_sum", "float8"), ("node_count", "int"), ("correct_paths", "int"), ("wrong_paths", "int"),
        ("stats", "text"),
    )  # fmt: skip
    names = [name for name, _ in columns]
    assigned = ", ".join(f"{name} = given.{name}" for name in names[1:-1])
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            UPDATE annotations_tree t SET {assigned}, stats = given.stats::jsonb,
                   finished_at = CASE WHEN given.state = 'growing' THEN NULL ELSE now() END
            FROM unnest({unnest(columns)}) AS given ({", ".join(names)}) WHERE t.id = given.id
            """,  # noqa: S608 own column names
            by_column(rows, len(columns)),
        )


def _store_ratings(changes: Sequence[TreeChange]) -> None:
    rows = [(int(change.tree.key), seq, rating.value) for change in changes for seq, rating in change.ratings.items()]
    if not rows:
        return
    columns = (("tree_id", "bigint"), ("seq", "int"), ("polarity", "text"))
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            UPDATE annotations_node n SET polarity = given.polarity
            FROM unnest({unnest(columns)}) AS given (tree_id, seq, polarity)
            WHERE n.tree_id = given.tree_id AND n.seq = given.seq
            """,  # noqa: S608 own column names
            by_column(rows, 3),
        )
