"""Storing logged nodes, values and scores, each once however often it is sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction

from annotations import rules
from annotations.access import Access
from annotations.imports.identity import content_hash
from annotations.rules import Act
from annotations.treelog.reading import LoggedNode, LoggedTree, Refusal


@dataclass(slots=True)
class LogReport:
    """What became of a body: nodes stored now, nodes that were there, and what was refused and why."""

    stored: int = 0
    known: int = 0
    refused: list[Refusal] = field(default_factory=list)


@transaction.atomic
def store_log(*, access: Access, trees: Sequence[LoggedTree], refused: Sequence[Refusal] = ()) -> LogReport:
    """Store what a search logged. A node whose parent is not there is refused, the rest goes in."""
    rules.check(access, Act.IMPORT)
    report = LogReport(refused=list(refused))
    if not trees:
        return report
    ids = _open_trees(access, trees)
    depths = _depths(ids, trees)
    rows = []
    for tree in trees:
        rows += _placed(tree, ids[tree.key], depths, report)
    fresh = _store_nodes(access, rows)
    report.stored, report.known = len(fresh), len(rows) - len(fresh)
    _store_scores(access, rows, fresh)
    _update_values(ids, trees)
    _count(ids, trees, rows, fresh)
    return report


def _run(sql: str, params: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall() if cursor.description else []


PROBLEMS_SQL = """
INSERT INTO annotations_problem (project_id, text, answer, source, content_hash)
SELECT DISTINCT ON (hash) %(project)s, text, answer, 'log', hash
FROM unnest(%(texts)s::text[], %(answers)s::text[], %(hashes)s::text[]) AS given (text, answer, hash)
ON CONFLICT (project_id, content_hash) DO NOTHING
"""
# The update that changes nothing locks the row, so that two bodies of one tree go one after the other.
TREES_SQL = """
INSERT INTO annotations_tree (project_id, problem_id, source, external_key, state, data)
SELECT %(project)s, p.id, 'log', given.key, 'growing', jsonb_build_object('name', given.name)
FROM unnest(%(keys)s::text[], %(hashes)s::text[], %(names)s::text[]) AS given (key, hash, name)
JOIN annotations_problem p ON p.project_id = %(project)s AND p.content_hash = given.hash
ORDER BY given.key
ON CONFLICT (project_id, problem_id, run_id, external_key) DO UPDATE SET external_key = EXCLUDED.external_key
RETURNING external_key, id
"""


def _open_trees(access: Access, trees: Sequence[LoggedTree]) -> dict[str, int]:
    """Return the row ids of the trees by key; problems and trees that are new are made."""
    hashes = [content_hash("maths", tree.problem) for tree in trees]
    texts, answers = [tree.problem for tree in trees], [tree.answer for tree in trees]
    project = access.project.pk
    _run(PROBLEMS_SQL, {"project": project, "texts": texts, "answers": answers, "hashes": hashes})
    keys, names = [tree.key for tree in trees], [tree.name for tree in trees]
    return dict(_run(TREES_SQL, {"project": project, "keys": keys, "hashes": hashes, "names": names}))


def _depths(ids: dict[str, int], trees: Sequence[LoggedTree]) -> dict[tuple[int, int], int]:
    """Return the depth of every stored node that a new one hangs on, by (tree id, seq)."""
    pairs = {(ids[tree.key], node.parent) for tree in trees for node in tree.nodes if node.parent is not None}
    rows = _run(
        "SELECT tree_id, seq, depth FROM annotations_node WHERE (tree_id, seq) IN"
        " (SELECT * FROM unnest(%(trees)s::bigint[], %(seqs)s::int[]))",
        {"trees": [tree for tree, _ in pairs], "seqs": [seq for _, seq in pairs]},
    )
    return {(tree, seq): depth for tree, seq, depth in rows}


@dataclass(frozen=True, slots=True)
class _Placed:
    tree_id: int
    depth: int
    scorer: str
    node: LoggedNode


def _placed(tree: LoggedTree, tree_id: int, depths: dict[tuple[int, int], int], report: LogReport) -> list[_Placed]:
    """Return the nodes whose parents are stored or came before them in this body; refuse the others."""
    placed = []
    for node in tree.nodes:
        above = 0 if node.parent is None else depths.get((tree_id, node.parent))
        if above is None:
            report.refused.append(Refusal(node.where, f"its parent {node.parent} is not there"))
            continue
        depths[tree_id, node.seq] = above + 1
        placed.append(_Placed(tree_id, above + 1, tree.scorer, node))
    return placed


NODES_SQL = """
INSERT INTO annotations_node (project_id, tree_id, seq, parent_seq, depth, text, terminal, answer, outcome, visits,
                              value_sum)
SELECT %(project)s, tree_id, seq, parent_seq, depth, text, terminal, answer, outcome, visits, value_sum
FROM unnest(%(tree_ids)s::bigint[], %(seqs)s::int[], %(parents)s::int[], %(depths)s::smallint[], %(texts)s::text[],
            %(ends)s::bool[], %(answers)s::text[], %(outcomes)s::smallint[], %(visits)s::int[], %(sums)s::float8[])
     AS given (tree_id, seq, parent_seq, depth, text, terminal, answer, outcome, visits, value_sum)
ON CONFLICT (tree_id, seq) DO NOTHING RETURNING tree_id, seq, id
"""


def _store_nodes(access: Access, rows: Sequence[_Placed]) -> dict[tuple[int, int], int]:
    """Return the row ids of the nodes that are new."""
    nodes = [row.node for row in rows]
    stored = _run(
        NODES_SQL,
        {
            "project": access.project.pk,
            "tree_ids": [row.tree_id for row in rows],
            "seqs": [node.seq for node in nodes],
            "parents": [node.parent for node in nodes],
            "depths": [row.depth for row in rows],
            "texts": [node.text for node in nodes],
            "ends": [node.terminal for node in nodes],
            "answers": [node.answer for node in nodes],
            "outcomes": [node.outcome for node in nodes],
            "visits": [node.visits for node in nodes],
            "sums": [(node.value or 0.0) * node.visits for node in nodes],
        },
    )
    return {(tree, seq): key for tree, seq, key in stored}


SCORES_SQL = """
INSERT INTO annotations_score (project_id, node_id, scorer, version, value)
SELECT %(project)s, * FROM unnest(%(nodes)s::bigint[], %(scorers)s::text[], %(versions)s::text[], %(values)s::float8[])
ON CONFLICT DO NOTHING
"""


def _store_scores(access: Access, rows: Sequence[_Placed], fresh: dict[tuple[int, int], int]) -> None:
    scored = [
        (fresh[row.tree_id, row.node.seq], row.scorer, "logged", row.node.score)
        for row in rows
        if row.node.score is not None and (row.tree_id, row.node.seq) in fresh
    ]
    if scored:
        nodes, scorers, versions, values = (list(column) for column in zip(*scored, strict=True))
        given = {"nodes": nodes, "scorers": scorers, "versions": versions, "values": values}
        _run(SCORES_SQL, {"project": access.project.pk, **given})


UPDATE_SQL = """
UPDATE annotations_node n SET visits = given.visits, value_sum = given.value_sum
FROM unnest(%(trees)s::bigint[], %(seqs)s::int[], %(visits)s::int[], %(sums)s::float8[])
     AS given (tree_id, seq, visits, value_sum)
WHERE n.tree_id = given.tree_id AND n.seq = given.seq
"""


def _update_values(ids: dict[str, int], trees: Sequence[LoggedTree]) -> None:
    updates = [(ids[tree.key], one.seq, one.visits, one.value * one.visits) for tree in trees for one in tree.updates]
    if updates:
        keys, seqs, visits, sums = (list(column) for column in zip(*updates, strict=True))
        _run(UPDATE_SQL, {"trees": keys, "seqs": seqs, "visits": visits, "sums": sums})


COUNT_SQL = """
UPDATE annotations_tree t
SET node_count = t.node_count + given.nodes, correct_paths = t.correct_paths + given.correct,
    wrong_paths = t.wrong_paths + given.wrong,
    state = CASE WHEN given.done THEN 'done' ELSE t.state END,
    finished_at = CASE WHEN given.done THEN coalesce(t.finished_at, now()) ELSE t.finished_at END
FROM unnest(%(trees)s::bigint[], %(nodes)s::int[], %(correct)s::int[], %(wrong)s::int[], %(done)s::bool[])
     AS given (id, nodes, correct, wrong, done)
WHERE t.id = given.id
"""


def _count(
    ids: dict[str, int], trees: Sequence[LoggedTree], rows: Sequence[_Placed], fresh: dict[tuple[int, int], int]
) -> None:
    counts = {ids[tree.key]: [0, 0, 0] for tree in trees}
    for row in rows:
        if (row.tree_id, row.node.seq) in fresh:
            count = counts[row.tree_id]
            count[0] += 1
            count[1] += row.node.outcome == 1
            count[2] += row.node.outcome == -1
    keys = [ids[tree.key] for tree in trees]
    columns = {name: [counts[key][at] for key in keys] for at, name in enumerate(("nodes", "correct", "wrong"))}
    _run(COUNT_SQL, {"trees": keys, **columns, "done": [tree.done for tree in trees]})
