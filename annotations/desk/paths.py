"""The paths and trees that a source stands for, as SQL that counts them or puts them into a queue."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from annotations.access import Access
from annotations.desk.sources import MOST_ITEMS, From, Source
from annotations.selectors.labels import RATED_TREES_SQL, label_params
from annotations.selectors.together import answers
from inference.desk import DeskMode

# Rows of (tree, last step or NULL, number of steps, place in the order).
OF_SLICE = """
    WITH RECURSIVE asked AS (
        SELECT word::bigint AS node, place
        FROM annotations_labelslice s, jsonb_array_elements_text(s.nodes) WITH ORDINALITY AS each(word, place)
        WHERE s.project_id = %(project)s AND s.id = %(slice)s
    ), down AS (
        SELECT a.place, n.tree_id, n.seq, n.id, n.depth
        FROM asked a JOIN annotations_node n ON n.project_id = %(project)s AND n.id = a.node
        UNION ALL
        SELECT d.place, d.tree_id, c.seq, c.id, c.depth FROM down d CROSS JOIN LATERAL (
            SELECT c.seq, c.id, c.depth FROM annotations_node c
            WHERE c.tree_id = d.tree_id AND c.parent_seq = d.seq AND NOT c.removed
            ORDER BY c.visits DESC, c.prior DESC NULLS LAST, c.seq LIMIT 1) c
    ), ends AS (SELECT DISTINCT ON (place) place, tree_id, id, depth FROM down ORDER BY place, depth DESC)
    SELECT tree_id, id AS leaf_id, depth AS steps, min(place) AS place FROM ends GROUP BY tree_id, id, depth
"""
TREES_OF_SLICE = """
    SELECT n.tree_id, NULL::bigint AS leaf_id, 0 AS steps, min(place) AS place
    FROM annotations_labelslice s, jsonb_array_elements_text(s.nodes) WITH ORDINALITY AS each(word, place),
         annotations_node n
    WHERE s.project_id = %(project)s AND s.id = %(slice)s AND n.project_id = %(project)s AND n.id = word::bigint
    GROUP BY n.tree_id
"""
OF_TREES = """
    SELECT t.id AS tree_id, n.id AS leaf_id, n.depth AS steps, t.id AS place
    FROM annotations_tree t JOIN annotations_node n ON n.tree_id = t.id
    WHERE t.project_id = %(project)s AND t.state <> 'growing' AND n.terminal AND NOT n.removed
"""
WHOLE_TREES = """
    SELECT t.id AS tree_id, NULL::bigint AS leaf_id, t.node_count AS steps, t.id AS place
    FROM annotations_tree t WHERE t.project_id = %(project)s AND t.state <> 'growing' AND t.node_count > 0
"""
# The most visited paths of a tree first.
CHOSEN = """
    SELECT tree_id, leaf_id, steps, row_number() OVER (ORDER BY place, rank) AS number FROM (
        SELECT f.*, row_number() OVER (PARTITION BY f.tree_id ORDER BY n.visits DESC, n.seq) AS rank
        FROM ({found}) f
        JOIN annotations_tree t ON t.id = f.tree_id
        JOIN annotations_problem p ON p.id = t.problem_id
        LEFT JOIN annotations_node n ON n.id = f.leaf_id
        WHERE {fits}
    ) ranked WHERE %(per_tree)s = 0 OR rank <= %(per_tree)s
    ORDER BY number LIMIT %(limit)s
"""
RIGHT = {"right": "n.outcome = 1", "wrong": "n.outcome = -1"}
RIGHT_TREES = {"right": "t.correct_paths > 0", "wrong": "t.wrong_paths > 0"}


@dataclass(frozen=True, slots=True)
class Holding:
    """How much a source stands for."""

    items: int
    trees: int
    steps: int


def paths_sql(access: Access, source: Source, mode: str) -> tuple[str, dict[str, Any]]:
    """Return the question for (tree_id, leaf_id, steps, number) of what a source stands for, in its order."""
    tree_mode = mode == DeskMode.TREE
    fits = ["true", *_filters(source, tree_mode)]
    values: dict[str, Any] = {
        **label_params(access),
        "slice": source.slice,
        "run": source.run,
        "problem_kind": source.problem_kind,
        "levels": list(source.levels),
        "per_tree": source.per_tree,
        "limit": min(source.limit or MOST_ITEMS, MOST_ITEMS),
    }
    return CHOSEN.format(found=_found(source, tree_mode), fits=" AND ".join(fits)), values


def _found(source: Source, tree_mode: bool) -> str:
    if source.kind == From.SLICE:
        return TREES_OF_SLICE if tree_mode else OF_SLICE
    found = WHOLE_TREES if tree_mode else OF_TREES
    narrowed = {
        From.RUN: " AND t.run_id = %(run)s",
        From.IMPORTED: " AND t.source <> 'search'",
        From.NOTHING: " AND false",
    }
    return found + narrowed.get(From(source.kind), "")


def _filters(source: Source, tree_mode: bool) -> list[str]:
    asked = [
        (source.problem_kind, "p.kind = %(problem_kind)s"),
        (source.levels, "p.level = ANY(%(levels)s)"),
        (source.unlabelled, f"NOT EXISTS (SELECT FROM ({RATED_TREES_SQL}) r WHERE r.tree_id = f.tree_id)"),
        (source.outcome, (RIGHT_TREES if tree_mode else RIGHT).get(source.outcome, "")),
    ]
    return [condition for wanted, condition in asked if wanted]


def holding(access: Access, source: Source, mode: str) -> Holding:
    """Return how many items a source stands for, of how many trees, with how many steps."""
    sql, values = paths_sql(access, source, mode)
    asked = f"SELECT count(*), count(DISTINCT tree_id), coalesce(sum(steps), 0) FROM ({sql}) f"  # noqa: S608 own SQL
    ((row,),) = answers((asked, values))
    return Holding(*map(int, row))
