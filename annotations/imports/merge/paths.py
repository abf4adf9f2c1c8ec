"""The statements that merge staged problems and paths into the project, each safe to repeat."""

from __future__ import annotations

import json
from typing import Any

from annotations.imports.merge.staging import one, rows_of, run
from annotations.imports.report import LISTED, Findings

PROBLEMS = """
    INSERT INTO annotations_problem (project_id, kind, text, answer, solution, level, split, licence, source,
                                     source_ref, options, data, relation, content_hash)
    SELECT %(project)s, kind, text, answer, solution, level, split, licence, source, source_ref, options, data,
           relation, hash
    FROM (SELECT DISTINCT ON (hash) * FROM stage_problem ORDER BY hash, line) s
    ORDER BY line
    ON CONFLICT (project_id, content_hash) DO NOTHING
"""
OTHER_ANSWERS = """
    SELECT s.line, left(p.text, 120), p.answer, s.answer, count(*) OVER ()
    FROM stage_problem s
    JOIN annotations_problem p ON p.project_id = %(project)s AND p.content_hash = s.hash
    WHERE s.answer <> '' AND s.answer <> p.answer
    ORDER BY s.line LIMIT %(listed)s
"""
# A problem that came without its answer takes it from a file that has it; what is there is never replaced.
BLANKS = """
    UPDATE annotations_problem p
    SET answer = s.answer,
        solution = CASE WHEN p.solution = '' THEN s.solution ELSE p.solution END,
        level = coalesce(p.level, s.level)
    FROM (SELECT DISTINCT ON (hash) * FROM stage_problem WHERE answer <> '' ORDER BY hash, line) s
    WHERE p.project_id = %(project)s AND p.content_hash = s.hash AND p.answer = ''
"""
# Steps that some imported tree of the problem holds already go there, whichever format brought them: so the scores of
# one file meet the labels of another. Where several trees hold some, the one that holds most has them.
HOMES = """
    CREATE TEMP TABLE stage_home ON COMMIT DROP AS
    SELECT DISTINCT ON (problem_hash) problem_hash, tree_id
    FROM (SELECT s.problem_hash, t.id AS tree_id, t.external_key = %(source)s AS own, count(DISTINCT s.key) AS held
          FROM stage_step s
          JOIN annotations_problem p ON p.project_id = %(project)s AND p.content_hash = s.problem_hash
          JOIN annotations_tree t ON t.project_id = %(project)s AND t.problem_id = p.id AND t.run_id IS NULL
          JOIN annotations_node n ON n.tree_id = t.id AND n.data ->> 'key' = s.key
          GROUP BY s.problem_hash, t.id) holding
    ORDER BY problem_hash, held DESC, own DESC, tree_id
"""
TREES = """
    INSERT INTO annotations_tree (project_id, problem_id, source, external_key, state, finished_at)
    SELECT %(project)s, p.id, %(source)s, %(source)s, 'done', now()
    FROM (SELECT problem_hash, min(ord) AS ord FROM stage_step
          WHERE problem_hash NOT IN (SELECT problem_hash FROM stage_home) GROUP BY problem_hash) s
    JOIN annotations_problem p ON p.project_id = %(project)s AND p.content_hash = s.problem_hash
    ORDER BY s.ord
    ON CONFLICT (project_id, problem_id, run_id, external_key) DO NOTHING
"""
STAGED_TREES = """
    CREATE TEMP TABLE stage_tree ON COMMIT DROP AS
    SELECT s.problem_hash, t.id AS tree_id, t.problem_id, left(p.text, 120) AS problem,
           coalesce((SELECT max(n.seq) FROM annotations_node n WHERE n.tree_id = t.id), 0) AS last_seq
    FROM (SELECT DISTINCT problem_hash FROM stage_step) s
    JOIN annotations_problem p ON p.project_id = %(project)s AND p.content_hash = s.problem_hash
    LEFT JOIN stage_home h ON h.problem_hash = s.problem_hash
    JOIN annotations_tree t ON t.project_id = %(project)s AND t.problem_id = p.id AND t.run_id IS NULL
                           AND CASE WHEN h.tree_id IS NULL THEN t.external_key = %(source)s ELSE t.id = h.tree_id END
"""
KNOWN_NODES = """
    CREATE TEMP TABLE stage_known ON COMMIT DROP AS
    SELECT n.data ->> 'key' AS key, n.id AS node_id, n.seq
    FROM annotations_node n WHERE n.tree_id IN (SELECT tree_id FROM stage_tree WHERE last_seq > 0)
"""
# Identical steps under one prefix are one node: the key is a hash of the prefix. Ids and numbers are drawn here.
NODES = """
    CREATE TEMP TABLE stage_node ON COMMIT DROP AS
    SELECT s.*, t.tree_id, t.problem_id, t.problem, n.node_id IS NOT NULL AS known,
           coalesce(n.node_id, nextval(pg_get_serial_sequence('annotations_node', 'id'))) AS node_id,
           coalesce(n.seq, t.last_seq + row_number() OVER (PARTITION BY t.tree_id, n.node_id IS NULL ORDER BY s.ord))
               AS seq
    FROM (SELECT key, min(ord) AS ord, min(parent_key) AS parent_key, min(problem_hash) AS problem_hash,
                 min(depth) AS depth, min(text) AS text, bool_or(terminal) AS terminal, max(answer) AS answer,
                 max(outcome) AS outcome
          FROM stage_step GROUP BY key) s
    JOIN stage_tree t ON t.problem_hash = s.problem_hash
    LEFT JOIN stage_known n ON n.key = s.key
"""
NEW_NODES = """
    INSERT INTO annotations_node (id, project_id, tree_id, seq, parent_seq, depth, text, terminal, answer, outcome,
                                  data)
    SELECT s.node_id, %(project)s, s.tree_id, s.seq, above.seq, s.depth, s.text, s.terminal, s.answer, s.outcome,
           jsonb_build_object('key', s.key)
    FROM stage_node s LEFT JOIN stage_node above ON above.key = s.parent_key
    WHERE NOT s.known
    ORDER BY s.tree_id, s.seq
"""
TREE_COUNTS = """
    UPDATE annotations_tree t
    SET node_count = c.nodes, correct_paths = c.correct, wrong_paths = c.wrong
    FROM (SELECT tree_id, count(*) AS nodes, count(*) FILTER (WHERE terminal AND outcome = 1) AS correct,
                 count(*) FILTER (WHERE terminal AND outcome = -1) AS wrong
          FROM annotations_node WHERE tree_id IN (SELECT tree_id FROM stage_tree) GROUP BY tree_id) c
    WHERE t.id = c.tree_id AND (t.node_count, t.correct_paths, t.wrong_paths) IS DISTINCT FROM
                               (c.nodes, c.correct, c.wrong)
"""
EVENTS = """
    INSERT INTO annotations_labelevent (project_id, node_id, voter, source, scheme_id, kind, rating, external_key, data)
    SELECT %(project)s, n.node_id, m.voter, 'import', %(scheme)s, 'rating', m.rating, m.external_key, m.data
    FROM (SELECT DISTINCT ON (external_key) * FROM stage_mark ORDER BY external_key, ord) m
    JOIN stage_node n ON n.key = m.step_key
    ORDER BY m.ord
    ON CONFLICT (project_id, external_key) DO NOTHING
"""
# Two paths of a file share their first steps, so that a scorer may speak twice of one; the first word stands.
SCORES = """
    INSERT INTO annotations_score (project_id, node_id, scorer, version, value, threshold)
    SELECT %(project)s, n.node_id, s.scorer, s.version, s.value, s.threshold
    FROM (SELECT DISTINCT ON (step_key, scorer, version) * FROM stage_score
          ORDER BY step_key, scorer, version, ord) s
    JOIN stage_node n ON n.key = s.step_key
    ORDER BY s.ord
    ON CONFLICT DO NOTHING
"""
KNOWN_SCORES = """
    CREATE TEMP TABLE stage_known_score ON COMMIT DROP AS
    SELECT n.key AS step_key, x.scorer, x.version, x.value
    FROM stage_node n JOIN annotations_score x ON x.node_id = n.node_id
    WHERE n.known AND x.params_hash = ''
"""
OTHER_SCORES = """
    SELECT line, scorer, round(stands::numeric, 6), round(value::numeric, 6), count(*) OVER ()
    FROM (SELECT s.ord, s.line, s.scorer, s.value,
                 coalesce(x.value, first_value(s.value) OVER (PARTITION BY s.step_key, s.scorer, s.version
                                                              ORDER BY s.ord)) AS stands
          FROM stage_score s LEFT JOIN stage_known_score x USING (step_key, scorer, version)) said
    WHERE abs(stands - value) > 1e-6
    ORDER BY ord LIMIT %(listed)s
"""
CONFLICTS = """
    SELECT n.problem, left(n.text, 200), rated.ratings, count(*) OVER ()
    FROM (SELECT step_key, min(line) AS line, jsonb_object_agg(rating, lines) AS ratings
          FROM (SELECT step_key, rating, min(line) AS line, jsonb_agg(DISTINCT line) AS lines
                FROM stage_mark WHERE rating IS NOT NULL GROUP BY step_key, rating) r
          GROUP BY step_key HAVING count(*) > 1) rated
    JOIN stage_node n ON n.key = rated.step_key
    ORDER BY rated.line LIMIT %(listed)s
"""
RATIONALES = """
    INSERT INTO annotations_rationale (project_id, problem_id, tree_id, leaf_id, answer, outcome, source,
                                       external_key, data)
    SELECT %(project)s, p.id, n.tree_id, n.node_id, s.answer, s.outcome, %(source)s, s.external_key, s.data
    FROM (SELECT DISTINCT ON (external_key) * FROM stage_rationale ORDER BY external_key, line) s
    JOIN annotations_problem p ON p.project_id = %(project)s AND p.content_hash = s.problem_hash
    LEFT JOIN stage_node n ON n.key = s.step_key
    ORDER BY s.line
    ON CONFLICT (project_id, source, external_key) WHERE external_key <> '' DO NOTHING
"""
OTHER_RATIONALES = """
    SELECT s.line, s.external_key, count(*) OVER ()
    FROM stage_rationale s
    JOIN stage_node n ON n.key = s.step_key
    JOIN annotations_rationale r ON r.project_id = %(project)s AND r.source = %(source)s
                                AND r.external_key = s.external_key
    WHERE (r.leaf_id, r.data) IS DISTINCT FROM (n.node_id, s.data)
    ORDER BY s.line LIMIT %(listed)s
"""
# Only the columns that joins read: sampling whole texts costs more than the plans gain.
ANALYSE = """
    ANALYZE stage_step (key, problem_hash), stage_mark (step_key, external_key), stage_score (step_key),
            stage_rationale (step_key)
"""


def merge_problems(found: Findings, params: dict[str, Any], *, count_rows: bool) -> None:
    """Store new problems; with `count_rows` a repeated row of the file counts as a duplicate."""
    run("ANALYZE stage_problem (hash)")
    staged, distinct = rows_of("SELECT count(*), count(DISTINCT hash) FROM stage_problem")[0]
    new = run(PROBLEMS, params)
    found.add("problems_new", new)
    found.add("problems_known", distinct - new)
    if count_rows:
        found.add("duplicates", staged - distinct)
    if filled := run(BLANKS, params):
        found.notes.append(f"{filled:,} problems that had no answer took it from this file.")
    for line, text, known, here, total in rows_of(OTHER_ANSWERS, {**params, "listed": LISTED}):
        found.differences.append({"line": line, "problem": text, "field": "answer", "known": known, "found": here})
        found.counts["difference_count"] = total


def merge_paths(found: Findings, params: dict[str, Any]) -> None:
    """Store trees, nodes, labels, scores and rationales of the staged paths, and list what contradicts itself."""
    run(ANALYSE)
    run(HOMES, params)
    new = run(TREES, params)
    for statement in (STAGED_TREES, "ANALYZE stage_tree", KNOWN_NODES, "ANALYZE stage_known", NODES):
        run(statement, params)
    found.add("trees_new", new)
    found.add("trees_known", one("SELECT count(*) FROM stage_tree") - new)
    run("ANALYZE stage_node (key, parent_key)")
    new = run(NEW_NODES, params)
    found.add("nodes_new", new)
    found.add("nodes_known", one("SELECT count(*) FROM stage_node") - new)
    run(TREE_COUNTS)
    merge_marks(found, params)
    merge_scores(found, params)
    merge_rationales(found, params)


def merge_marks(found: Findings, params: dict[str, Any]) -> None:
    staged, distinct, unrated = rows_of(
        "SELECT count(*), count(DISTINCT external_key),"
        " count(DISTINCT external_key) FILTER (WHERE rating IS NULL) FROM stage_mark"
    )[0]
    new = run(EVENTS, params)
    found.add("labels_new", new)
    found.add("labels_known", distinct - new)
    found.add("labels_unrated", unrated)
    if not one("SELECT EXISTS (SELECT FROM stage_rationale)"):
        found.add("duplicates", staged - distinct)
    for problem, step, ratings, total in rows_of(CONFLICTS, {**params, "listed": LISTED}):
        found.conflicts.append({"problem": problem, "step": step, "ratings": json.loads(ratings)})
        found.counts["conflict_count"] = total


def merge_scores(found: Findings, params: dict[str, Any]) -> None:
    distinct = one("SELECT count(*) FROM (SELECT DISTINCT step_key, scorer, version FROM stage_score) s")
    if distinct:
        run(KNOWN_SCORES)
        run("ANALYZE stage_known_score")
    new = run(SCORES, params) if distinct else 0
    found.add("scores_new", new)
    found.add("scores_known", distinct - new)
    others = rows_of(OTHER_SCORES, {**params, "listed": LISTED}) if distinct else []
    found.add("difference_count", others[0][-1] if others else 0)
    for line, scorer, known, here, _ in others:
        field = f"scores of {scorer}"
        found.differences.append({"line": line, "field": field, "known": str(known), "found": str(here)})


def merge_rationales(found: Findings, params: dict[str, Any]) -> None:
    staged, distinct = rows_of("SELECT count(*), count(DISTINCT external_key) FROM stage_rationale")[0]
    new = run(RATIONALES, params)
    found.add("rationales_new", new)
    found.add("rationales_known", distinct - new)
    found.add("duplicates", staged - distinct)
    others = rows_of(OTHER_RATIONALES, {**params, "listed": LISTED})
    found.add("difference_count", others[0][2] if others else 0)
    for line, key, _ in others:
        found.differences.append({"line": line, "field": "id", "known": key, "found": "other steps or another label"})
