"""What a person says of the steps of an item that he labels: his own newest words, never others'."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from annotations.selectors.together import Prepared, Statement
from inference.labelwork import SaidStep, Work
from inference.types import Rating

RATINGS = {rating.value: rating for rating in Rating}
# "id + 0" keeps the planner, while it takes the labels for few, from walking all of them backwards for the newest.
# The steps on the path of an item and the other continuations along it; of an item without a leaf all of its tree.
WORDS = Prepared(
    "words_of_sessions",
    """
    WITH RECURSIVE asked AS (
        SELECT s.id, 'u' || s.user_id AS voter, i.tree_id, i.leaf_id
        FROM annotations_labelsession s JOIN annotations_labelitem i ON i.id = s.item_id
        WHERE s.project_id = %(project)s AND s.id = ANY(%(sessions)s)),
    path AS (
        SELECT a.id, n.tree_id, n.seq, n.parent_seq FROM asked a JOIN annotations_node n ON n.id = a.leaf_id
        UNION ALL
        SELECT p.id, n.tree_id, n.seq, n.parent_seq FROM path p JOIN annotations_node n
        ON n.tree_id = p.tree_id AND n.seq = p.parent_seq),
    steps AS (
        SELECT a.id AS session, a.voter, n.id, n.seq, n.parent_seq, n.text, n.terminal, n.answer, false AS on_path
        FROM asked a JOIN annotations_node n ON n.tree_id = a.tree_id WHERE a.leaf_id IS NULL AND NOT n.removed
        UNION ALL
        SELECT a.id, a.voter, n.id, n.seq, n.parent_seq, n.text, n.terminal, n.answer, n.seq = p.seq
        FROM path p JOIN asked a ON a.id = p.id
        JOIN annotations_node n ON n.tree_id = p.tree_id AND n.parent_seq = p.parent_seq
        WHERE n.seq = p.seq OR NOT n.removed
        UNION ALL
        SELECT a.id, a.voter, n.id, n.seq, n.parent_seq, n.text, n.terminal, n.answer, n.seq = p.seq
        FROM path p JOIN asked a ON a.id = p.id
        JOIN annotations_node n ON n.tree_id = p.tree_id AND n.parent_seq IS NULL
        WHERE p.parent_seq IS NULL AND (n.seq = p.seq OR NOT n.removed))
    SELECT s.session, s.id, s.seq, coalesce(s.parent_seq, 0), s.text, s.on_path, s.terminal, s.answer, e.rating, e.data
    FROM steps s LEFT JOIN LATERAL (
        SELECT e.rating, e.data FROM annotations_labelevent e WHERE e.node_id = s.id AND e.voter = s.voter
        ORDER BY e.id + 0 DESC LIMIT 1) e ON true
    ORDER BY s.session, s.seq
""",
    project="bigint",
    sessions="bigint[]",
)


@dataclass(frozen=True, slots=True)
class Item:
    """What a session's item is to its work: a whole tree or a path, and the steps that the person wrote himself."""

    session: int
    whole_tree: bool
    own: dict[str, Any]


def words(project_id: int, session_ids: Sequence[int]) -> Statement:
    """Return the question for the steps of these sessions' items, each with the session's person's newest word."""
    return WORDS.asked(project=project_id, sessions=list(session_ids))


def works(items: Iterable[Item], rows: Iterable[tuple[Any, ...]]) -> dict[int, Work]:
    """Return the work of each session from the rows of `words`."""
    steps: dict[int, list[SaidStep]] = {}
    for session, *row in rows:
        steps.setdefault(session, []).append(_step(*row))
    return {item.session: Work(steps.get(item.session, []), item.whole_tree, item.own) for item in items}


def _step(
    node: int, seq: int, parent: int, text: str, on_path: bool, terminal: bool, answer: str, rating: Any, data: Any
) -> SaidStep:
    said = json.loads(data) if data and data != "{}" else {}
    chosen, flagged = said.get("chosen") is True, said.get("flagged") is True
    return SaidStep(node, seq, parent, text, on_path, terminal, answer, RATINGS.get(rating), chosen, flagged)
