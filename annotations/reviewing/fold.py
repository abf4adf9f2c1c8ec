"""Takes what was newly said of steps into the counts of the review page. Knows nothing about who looks at it.

1. Triggers note the steps of which something was said (ReviewDue), in the transaction that says it.
2. A fold takes some of these notes, works the steps out afresh, and moves them between cells, in one transaction.
3. A page folds what is due before it counts; imports and scores fold as they end, idle light workers the rest.

One fold a project runs at a time; what is said meanwhile stays due.
"""

from __future__ import annotations

from django.db import connection, transaction

from annotations.reviewing.kinds import MOST_PAIRED, SAID_SQL
from annotations.selectors.labels import RESOLVED_SQL

BATCH = 5_000
TOLD_AT = {0, BATCH, 4 * BATCH, 16 * BATCH}
# A page takes in this many steps at most before it shows what it has.
PAGE_MOST = 2_000
# Lowest values of the bands by which steps are counted.
DEPTHS = (1, 2, 3, 4, 6, 9, 13)
LENGTHS = (0, 60, 120, 240, 480)
HEAD_KIND, PRM = "prm-head", "prm"

LOCK = "SELECT pg_try_advisory_xact_lock(hashtext('studio review'), %(project)s::bigint::int)"
DUE = """
    SELECT DISTINCT node_id FROM annotations_reviewdue WHERE project_id = %(project)s ORDER BY node_id LIMIT %(most)s
"""
# Ids as values, not joined: right after an import the planner knows nothing of these tables and would choose loops.
TAKE = """
    DELETE FROM annotations_reviewdue WHERE project_id = %(project)s AND node_id = ANY(%(nodes)s);
    DELETE FROM annotations_reviewscore WHERE project_id = %(project)s AND node_id = ANY(%(nodes)s)
"""
# What is said of one step `n`, looked up step by step: right after an import the planner's figures are of no use, and
# the plans that it then finds for many steps at once take minutes. Of PRM heads only the newest active one speaks.
SCORES = """
    SELECT jsonb_object_agg(scorer, value) AS scores,
           jsonb_object_agg(scorer, (value >= coalesce(threshold, 0.5))::int) AS sides
    FROM (SELECT DISTINCT ON (x.scorer) x.scorer, x.value, x.threshold FROM annotations_score x
          WHERE x.node_id = n.id
            AND (x.scorer <> %(prm)s OR x.version = coalesce((SELECT files_hash FROM head), x.version))
          ORDER BY x.scorer, x.id DESC) newest
"""
HEAD = """
    SELECT files_hash FROM annotations_modelartefact
    WHERE project_id = %(project)s AND kind = %(head)s AND active ORDER BY id DESC LIMIT 1
"""
# Each verifier's newest check; among verifiers refuted goes before supported before undecided.
VERDICT = """
    SELECT (array_agg(verdict ORDER BY array_position(ARRAY['refuted', 'supported', 'undecided'],
                                                      verdict::text)))[1] AS verdict
    FROM (SELECT DISTINCT ON (x.verifier) x.verdict FROM annotations_toolcheck x
          WHERE x.node_id = n.id ORDER BY x.verifier, x.id DESC) newest
"""
LABEL = f"SELECT r.rating, r.category FROM ({RESOLVED_SQL}) r WHERE r.node_id = n.id OFFSET 0"  # noqa: S608
# Who wrote a step: the generator of the first rationale that it is part of. OFFSET 0 keeps it to one look a step.
GENERATORS = """
    SELECT DISTINCT ON (id) id, generator FROM above ORDER BY id, rationale
"""
ABOVE = """
    SELECT r.id AS rationale, r.data ->> 'generator' AS generator, n.id, n.tree_id, n.parent_seq
    FROM annotations_rationale r JOIN annotations_node n ON n.id = r.leaf_id
    WHERE r.project_id = %(project)s AND r.data ->> 'generator' <> ''
      AND r.tree_id IN (SELECT tree_id FROM annotations_node WHERE id = ANY(%(nodes)s))
    UNION ALL
    SELECT b.rationale, b.generator, n.* FROM above b CROSS JOIN LATERAL (
        SELECT n.id, n.tree_id, n.parent_seq FROM annotations_node n
        WHERE n.tree_id = b.tree_id AND n.seq = b.parent_seq OFFSET 0) n
"""
DIMENSIONS = "sides, verdict, rating, category, source, depth, length"
FOLD = f"""
    WITH RECURSIVE above AS ({ABOVE}),
    head AS MATERIALIZED ({HEAD}),
    told AS MATERIALIZED (
        SELECT n.id AS node_id, coalesce(s.scores, '{{}}') AS scores, coalesce(s.sides, '{{}}') AS sides,
               coalesce(v.verdict, '') AS verdict, coalesce(l.rating, '') AS rating,
               coalesce(l.category, '') AS category, left(coalesce(g.generator, t.source), 120) AS source,
               (%(depths)s::int[])[greatest(width_bucket(n.depth::int, %(depths)s::int[]), 1)] AS depth,
               (%(lengths)s::int[])[greatest(width_bucket(length(n.text), %(lengths)s::int[]), 1)] AS length
        FROM annotations_node n JOIN annotations_tree t ON t.id = n.tree_id
        LEFT JOIN LATERAL ({SCORES}) s ON true
        LEFT JOIN LATERAL ({VERDICT}) v ON true
        LEFT JOIN LATERAL ({LABEL}) l ON true
        LEFT JOIN ({GENERATORS}) g ON g.id = n.id
        WHERE n.project_id = %(project)s AND n.id = ANY(%(nodes)s) AND NOT n.removed
          AND (s.scores IS NOT NULL OR v.verdict IS NOT NULL OR l.rating IS NOT NULL)),
    fresh AS MATERIALIZED (
        SELECT *, ('x' || left(md5(concat_ws('|', {DIMENSIONS})), 16))::bit(64)::bigint AS key, {SAID_SQL} AS said
        FROM told),
    numbers AS MATERIALIZED (
        SELECT f.node_id, f.key AS cell, f.said, v.key AS scorer, v.value::float8 AS value,
               (f.sides -> v.key)::int AS side, count(*) OVER (PARTITION BY f.node_id) AS scorers
        FROM fresh f CROSS JOIN LATERAL jsonb_each(f.scores) AS v),
    old AS MATERIALIZED (
        SELECT was.* FROM unnest(%(nodes)s::bigint[]) AS asked (id) CROSS JOIN LATERAL (
            SELECT s.id, s.node_id, s.cell FROM annotations_reviewstep s
            WHERE s.project_id = %(project)s AND s.node_id = asked.id OFFSET 0) was),
    moved AS (
        INSERT INTO annotations_reviewstep (project_id, node_id, cell, said, scores)
        SELECT %(project)s, node_id, key, said, scores FROM fresh
        ON CONFLICT (project_id, node_id)
        DO UPDATE SET cell = EXCLUDED.cell, said = EXCLUDED.said, scores = EXCLUDED.scores),
    ordered AS (
        INSERT INTO annotations_reviewscore (project_id, node_id, scorer, other, kind, cell, sure)
        SELECT %(project)s, node_id, scorer, '', 16 * side + said, cell, CASE side WHEN 1 THEN value ELSE 1 - value END
        FROM numbers
        UNION ALL
        SELECT %(project)s, a.node_id, a.scorer, b.scorer, 2 * a.side + b.side, a.cell, abs(a.value - b.value)
        FROM numbers a JOIN numbers b ON a.node_id = b.node_id AND a.scorer < b.scorer COLLATE "C"
        WHERE a.scorers BETWEEN 2 AND %(paired)s AND b.scorers > 1),
    gone AS (
        DELETE FROM annotations_reviewstep
        WHERE id IN (SELECT id FROM old WHERE node_id NOT IN (SELECT node_id FROM fresh)))
    INSERT INTO annotations_reviewcell (project_id, key, {DIMENSIONS}, n)
    SELECT %(project)s, key, {DIMENSIONS}, sum(by_) FROM (
        SELECT key, {DIMENSIONS}, 1 AS by_ FROM fresh
        UNION ALL
        SELECT c.key, {", ".join(f"c.{name}" for name in DIMENSIONS.split(", "))}, -1
        FROM old JOIN annotations_reviewcell c ON c.project_id = %(project)s AND c.key = old.cell) changed
    GROUP BY key, {DIMENSIONS} HAVING sum(by_) <> 0
    ON CONFLICT (project_id, key) DO UPDATE SET n = annotations_reviewcell.n + EXCLUDED.n
"""  # noqa: S608 constants only
# The order of these queues follows what is said of steps (annotations.desk.priorities); to the second is near enough.
QUEUES = """
    UPDATE annotations_labelqueue SET said_at = clock_timestamp()
    WHERE project_id = %(project)s AND strategy IN ('uncertainty', 'disagreement', 'coverage') AND state <> 'closed'
      AND (said_at IS NULL OR said_at < now() - interval '5 seconds')
"""
EMPTY = "DELETE FROM annotations_reviewcell WHERE project_id = %(project)s AND n <= 0"
STATISTICS = """
    ANALYZE annotations_reviewstep (project_id, node_id, cell, said), annotations_reviewcell (project_id, key, n),
            annotations_reviewdue (project_id, node_id), annotations_labelevent (project_id, node_id, voter),
            annotations_reviewscore (project_id, node_id, scorer, other, kind, cell),
            annotations_score (project_id, node_id, scorer), annotations_toolcheck (project_id, node_id, verifier),
            annotations_rationale (project_id, tree_id), annotations_node (project_id, tree_id, seq, parent_seq)
"""


def fold(project_id: int, *, most: int | None = None) -> int:
    """Take in what is due of a project, at most `most` steps (None: all); return how many steps were worked out.

    Returns 0 at once while another fold of the project runs.
    """
    done = 0
    while most is None or done < most:
        # Tables that grow this fast outrun what the planner knows of them.
        if most is None and done in TOLD_AT and not connection.in_atomic_block and _many_due(project_id):
            with connection.cursor() as cursor:
                cursor.execute(STATISTICS)
        took = _fold_batch(project_id, BATCH if most is None else min(BATCH, most - done))
        done += took
        if took < BATCH:
            break
    return done


def _many_due(project_id: int) -> bool:
    """Say whether more is due than a page would take in."""
    with connection.cursor() as cursor:
        cursor.execute(DUE, {"project": project_id, "most": PAGE_MOST + 1})
        return int(cursor.rowcount) > PAGE_MOST


@transaction.atomic
def _fold_batch(project_id: int, most: int) -> int:
    params = {"project": project_id, "most": most, "voter": None, "prm": PRM, "head": HEAD_KIND}
    params["paired"] = MOST_PAIRED
    with connection.cursor() as cursor:
        cursor.execute(LOCK, params)
        if not cursor.fetchone()[0]:
            return 0
        cursor.execute(DUE, params)
        nodes = [row[0] for row in cursor.fetchall()]
        if nodes:
            cursor.execute(TAKE, {**params, "nodes": nodes})
            cursor.execute(FOLD, {**params, "nodes": nodes, "depths": list(DEPTHS), "lengths": list(LENGTHS)})
            cursor.execute(QUEUES, params)
        if len(nodes) >= PAGE_MOST:
            cursor.execute(EMPTY, params)
    return len(nodes)


def fold_all() -> int:
    """Take in what is due of every project; return how many steps were worked out."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM annotations_project p"
            " WHERE EXISTS (SELECT FROM annotations_reviewdue d WHERE d.project_id = p.id)"
        )
        projects = [row[0] for row in cursor.fetchall()]
    return sum(fold(project) for project in projects)
