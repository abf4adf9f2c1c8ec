"""How far in front an item stands, by strategy, as SQL over all open items of a queue at once.

What is said of steps is read where the review keeps it (ReviewStep: each scorer's current number, the verdict), labels
by each voter's current event. Each statement returns (item, value); what it leaves out is worth 0.
"""

from __future__ import annotations

from annotations.reviewing.fold import PRM
from annotations.reviewing.kinds import VERDICTS
from annotations.selectors.labels import CURRENT_SQL
from inference.desk import Strategy

ITEMS = """
    SELECT i.id, i.tree_id, i.leaf_id, i.number, i.priority FROM annotations_labelitem i
    WHERE i.queue_id = %(queue)s AND i.role = 'work' AND i.state = 'open' AND i.places > 0
"""
# The steps of each item: the whole tree, or the path. A leaf whose number is its depth has all before it above it; from
# the others a walk leads up.
STEPS = """
    leaves AS MATERIALIZED (
        SELECT i.id AS item, n.id AS node, n.tree_id, n.seq, n.parent_seq, n.seq = n.depth AS straight
        FROM items i JOIN annotations_node n ON n.id = i.leaf_id),
    walked (item, node, tree_id, parent_seq) AS (
        SELECT item, node, tree_id, parent_seq FROM leaves WHERE NOT straight
        UNION ALL
        SELECT w.item, n.id, n.tree_id, n.parent_seq FROM walked w
        JOIN annotations_node n ON n.tree_id = w.tree_id AND n.seq = w.parent_seq),
    steps AS (
        SELECT item, node FROM walked
        UNION ALL
        SELECT l.item, n.id FROM leaves l JOIN annotations_node n ON n.tree_id = l.tree_id AND n.seq <= l.seq
        WHERE l.straight
        UNION ALL
        SELECT i.id, n.id FROM items i JOIN annotations_node n ON n.tree_id = i.tree_id
        WHERE i.leaf_id IS NULL AND NOT n.removed)
"""
# p(the step is correct) as the PRM has it; where it says nothing, as the first other scorer by name has it.
SCORED = f"""
    scored AS (
        SELECT node_id, least(1, greatest(0, coalesce((scores ->> '{PRM}')::float8, (
                   SELECT value::float8 FROM jsonb_each_text(scores) ORDER BY key COLLATE "C" LIMIT 1)))) AS p
        FROM annotations_reviewstep WHERE project_id = %(project)s AND scores <> '{{}}')
"""  # noqa: S608 constants only
# The verdict of a step is the part of `said` above the rating (annotations.reviewing.kinds).
REFUTED = f"said / 4 = {VERDICTS.index('refuted')}"
LABELS = f"labels AS MATERIALIZED ({CURRENT_SQL})"

RANDOM = """
    SELECT id, (hashint8extended(id, %(seed)s) & 9223372036854775807) / 9223372036854775807.0::float8 FROM items
"""
UNCERTAINTY = f"""
    {{start}}, {STEPS}, {SCORED}
    SELECT t.item, max(1 - 2 * abs(s.p - 0.5)) FROM steps t JOIN scored s ON s.node_id = t.node GROUP BY t.item
"""  # noqa: S608
# A step that a tool refutes is wrong to it; support says nothing of a step (docs/log.md).
DISAGREEMENT = f"""
    {{start}}, {STEPS}, {SCORED}, {LABELS},
    said (node_id, p) AS (
        SELECT node_id, p FROM scored
        UNION ALL
        SELECT node_id, 0 FROM annotations_reviewstep WHERE project_id = %(project)s AND {REFUTED}
        UNION ALL
        SELECT node_id, CASE rating WHEN 'correct' THEN 1 WHEN 'neutral' THEN 0.5 ELSE 0 END FROM labels
        WHERE rating IS NOT NULL),
    gaps AS (SELECT node_id, max(p) - min(p) AS gap FROM said GROUP BY node_id HAVING max(p) > min(p))
    SELECT t.item, max(g.gap) FROM steps t JOIN gaps g ON g.node_id = t.node GROUP BY t.item
"""  # noqa: S608
# Kinds of errors: the category that a label gives, "refuted by" the verifier that refutes. Each kind's items stand in
# their order, the k-th where it would stand once those before it were labelled.
COVERAGE = f"""
    {{start}}, {STEPS}, {LABELS},
    kinds AS MATERIALIZED (
        SELECT DISTINCT node_id, 'category ' || category AS kind FROM labels WHERE rating = 'incorrect'
        UNION
        SELECT r.node_id, 'refuted by ' || c.verifier FROM annotations_reviewstep r CROSS JOIN LATERAL (
            SELECT DISTINCT ON (x.verifier) x.verifier, x.verdict FROM annotations_toolcheck x
            WHERE x.node_id = r.node_id ORDER BY x.verifier, x.id DESC) c
        WHERE r.project_id = %(project)s AND r.{REFUTED} AND c.verdict = 'refuted'),
    found AS MATERIALIZED (
        SELECT l.node_id, l.category FROM labels l
        JOIN annotations_labelevent e ON e.id = l.id JOIN annotations_labelsession s ON s.id = e.session_id
        WHERE l.rating = 'incorrect' AND s.queue_id = %(queue)s),
    counted AS (
        SELECT kind, count(*) AS n FROM (
            SELECT 'category ' || category AS kind FROM found
            UNION ALL
            SELECT k.kind FROM found f JOIN kinds k ON k.node_id = f.node_id AND k.kind LIKE 'refuted by %%') each
        GROUP BY kind),
    rarest AS (
        SELECT DISTINCT ON (t.item) t.item, k.kind, coalesce(c.n, 0) AS n
        FROM steps t JOIN kinds k ON k.node_id = t.node LEFT JOIN counted c ON c.kind = k.kind
        ORDER BY t.item, coalesce(c.n, 0), k.kind)
    SELECT r.item, 1.0::float8 / (r.n + row_number() OVER (PARTITION BY r.kind ORDER BY i.number))
    FROM rarest r JOIN items i ON i.id = r.item
"""  # noqa: S608

VALUES = {
    Strategy.ORDER: "SELECT id, 0.0::float8 FROM items",
    Strategy.RANDOM: RANDOM,
    Strategy.UNCERTAINTY: UNCERTAINTY,
    Strategy.DISAGREEMENT: DISAGREEMENT,
    Strategy.COVERAGE: COVERAGE,
}


def changed(strategy: Strategy) -> str:
    """Return the statement that finds the items whose priority is another one now, with it."""
    start = f"WITH RECURSIVE items AS MATERIALIZED ({ITEMS})"
    values = VALUES[strategy]
    values = values.replace("{start}", start) if "{start}" in values else f"{start} {values}"
    return f"""
        WITH fresh (item, value) AS ({values}), open_items AS ({ITEMS})
        SELECT i.id, coalesce(f.value, 0) FROM open_items i LEFT JOIN fresh f ON f.item = i.id
        WHERE abs(i.priority - coalesce(f.value, 0)) > 1e-9
    """  # noqa: S608
