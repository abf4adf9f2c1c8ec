"""What an item of the desk shows, as one value of SQL: it goes with whatever finds or takes the item, in one statement.

What a session's aids hide is not read at all, and nobody else's label ever is.
"""

from __future__ import annotations

import json
from typing import Any, TypedDict

from annotations.desk.params import HIDDEN, DeskSettings
from annotations.selectors.labels import voter_of

DEFAULTS = json.dumps(DeskSettings().as_dict())
# Of a session `s` with its item `i` and its queue `q`. The steps are those of a path with (if asked) what else stands
# beside each of them, or of a whole tree.
SHOWN = f"""(
    WITH RECURSIVE wanted AS MATERIALIZED (
        SELECT (o ->> 'alternatives')::boolean AS beside, o ->> 'reference' <> '{HIDDEN}' AS reference,
               o ->> 'evidence' <> '{HIDDEN}' AS evidence, o ->> 'prelabels' <> '{HIDDEN}' AS prelabels
        FROM (SELECT %(defaults)s || q.settings || s.aids AS o) x),
    up AS (
        SELECT n.id, n.tree_id, n.seq, n.parent_seq FROM annotations_node n
        WHERE n.id = i.leaf_id AND n.project_id = i.project_id
        UNION ALL
        SELECT n.id, n.tree_id, n.seq, n.parent_seq FROM up JOIN annotations_node n
        ON n.tree_id = up.tree_id AND n.seq = up.parent_seq),
    shown AS MATERIALIZED (
        SELECT n.id, n.seq, n.parent_seq, n.depth, n.role, n.text, n.terminal, n.id = up.id AS on_path
        FROM up JOIN annotations_node n ON n.tree_id = up.tree_id AND (
            n.id = up.id OR ((SELECT beside FROM wanted) AND NOT n.removed
                             AND n.parent_seq IS NOT DISTINCT FROM up.parent_seq))
        UNION ALL
        SELECT n.id, n.seq, n.parent_seq, n.depth, n.role, n.text, n.terminal, false FROM annotations_node n
        WHERE i.leaf_id IS NULL AND n.tree_id = i.tree_id AND n.project_id = i.project_id AND NOT n.removed)
    SELECT json_build_object(
        'problem', (
            SELECT json_build_array(p.id, p.text, CASE WHEN reference THEN p.answer ELSE '' END,
                                    CASE WHEN reference THEN p.solution ELSE '' END)
            FROM annotations_tree t JOIN annotations_problem p ON p.id = t.problem_id
            WHERE t.id = i.tree_id AND t.project_id = i.project_id),
        'steps', (
            SELECT coalesce(json_agg(json_build_array(id, seq, coalesce(parent_seq, 0), depth, role, text, terminal,
                                                      on_path) ORDER BY depth, on_path DESC, seq), '[]')
            FROM shown),
        'mine', (
            SELECT coalesce(json_agg(json_build_array(e.node_id, e.id, e.rating, e.category, e.note, e.rewrite,
                                                      e.data)), '[]')
            FROM (SELECT DISTINCT ON (e.node_id) e.* FROM shown JOIN annotations_labelevent e ON e.node_id = shown.id
                  WHERE e.project_id = i.project_id AND e.voter = %(voter)s ORDER BY e.node_id, e.id DESC) e),
        'checks', CASE WHEN evidence OR prelabels THEN (
            SELECT json_agg(json_build_array(c.node_id, c.verifier, c.verdict, c.message, c.claims) ORDER BY c.id)
            FROM shown JOIN annotations_toolcheck c ON c.node_id = shown.id) END,
        'scores', CASE WHEN prelabels THEN (
            SELECT json_agg(json_build_array(r.node_id, r.value))
            FROM (SELECT DISTINCT ON (r.node_id) r.node_id, r.value FROM shown
                  JOIN annotations_score r ON r.node_id = shown.id
                  WHERE r.scorer LIKE 'prm%%' ORDER BY r.node_id, r.id DESC) r) END)::text
    FROM wanted)
"""  # noqa: S608 constants only
SHOWN_TYPES = {"defaults": "jsonb", "voter": "text"}


class Shown(TypedDict):
    """What SHOWN tells; a part that the aids hide is None. Rows as desk_item reads them."""

    problem: list[Any]
    steps: list[list[Any]]
    mine: list[list[Any]]
    checks: list[list[Any]] | None
    scores: list[list[Any]] | None


def shown_params(user_id: int) -> dict[str, Any]:
    """Return the parameters of SHOWN for one person."""
    return {"defaults": DEFAULTS, "voter": voter_of(user_id)}


def read_shown(text: str) -> Shown:
    told: Shown = json.loads(text)
    return told
