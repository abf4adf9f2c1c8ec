"""Labelled trees, read a page of trees at a time, so that memory stays flat whatever the project holds."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from django.db import connection

from annotations.selectors.labels import RESOLVED_SQL
from inference.datasets import LabelledTree, Recipe, StoredPath
from inference.types import Claim, Ending, Node, NodeRole, Problem, Rating, Tree, TreeState, Verdict, VerdictKind

PAGE = 500
TREES = """
    SELECT t.id, t.problem_id, p.text, p.answer, p.solution, p.level, p.kind, t.source, t.state, t.seed, t.data
    FROM annotations_tree t JOIN annotations_problem p ON p.id = t.problem_id
    WHERE t.project_id = %(project)s AND t.id > %(after)s ORDER BY t.id LIMIT %(page)s
"""
NODES = """
    SELECT tree_id, id, seq, coalesce(parent_seq, 0), text, role, visits, value_sum, terminal, answer, outcome
    FROM annotations_node WHERE tree_id = ANY(%(trees)s) AND NOT removed ORDER BY tree_id, seq
"""
RATINGS = f"SELECT * FROM ({RESOLVED_SQL}) r WHERE r.node_id = ANY(%(nodes)s)"  # noqa: S608 constants only
# Each tool's newest word; a refutation goes first, then support.
VERDICTS = """
    SELECT node_id, verdict, verifier, version, claims, message, ending
    FROM (SELECT DISTINCT ON (node_id, verifier) * FROM annotations_toolcheck
          WHERE node_id = ANY(%(nodes)s) ORDER BY node_id, verifier, id DESC) newest
    ORDER BY node_id, array_position(ARRAY['refuted', 'supported'], verdict::text) NULLS LAST, id
"""
PATHS = """
    SELECT r.tree_id, n.seq, r.external_key, r.id, r.source, r.answer, r.outcome, r.data
    FROM annotations_rationale r JOIN annotations_node n ON n.id = r.leaf_id
    WHERE n.tree_id = ANY(%(trees)s) AND NOT n.removed ORDER BY r.id
"""
Values = tuple[Any, ...]
ROLES = {role.value: role for role in NodeRole}
RATINGS_BY_NAME = {rating.value: rating for rating in Rating}


def rows(statement: str, params: dict[str, Any]) -> list[Values]:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return list(cursor.fetchall())


def labelled_trees(recipe: Recipe, labels: dict[str, object], *, all_trees: bool) -> Iterator[LabelledTree | None]:
    """Yield the project's trees with what the viewer may see of their labels; None for one without any label.

    `labels` are the parameters of annotations.selectors.labels; `all_trees` yields unlabelled trees too.
    """
    after = 0
    while page := rows(TREES, {**labels, "after": after, "page": PAGE}):
        after = page[-1][0]
        yield from _page(page, recipe, labels, all_trees)


def _page(
    page: list[Values], recipe: Recipe, labels: dict[str, object], all_trees: bool
) -> Iterator[LabelledTree | None]:
    trees = {"trees": [row[0] for row in page]}
    by_tree: dict[int, list[Values]] = defaultdict(list)
    for row in rows(NODES, trees):
        by_tree[row[0]].append(row)
    nodes = {**labels, "nodes": [row[1] for found in by_tree.values() for row in found]}
    ratings = {row[0]: row[1:4] for row in rows(RATINGS, nodes)}
    verdicts = _verdicts(nodes) if "verdicts" in recipe.needs else {}
    paths = _paths(trees) if "paths" in recipe.needs else {}
    for row in page:
        made = _labelled(row, by_tree[row[0]], ratings, verdicts, paths.get(row[0], []))
        yield made if made.ratings or all_trees else None


def _labelled(
    row: Values,
    nodes: list[Values],
    ratings: dict[int, Values],
    verdicts: dict[int, list[Verdict]],
    paths: list[StoredPath],
) -> LabelledTree:
    tree_id, problem_id, text, answer, solution, level, kind, source, state, seed, data = row
    found = _without_orphans([_node(node, verdicts.get(node[1], [])) for node in nodes])
    seqs = {node.seq for node in found}
    rated = {node[2]: ratings[node[1]] for node in nodes if node[1] in ratings and node[2] in seqs}
    return LabelledTree(
        tree=Tree(
            problem=Problem(str(problem_id), text, answer, solution, level, kind),
            nodes=tuple(found),
            state=TreeState(state),
            seed=seed,
            key=str(tree_id),
            source=source,
            data=json.loads(data),
        ),
        ratings={seq: RATINGS_BY_NAME[values[0]] for seq, values in rated.items()},
        categories={seq: values[1] for seq, values in rated.items() if values[1]},
        by_people=frozenset(seq for seq, values in rated.items() if values[2]),
        paths=tuple(path for path in paths if path.leaf in seqs),
    )


def _node(row: Values, verdicts: list[Verdict]) -> Node:
    _, node_id, seq, parent, text, role, visits, value_sum, terminal, answer, outcome = row
    return Node(
        seq=seq,
        parent=parent,
        text=text,
        role=ROLES[role],
        visits=visits,
        value_sum=value_sum,
        terminal=terminal,
        answer=answer,
        outcome=outcome,
        verdicts=tuple(verdicts),
        key=str(node_id),
    )


def _without_orphans(nodes: list[Node]) -> list[Node]:
    """Leave out what stands below a removed node."""
    kept: list[Node] = []
    seqs = {0}
    for node in nodes:
        if node.parent in seqs:
            seqs.add(node.seq)
            kept.append(node)
    return kept


def _verdicts(nodes: dict[str, Any]) -> dict[int, list[Verdict]]:
    found: dict[int, list[Verdict]] = defaultdict(list)
    for node_id, verdict, verifier, version, claims, message, ending in rows(VERDICTS, nodes):
        made = tuple(_claim(claim) for claim in json.loads(claims))
        found[node_id].append(Verdict(VerdictKind(verdict), verifier, version, made, message, Ending(ending)))
    return found


def _claim(claim: dict[str, Any]) -> Claim:
    verdict = VerdictKind(claim.get("verdict", VerdictKind.UNDECIDED))
    return Claim(str(claim.get("text", "")), verdict, str(claim.get("detail", "")))


def _paths(trees: dict[str, Any]) -> dict[int, list[StoredPath]]:
    found: dict[int, list[StoredPath]] = defaultdict(list)
    for tree_id, seq, key, row_id, source, answer, outcome, raw in rows(PATHS, trees):
        data = json.loads(raw)
        label = data.get("label")
        whole = isinstance(label, int) and not isinstance(label, bool)
        found[tree_id].append(
            StoredPath(seq, key or f"path-{row_id}", source, answer, outcome, label if whole else None, data)
        )
    return found
