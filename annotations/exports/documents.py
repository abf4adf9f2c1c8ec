"""The lines of the round-trip form, written as JSON by PostgreSQL a page of problems at a time."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from annotations.exports.trees import rows
from annotations.imports.keys import EVENT_KEY, RATIONALE_KEY, TREE_KEY, origin_of
from annotations.imports.shapes import CHECK, LABEL, LINK, NODE, PROBLEM, RATIONALE, SCORE, TREE, Shape
from annotations.models import LabelScheme, Project
from inference.datasets import full

PAGE = 200


def fields(alias: str, shape: Shape, **other: str) -> str:
    """Return the arguments of jsonb_build_object: every field of a shape from its column, or as given."""
    return ", ".join(f"'{name}', {other.get(name, f'{alias}.{name}')}" for name in shape)


REF = f"r.source || '/' || {RATIONALE_KEY}"
NODE_JSON = fields("n", NODE)
RATIONALE_JSON = fields(
    "r",
    RATIONALE,
    key=RATIONALE_KEY,
    leaf="(SELECT l.seq FROM annotations_node l WHERE l.id = r.leaf_id)",
    revision_of=f"(SELECT {REF} FROM annotations_rationale r WHERE r.id = o.revision_of_id)",  # noqa: S608 constants
)
TARGET_JSON = {"seq": "x.seq", "rationale": "x.ref"}
CHECK_JSON = fields("c", CHECK, **TARGET_JSON)
SCORE_JSON = fields("s", SCORE, **TARGET_JSON)
# A person's voter, which is a number of this database, leaves as name@project, and what was decided here as
# decision@project; what was imported keeps the voter that it had.
LABEL_JSON = fields(
    "e",
    LABEL,
    **TARGET_JSON,
    key=EVENT_KEY,
    voter="""CASE WHEN e.voter = 'u' || e.author_id THEN left(u.username, 66) || '@' || %(origin)s
        WHEN e.voter = 'decision' THEN 'decision@' || %(origin)s ELSE e.voter END""",
    author="coalesce(e.data ->> 'author', u.username, '')",
    scheme="k.version",
    supersedes=f"(SELECT {EVENT_KEY} FROM annotations_labelevent e WHERE e.id = v.supersedes_id)",  # noqa: S608
    data="e.data - 'author'",
)
LINK_JSON = fields(
    "l",
    LINK,
    source="a.seq",
    target="b.seq",
    target_problem="CASE WHEN b.tree_id <> a.tree_id THEN q.content_hash END",
    target_tree=f"CASE WHEN b.tree_id <> a.tree_id THEN {TREE_KEY} END",
)


def gathered(made: str, source: str, order: str) -> str:
    return f"coalesce((SELECT jsonb_agg(jsonb_build_object({made}) ORDER BY {order}) FROM {source}), '[]')"  # noqa: S608


def spoken_of(table: str, alias: str, paths: str, nodes: str) -> str:
    """Return the rows of a table that speak of the steps and rationales of one line, with `x.seq` or `x.ref`."""
    return f"""(
        SELECT i.id, n.seq, NULL AS ref FROM annotations_node n
        JOIN annotations_{table} i ON i.node_id = n.id WHERE {nodes}
        UNION ALL
        SELECT i.id, NULL, {REF} FROM annotations_rationale r
        JOIN annotations_{table} i ON i.node_id IS NULL AND i.rationale_id = r.id WHERE {paths}
    ) x JOIN annotations_{table} {alias} ON {alias}.id = x.id"""  # noqa: S608


def evidence(paths: str, nodes: str) -> str:
    """Return the lists of one line: rationales, then what is said of them and of the steps."""
    rationales = f"annotations_rationale r JOIN annotations_rationale o ON o.id = r.id WHERE {paths}"
    labels = f"""{spoken_of("labelevent", "e", paths, nodes)} JOIN annotations_labelevent v ON v.id = e.id
        JOIN annotations_labelscheme k ON k.id = e.scheme_id LEFT JOIN annotations_user u ON u.id = e.author_id
        WHERE (%(voter)s::text IS NULL OR e.voter = %(voter)s)"""
    return f"""
        'rationales', {gathered(RATIONALE_JSON, rationales, "r.id")},
        'checks', {gathered(CHECK_JSON, spoken_of("toolcheck", "c", paths, nodes), "c.id")},
        'scores', {gathered(SCORE_JSON, spoken_of("score", "s", paths, nodes), "s.id")},
        'labels', {gathered(LABEL_JSON, labels, "e.id")}
    """


# Runs stay where they are; what made a tree goes along in its data.
RUN = """jsonb_build_object('run', jsonb_build_object('kind', g.kind, 'name', g.name, 'plugin', g.plugin,
    'plugin_version', g.plugin_version, 'params', g.params, 'seed', g.seed, 'code_version', g.code_version))"""
PROBLEMS = f"""
    SELECT p.id, jsonb_build_object('type', 'problem', {
    fields(
        "p",
        PROBLEM,
        hash="p.content_hash",
        parent="coalesce((SELECT a.content_hash FROM annotations_problem a WHERE a.id = p.parent_problem_id), '')",
    )
})::text
    FROM annotations_problem p WHERE p.project_id = %(project)s AND p.id > %(after)s ORDER BY p.id LIMIT %(page)s
"""  # noqa: S608
TREES = f"""
    SELECT jsonb_build_object('type', 'tree', {
    fields(
        "t",
        TREE,
        problem="p.content_hash",
        key=TREE_KEY,
        data=f"t.data || CASE WHEN g.id IS NULL THEN '{{}}' ELSE {RUN} END",
    )
}, 'nodes', {gathered(NODE_JSON, "annotations_node n WHERE n.tree_id = t.id", "n.seq")},
        {evidence("r.tree_id = t.id", "n.tree_id = t.id")},
        'links', {
    gathered(
        LINK_JSON,
        '''annotations_nodelink l JOIN annotations_node a ON a.id = l.source_id
            JOIN annotations_node b ON b.id = l.target_id JOIN annotations_tree t ON t.id = b.tree_id
            JOIN annotations_problem q ON q.id = t.problem_id WHERE a.tree_id = o.id''',
        "l.id",
    )
})::text
    FROM annotations_tree t JOIN annotations_tree o ON o.id = t.id JOIN annotations_problem p ON p.id = t.problem_id
    LEFT JOIN annotations_run g ON g.id = t.run_id
    WHERE t.project_id = %(project)s AND t.problem_id = ANY(%(problems)s) ORDER BY t.id
"""  # noqa: S608
BARE = f"""
    SELECT jsonb_build_object('type', 'rationales', 'problem', p.content_hash,
        {evidence("r.problem_id = p.id AND r.tree_id IS NULL", "false")})::text
    FROM annotations_problem p WHERE p.id = ANY(%(problems)s)
      AND EXISTS (SELECT FROM annotations_rationale r WHERE r.problem_id = p.id AND r.tree_id IS NULL)
    ORDER BY p.id
"""  # noqa: S608


def header(project: Project) -> str:
    schemes = LabelScheme.objects.filter(project=project).order_by("version")
    name, guidelines = Project.objects.values_list("name", "guidelines").get(pk=project.pk)
    made = {
        "type": "project",
        "form": full.FORM,
        "version": full.VERSION,
        "origin": origin_of(project),
        "name": name,
        "guidelines": guidelines,
        "schemes": [{"version": scheme.version, "categories": scheme.categories} for scheme in schemes],
    }
    return json.dumps(made, ensure_ascii=False)


def document_lines(project: Project, labels: dict[str, object]) -> Iterator[tuple[str, str]]:
    """Yield (type, line): the header, then page by page problems, their trees, their rationales without a tree."""
    yield "project", header(project)
    params: dict[str, Any] = {**labels, "origin": origin_of(project), "after": 0, "page": PAGE}
    while page := rows(PROBLEMS, params):
        params = {**params, "after": page[-1][0], "problems": [row[0] for row in page]}
        for kind, found in (("problem", [row[1:] for row in page]), ("tree", rows(TREES, params))):
            yield from ((kind, line) for (line,) in found)
        yield from (("rationales", line) for (line,) in rows(BARE, params))
