"""Trees, steps and verdicts as rows and back. Knows nothing about how trees grow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from django.db import connection

from annotations.models import Node, ToolCheck, Tree
from annotations.store.columns import Columns, as_json, given, names, plain, plain_json
from annotations.store.completions import Faulty, keep_faults
from inference import types
from inference.types import NodeRole, Rating, TreeState


@dataclass(frozen=True, slots=True)
class TreeChange:
    """What one round did to a tree: its counts, and the nodes that are new or visited again.

    `tree` may come without its nodes; `depths` is that of each changed node. Nodes up to seq `stored` are rows
    already. `ratings` are the run's own labels by seq, known when the tree ends; `stats` is added to Tree.stats.
    """

    tree: types.Tree
    nodes: Sequence[types.Node]
    depths: Mapping[int, int]
    state: TreeState
    node_count: int
    correct_paths: int
    wrong_paths: int
    stored: int = 0
    faults: Sequence[Faulty] = ()
    stats: Mapping[str, Any] = field(default_factory=dict)
    ratings: Mapping[int, Rating] = field(default_factory=dict)

    def after(self, before: TreeChange) -> TreeChange:
        """Return this change and one of the same tree before it as one."""
        nodes = {node.seq: node for node in (*before.nodes, *self.nodes)}
        return replace(self, nodes=list(nodes.values()), depths={**before.depths, **self.depths}, stored=before.stored)


NODE_COLUMNS = (
    ("tree_id", "bigint"), ("seq", "int"), ("parent_seq", "int"), ("depth", "smallint"), ("role", "text"),
    ("text", "text"), ("terminal", "bool"), ("answer", "text"), ("outcome", "smallint"), ("visits", "int"),
    ("value_sum", "float8"), ("prior", "float8"), ("round", "int"), ("tokens", "int"), ("data", "jsonb"),
)  # fmt: skip
VISIT_COLUMNS = (("tree_id", "bigint"), ("seq", "int"), ("visits", "int"), ("value_sum", "float8"))
CHECK_COLUMNS = (
    ("node_id", "bigint"), ("verifier", "text"), ("version", "text"), ("verdict", "text"), ("ending", "text"),
    ("message", "text"), ("claims", "jsonb"), ("millis", "float8"), ("round", "int"),
    ("input", "jsonb"), ("output", "jsonb"),
)  # fmt: skip
TREE_COLUMNS = (
    ("id", "bigint"), ("state", "text"), ("rounds_done", "int"), ("requests_done", "int"), ("visits", "int"),
    ("value_sum", "float8"), ("node_count", "int"), ("correct_paths", "int"), ("wrong_paths", "int"),
    ("stats", "jsonb"),
)  # fmt: skip
RATING_COLUMNS = (("tree_id", "bigint"), ("seq", "int"), ("polarity", "text"))


def problem_of(row: Any) -> types.Problem:
    """Return a problem row as a dataclass; its key is the content hash, the same in every project and database."""
    return types.Problem(
        key=row.content_hash, text=row.text, answer=row.answer, solution=row.solution, level=row.level, kind=row.kind,
        data=row.data,
    )  # fmt: skip


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
    verdicts: dict[int, list[types.Verdict]] = {}
    checks = ToolCheck.objects.filter(node__tree_id__in=tree_ids).order_by("node_id", "id")
    for node, *said in checks.values_list("node_id", *CHECK_FIELDS):
        verdicts.setdefault(node, []).append(verdict_from(*said))
    found: dict[int, list[types.Node]] = {}
    rows = Node.objects.filter(tree_id__in=tree_ids).order_by("tree_id", "seq")
    for tree, key, seq, above, role, *rest in rows.values_list("tree_id", "id", "seq", "parent_seq", "role", *FIELDS):
        facts: dict[str, Any] = dict(zip(FIELDS, rest, strict=True))
        checked = tuple(verdicts.get(key, ()))
        node = types.Node(seq=seq, parent=above or 0, role=NodeRole(role), verdicts=checked, key=str(key), **facts)
        found.setdefault(tree, []).append(node)
    return found


FIELDS = (
    "text", "visits", "value_sum", "prior", "terminal", "answer", "outcome", "round", "tokens", "data",
)  # fmt: skip
CHECK_FIELDS = ("verdict", "verifier", "version", "claims", "message", "ending", "millis", "input", "output")


def node_of(row: Node, verdicts: tuple[types.Verdict, ...] = ()) -> types.Node:
    facts = {name: getattr(row, name) for name in FIELDS}
    return types.Node(
        seq=row.seq, parent=row.parent_seq or 0, role=NodeRole(row.role), verdicts=verdicts, key=str(row.pk), **facts
    )


def verdict_of(row: Any) -> types.Verdict:
    return verdict_from(*(getattr(row, name) for name in CHECK_FIELDS))


def verdict_from(
    kind: str,
    verifier: str,
    version: str,
    claims: list[dict[str, Any]],
    message: str,
    ending: str,
    millis: float,
    given: dict[str, Any] | None = None,
    found: dict[str, Any] | None = None,
) -> types.Verdict:
    evidence = tuple(types.Claim(**{**claim, "verdict": types.VerdictKind(claim["verdict"])}) for claim in claims)
    said = types.VerdictKind(kind), verifier, version, evidence, message, types.Ending(ending), millis
    return types.Verdict(*said, given, found)


def store_round(*, project_id: int, run_id: int, changes: Sequence[TreeChange]) -> int:
    """Write a round of many trees and return how many nodes were new. The caller holds the fence in this transaction.

    New nodes with their verdicts are inserted; of nodes that exist only visits and value_sum change; repeated, it
    writes nothing twice.
    """
    fresh = _store_nodes(project_id, run_id, changes)
    _store_visits(changes)
    _store_verdicts(project_id, run_id, changes, fresh)
    _store_trees(changes)
    _store_ratings(changes)
    keep_faults(project_id, [(int(change.tree.key), faulty) for change in changes for faulty in change.faults])
    return len(fresh)


def _store_nodes(project_id: int, run_id: int, changes: Sequence[TreeChange]) -> dict[tuple[int, int], int]:
    """Return (tree id, seq) -> node id of the nodes that are new."""
    rows = [row for change in changes for row in _node_rows(change)]
    if not rows:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO annotations_node (project_id, run_id, {names(NODE_COLUMNS)})
            SELECT %s, %s, {names(NODE_COLUMNS)} FROM {given(NODE_COLUMNS)}
            ON CONFLICT (tree_id, seq) DO UPDATE SET visits = EXCLUDED.visits, value_sum = EXCLUDED.value_sum
            RETURNING tree_id, seq, id, xmax = 0
            """,  # noqa: S608 own column names
            [project_id, run_id, as_json(NODE_COLUMNS, rows)],
        )
        return {(tree, seq): key for tree, seq, key, new in cursor.fetchall() if new}


def _node_rows(change: TreeChange) -> list[tuple[Any, ...]]:
    tree = int(change.tree.key)
    return [
        (
            tree, node.seq, node.parent or None, change.depths[node.seq], node.role.value, plain(node.text),
            node.terminal, plain(node.answer), node.outcome, node.visits, node.value_sum, node.prior, node.round,
            node.tokens, dict(node.data),
        )
        for node in change.nodes
        if node.seq > change.stored
    ]  # fmt: skip


def _store_visits(changes: Sequence[TreeChange]) -> None:
    """Update the statistics of nodes that are rows already."""
    rows = [
        (int(change.tree.key), node.seq, node.visits, node.value_sum)
        for change in changes
        for node in change.nodes
        if node.seq <= change.stored
    ]
    _update("node", "visits = given.visits, value_sum = given.value_sum", VISIT_COLUMNS, rows)


def _store_verdicts(
    project_id: int, run_id: int, changes: Sequence[TreeChange], fresh: Mapping[tuple[int, int], int]
) -> None:
    rows = [
        (
            fresh[int(change.tree.key), node.seq], verdict.verifier, verdict.version, verdict.kind.value,
            verdict.ending.value, plain(verdict.message), [claim_as_json(claim) for claim in verdict.claims],
            verdict.millis, node.round, plain_json(verdict.input), plain_json(verdict.output),
        )
        for change in changes
        for node in change.nodes
        if (int(change.tree.key), node.seq) in fresh
        for verdict in node.verdicts
    ]  # fmt: skip
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO annotations_toolcheck (project_id, run_id, {names(CHECK_COLUMNS)})
            SELECT %s, %s, {names(CHECK_COLUMNS)} FROM {given(CHECK_COLUMNS)} ON CONFLICT DO NOTHING
            """,  # noqa: S608 own column names
            [project_id, run_id, as_json(CHECK_COLUMNS, rows)],
        )


def claim_as_json(claim: types.Claim) -> dict[str, Any]:
    return {**asdict(claim), "text": plain(claim.text), "detail": plain(claim.detail)}


def stopped_among(tree_ids: Iterable[int]) -> set[int]:
    """Return those of these trees that somebody has stopped: whoever grows them drops them."""
    found = Tree.objects.filter(pk__in=list(tree_ids), state=TreeState.STOPPED)
    return set(found.values_list("pk", flat=True))


def _store_trees(changes: Sequence[TreeChange]) -> None:
    rows = []
    for change in changes:
        tree = change.tree
        data = dict(tree.data)
        requests = data.pop("requests_done", 0)
        rows.append(
            (
                int(tree.key), change.state.value, tree.rounds, requests, tree.visits, tree.value_sum,
                change.node_count, change.correct_paths, change.wrong_paths, {**data, **change.stats},
            )
        )  # fmt: skip
    assigned = ", ".join(f"{name} = given.{name}" for name, _ in TREE_COLUMNS[2:])
    state = "state = CASE WHEN given.state = 'growing' AND t.state = 'stopped' THEN t.state ELSE given.state END"
    ended = (
        "finished_at = CASE WHEN given.state <> 'growing' THEN now() WHEN t.state = 'stopped' THEN t.finished_at END"
    )
    _update("tree", f"{assigned}, {state}, {ended}", TREE_COLUMNS, rows)


def _store_ratings(changes: Sequence[TreeChange]) -> None:
    rows = [(int(change.tree.key), seq, rating.value) for change in changes for seq, rating in change.ratings.items()]
    _update("node", "polarity = given.polarity", RATING_COLUMNS, rows)


def _update(table: str, assigned: str, columns: Columns, rows: Sequence[tuple[Any, ...]]) -> None:
    """Set columns of rows known by id, or by (tree_id, seq)."""
    if not rows:
        return
    same = " AND ".join(f"t.{name} = given.{name}" for name, _ in columns if name in ("id", "tree_id", "seq"))
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE annotations_{table} t SET {assigned} FROM {given(columns)} WHERE {same}",  # noqa: S608 own names
            [as_json(columns, rows)],
        )
