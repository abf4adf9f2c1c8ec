"""What a search chose in a tree, as it remembered it in `stats.memo`, and how often a run's choices are right."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from annotations.access import Access
from annotations.models import Tree
from annotations.selectors.together import answers
from annotations.selectors.trees import HEAD, Spot, TreeMap

# Of trees with a chosen answer: how many there are, how many of them have an outcome, how many are right.
# OFFSET 0 keeps it to one look a tree.
CHOSEN = """
SELECT count(*), count(n.outcome), count(*) FILTER (WHERE n.outcome = 1)
FROM annotations_tree t CROSS JOIN LATERAL (
    SELECT n.outcome FROM annotations_node n
    WHERE n.tree_id = t.id AND n.seq = CASE WHEN t.stats->'memo'->>'best' ~ '^[0-9]{1,9}$'
                                            THEN (t.stats->'memo'->>'best')::int END OFFSET 0) n
WHERE t.run_id = %s
"""


@dataclass(frozen=True, slots=True)
class Vote:
    """An answer with its votes; `spot` is the first node that gave it, where it is known."""

    answer: str
    count: int
    spot: Spot | None


@dataclass(frozen=True, slots=True)
class Choice:
    """The answer that a search chose: its node, its confidence in [0, 1], the steps that lead to it, and the votes."""

    method: str
    spot: Spot
    confidence: float | None
    path: frozenset[int]
    votes: tuple[Vote, ...]


def chosen_in(access: Access, run_id: int) -> tuple[int, int, int]:
    """Return what CHOSEN counts of a run; zeros for one of another project."""
    (rows,) = answers((f"{CHOSEN} AND t.project_id = %s", [run_id, access.project.pk]))
    chosen, judged, right = rows[0]
    return chosen, judged, right


def choice_of(whole: TreeMap) -> Choice | None:
    """Return what the search chose in a tree, None where it chose nothing."""
    memo = _memo(whole.tree)
    best = memo.get("best")
    spot = whole.spots.get(best) if isinstance(best, int) else None
    if spot is None:
        return None
    sure = memo.get("confidence")
    method = str(whole.tree.run.params.get("method", "")) if whole.tree.run else ""
    confidence = min(max(float(sure), 0.0), 1.0) if isinstance(sure, int | float) else None
    path = frozenset(step.seq for step in whole.path(spot.seq))
    return Choice(method, spot, confidence, path, tuple(_votes(whole, memo)))


def first_errors(whole: TreeMap) -> dict[int, int]:
    """Return the steps that a binary search found to be first errors, with the last node of the solution searched."""
    pairs = _memo(whole.tree).get("errors")
    found = [pair for pair in pairs if isinstance(pair, list) and len(pair) == 2] if isinstance(pairs, list) else []
    return {wrong: last for last, wrong in found if wrong in whole.spots and last in whole.spots}


def _memo(tree: Tree) -> Mapping[str, Any]:
    memo = tree.stats.get("memo")
    return memo if isinstance(memo, dict) else {}


def _votes(whole: TreeMap, memo: Mapping[str, Any]) -> list[Vote]:
    given: dict[str, Spot] = {}
    for spot in sorted(whole.spots.values(), key=lambda spot: spot.seq):
        if spot.terminal:
            given.setdefault(spot.head, spot)
    rows = memo.get("votes")
    pairs = [row for row in rows if isinstance(row, list) and len(row) == 2] if isinstance(rows, list) else []
    return [
        Vote(str(answer), count, given.get(str(answer)[:HEAD])) for answer, count in pairs if isinstance(count, int)
    ]
