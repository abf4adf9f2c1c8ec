"""The statements that take staged documents of the round-trip form apart: schemes, trees, nodes, rationales, links."""

from __future__ import annotations

from typing import Any

from annotations.imports.keys import RATIONALE_KEY, TREE_KEY
from annotations.imports.merge.staging import one, rows_of, run
from annotations.imports.records import BadRow, Row
from annotations.imports.report import Findings
from annotations.imports.shapes import LINK, NODE, RATIONALE, TREE, columns
from annotations.labelling import first_scheme
from annotations.models import LabelScheme

FAMILIES = """
    CREATE TEMP TABLE stage_family ON COMMIT DROP AS
    SELECT hash, parent_hash FROM stage_problem WHERE parent_hash <> ''
"""
PARENTS = """
    UPDATE annotations_problem p SET parent_problem_id = above.id
    FROM stage_family s, annotations_problem above
    WHERE p.project_id = %(project)s AND p.content_hash = s.hash AND p.parent_problem_id IS NULL
      AND above.project_id = %(project)s AND above.content_hash = s.parent_hash
"""
KNOWN_PROBLEMS = """
    CREATE TEMP TABLE stage_known_problem ON COMMIT DROP AS
    SELECT id, content_hash AS hash FROM annotations_problem
    WHERE project_id = %(project)s AND content_hash IN (SELECT problem_hash FROM stage_document)
"""
KNOWN_TREES = f"""
    CREATE TEMP TABLE stage_known_tree ON COMMIT DROP AS
    SELECT t.id, t.problem_id, {TREE_KEY} AS key FROM annotations_tree t WHERE t.project_id = %(project)s
"""  # noqa: S608 constants only
KNOWN_RATIONALES = f"""
    CREATE TEMP TABLE {{table}} ON COMMIT DROP AS
    SELECT r.id, r.source || '/' || {RATIONALE_KEY} AS ref FROM annotations_rationale r
    WHERE r.project_id = %(project)s
"""  # noqa: S608
STAGED_TREES = """
    CREATE TEMP TABLE stage_tree ON COMMIT DROP AS
    SELECT d.line, d.type, d.problem_hash, d.tree_key, p.id AS problem_id, t.id AS tree_id, t.id IS NOT NULL AS known
    FROM stage_document d LEFT JOIN stage_known_problem p ON p.hash = d.problem_hash
    LEFT JOIN stage_known_tree t ON d.type = 'tree' AND t.problem_id = p.id AND t.key = d.tree_key
"""
# A tree that is here already must say the same where both have a step.
OTHER_TREES = f"""
    SELECT t.line, 'nodes' AS field, 'the same steps as the tree ' || t.tree_key || ' that is already here', min(n.seq)
    FROM stage_tree t JOIN stage_document d ON d.line = t.line,
         jsonb_to_recordset(d.body -> 'nodes') AS n({columns(NODE)})
    JOIN annotations_node x ON true
    WHERE t.known AND x.tree_id = t.tree_id AND x.seq = n.seq
      AND (x.text <> n.text OR x.parent_seq IS DISTINCT FROM n.parent_seq OR x.role <> n.role)
    GROUP BY t.line, t.tree_key
    UNION ALL
    SELECT line, 'problem', 'the hash of a problem of this file or project', NULL FROM stage_tree
    WHERE problem_id IS NULL ORDER BY 1
"""  # noqa: S608
NEW_TREES = f"""
    INSERT INTO annotations_tree (project_id, problem_id, source, external_key, state, seed, rounds_done, requests_done,
        visits, value_sum, correct_paths, wrong_paths, stats, data, finished_at, node_count)
    SELECT %(project)s, s.problem_id, t.source, t.key, CASE t.state WHEN 'growing' THEN 'stopped' ELSE t.state END,
           t.seed, t.rounds_done, t.requests_done, t.visits, t.value_sum, t.correct_paths, t.wrong_paths, t.stats,
           t.data, t.finished_at, jsonb_array_length(d.body -> 'nodes')
    FROM stage_tree s JOIN stage_document d ON d.line = s.line, jsonb_to_record(d.body) AS t({columns(TREE)})
    WHERE s.type = 'tree' AND NOT s.known ORDER BY s.line
    ON CONFLICT (project_id, problem_id, run_id, external_key) DO NOTHING
"""  # noqa: S608
TREE_IDS = """
    UPDATE stage_tree s SET tree_id = t.id FROM annotations_tree t
    WHERE s.type = 'tree' AND s.tree_id IS NULL AND t.project_id = %(project)s AND t.problem_id = s.problem_id
      AND t.run_id IS NULL AND t.external_key = s.tree_key
"""
NODE_COLUMNS = ", ".join(NODE)
NEW_NODES = f"""
    INSERT INTO annotations_node (project_id, tree_id, {NODE_COLUMNS})
    SELECT %(project)s, s.tree_id, {", ".join(f"n.{name}" for name in NODE)}
    FROM stage_tree s JOIN stage_document d ON d.line = s.line,
         jsonb_to_recordset(d.body -> 'nodes') AS n({columns(NODE)})
    WHERE s.type = 'tree' ORDER BY s.line, n.seq
    ON CONFLICT (tree_id, seq) DO NOTHING
"""  # noqa: S608
STAGED_NODES = """
    CREATE TEMP TABLE stage_node ON COMMIT DROP AS
    SELECT s.line, n.seq, n.id AS node_id FROM stage_tree s JOIN annotations_node n ON n.tree_id = s.tree_id
"""
RATIONALE_COLUMNS = ", ".join(name for name in RATIONALE if name not in {"key", "leaf", "revision_of"})
NEW_RATIONALES = f"""
    INSERT INTO annotations_rationale (project_id, problem_id, tree_id, leaf_id, external_key, {RATIONALE_COLUMNS})
    SELECT %(project)s, s.problem_id, s.tree_id, n.node_id, w.key, {RATIONALE_COLUMNS.replace("data", "w.data")}
    FROM stage_tree s JOIN stage_document d ON d.line = s.line
    CROSS JOIN LATERAL ROWS FROM (jsonb_to_recordset(d.body -> 'rationales') AS ({columns(RATIONALE)}))
        WITH ORDINALITY AS w
    LEFT JOIN stage_node n ON n.line = s.line AND n.seq = w.leaf
    WHERE NOT EXISTS (SELECT FROM stage_path_before r WHERE r.ref = w.source || '/' || w.key)
    ORDER BY s.line, w.ordinality
    ON CONFLICT (project_id, source, external_key) WHERE external_key <> '' DO NOTHING
"""  # noqa: S608
STAGED_RATIONALES = f"""
    CREATE TEMP TABLE stage_whole ON COMMIT DROP AS
    SELECT s.line, r.ref, w.revision_of, r.id AS rationale_id
    FROM stage_tree s JOIN stage_document d ON d.line = s.line
    CROSS JOIN LATERAL jsonb_to_recordset(d.body -> 'rationales') AS w({columns(RATIONALE)})
    JOIN stage_path_now r ON r.ref = w.source || '/' || w.key
"""  # noqa: S608
REVISIONS = """
    UPDATE annotations_rationale r SET revision_of_id = b.rationale_id FROM stage_whole a JOIN stage_whole b
        ON b.ref = a.revision_of WHERE r.id = a.rationale_id AND r.revision_of_id IS NULL
"""
LINKS = f"""
    INSERT INTO annotations_nodelink (project_id, source_id, target_id, kind, plugin, plugin_version, round, weight,
                                      data)
    SELECT %(project)s, a.node_id, coalesce(b.node_id, n.id), k.kind, k.plugin, k.plugin_version, k.round, k.weight,
           k.data
    FROM stage_tree s JOIN stage_document d ON d.line = s.line
    CROSS JOIN LATERAL ROWS FROM (jsonb_to_recordset(d.body -> 'links') AS ({columns(LINK)})) WITH ORDINALITY AS k
    JOIN stage_node a ON a.line = s.line AND a.seq = k.source
    LEFT JOIN stage_node b ON k.target_problem IS NULL AND b.line = s.line AND b.seq = k.target
    LEFT JOIN annotations_problem p ON p.project_id = %(project)s AND p.content_hash = k.target_problem
    LEFT JOIN annotations_tree t ON t.project_id = %(project)s AND t.problem_id = p.id AND {TREE_KEY} = k.target_tree
    LEFT JOIN annotations_node n ON n.tree_id = t.id AND n.seq = k.target
    WHERE coalesce(b.node_id, n.id) IS NOT NULL
    ORDER BY s.line, k.ordinality
    ON CONFLICT (source_id, target_id, kind, plugin, plugin_version) DO NOTHING
"""  # noqa: S608


def merge_schemes(found: Findings, params: dict[str, Any], header: Row) -> None:
    """Map the file's scheme versions to the project's: equal categories are the same scheme, others a new version."""
    project = params["project"]
    run("CREATE TEMP TABLE stage_scheme (version int PRIMARY KEY, scheme_id bigint) ON COMMIT DROP")
    known = list(LabelScheme.objects.filter(project_id=project).order_by("version"))
    for scheme in sorted(header["schemes"], key=lambda part: int(part["version"])):
        same = next((row for row in known if row.categories == scheme["categories"]), None)
        if same is None:
            number = max((row.version for row in known), default=0) + 1
            same = LabelScheme.objects.create(project_id=project, version=number, categories=scheme["categories"])
            known.append(same)
            found.notes.append(f"Label scheme {scheme['version']} of the file is version {number} here.")
        run("INSERT INTO stage_scheme VALUES (%s, %s) ON CONFLICT DO NOTHING", [scheme["version"], same.pk])
    found.scheme_version = first_scheme(project).version


def merge_guidelines(found: Findings, params: dict[str, Any], header: Row) -> None:
    """Take the file's guidelines where the project has none."""
    text = header.get("guidelines")
    if isinstance(text, str) and text.strip() and len(text) <= 100_000:
        taken = run(
            "UPDATE annotations_project SET guidelines = %s WHERE id = %s AND guidelines = ''",
            [text, params["project"]],
        )
        found.notes.extend(["The guidelines were taken from the file."] * taken)


def merge_trees(found: Findings, params: dict[str, Any]) -> None:
    """Store trees and nodes; a tree that contradicts one already here is refused whole."""
    if run(FAMILIES):
        run("ANALYZE stage_family")
        run(PARENTS, params)
    run("ANALYZE stage_document (line, problem_hash)")
    for statement in (KNOWN_PROBLEMS, KNOWN_TREES, "ANALYZE stage_known_problem, stage_known_tree", STAGED_TREES):
        run(statement, params)
    refused: dict[int, BadRow] = {}
    for line, field, expected, seq in rows_of(OTHER_TREES, params):
        refused.setdefault(line, BadRow(field, expected, None if seq is None else f"another step {seq}"))
    for line, error in refused.items():
        found.refuse(line, error)
    run("DELETE FROM stage_tree WHERE line = ANY(%s)", [list(refused)])
    run("ANALYZE stage_tree")
    staged = one("SELECT count(*) FROM stage_tree WHERE type = 'tree'")
    new = run(NEW_TREES, params)
    found.add("trees_new", new)
    found.add("trees_known", staged - new)
    run(TREE_IDS, params)
    nodes = run(NEW_NODES, params)
    run(STAGED_NODES)
    run("CREATE INDEX ON stage_node (line, seq)")
    run("ANALYZE stage_node")
    found.add("nodes_new", nodes)
    found.add("nodes_known", listed("nodes") - nodes)


def merge_rationales(found: Findings, params: dict[str, Any]) -> None:
    run(KNOWN_RATIONALES.format(table="stage_path_before"), params)
    run("ANALYZE stage_path_before")
    new = run(NEW_RATIONALES, params)
    run(KNOWN_RATIONALES.format(table="stage_path_now"), params)
    run("ANALYZE stage_path_now")
    found.add("rationales_new", new)
    found.add("rationales_known", listed("rationales") - new)
    run(STAGED_RATIONALES, params)
    run("ANALYZE stage_whole")
    run(REVISIONS)


def merge_links(found: Findings, params: dict[str, Any]) -> None:
    if listed("links"):
        found.add("links_new", run(LINKS, params))


def listed(name: str) -> int:
    """Return how many objects of a list the accepted documents hold."""
    statement = (
        "SELECT coalesce(sum(jsonb_array_length(d.body -> %s)), 0)"
        " FROM stage_document d JOIN stage_tree s ON s.line = d.line WHERE d.body ? %s"
    )
    return int(one(statement, [name, name]))
