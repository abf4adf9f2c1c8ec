"""The statements that merge verdicts, scores and label events of the round-trip form.

People's names come from the file and prove nothing, so an imported event of a person is never put under an account of
this site. It keeps its source (decisions count before people, people before corpora), the voter of the file, and the
name in data.author; its author row is one closed account that stands for all of them.
"""

from __future__ import annotations

from typing import Any

from annotations.imports.keys import EVENT_KEY
from annotations.imports.merge.documents import listed
from annotations.imports.merge.staging import one, rows_of, run
from annotations.imports.records import BadRow
from annotations.imports.report import Findings
from annotations.imports.shapes import CHECK, LABEL, SCORE, TARGET, Shape, columns
from annotations.models import User

STAND_IN = "imported-people"
TARGETS = """
    FROM stage_tree s JOIN stage_document d ON d.line = s.line
    CROSS JOIN LATERAL ROWS FROM (jsonb_to_recordset(d.body -> '{name}') AS ({columns})) WITH ORDINALITY AS x
    LEFT JOIN stage_node n ON n.line = s.line AND n.seq = x.seq
    LEFT JOIN stage_whole w ON w.line = s.line AND w.ref = x.rationale
"""


def targets(name: str, shape: Shape) -> str:
    return TARGETS.format(name=name, columns=columns(shape))


def own(shape: Shape, *without: str) -> list[str]:
    return [name for name in shape if name not in {*TARGET, *without}]


def evidence(table: str, name: str, shape: Shape, unique: str) -> str:
    names = own(shape)
    return f"""
        INSERT INTO annotations_{table} (project_id, node_id, rationale_id, {", ".join(names)})
        SELECT %(project)s, n.node_id, w.rationale_id, {", ".join(f"x.{part}" for part in names)}
        {targets(name, shape)} ORDER BY s.line, x.ordinality
        ON CONFLICT ({unique}) DO NOTHING
    """  # noqa: S608 constants only


CHECKS = evidence("toolcheck", "checks", CHECK, "node_id, rationale_id, verifier, version, params_hash")
SCORES = evidence("score", "scores", SCORE, "node_id, rationale_id, scorer, version, params_hash")
EVENT_COLUMNS = own(LABEL, "key", "author", "scheme", "supersedes", "data")
KNOWN_EVENTS = f"""
    CREATE TEMP TABLE stage_known_event ON COMMIT DROP AS
    SELECT e.id, {EVENT_KEY} AS key FROM annotations_labelevent e WHERE e.project_id = %(project)s
"""  # noqa: S608 constants only
# Ids are drawn first: an event never changes, so what it supersedes must be known as it is written.
STAGED_EVENTS = f"""
    CREATE TEMP TABLE stage_event ON COMMIT DROP AS
    SELECT nextval(pg_get_serial_sequence('annotations_labelevent', 'id')) AS id, ordered.*
    FROM (SELECT s.line, n.node_id, w.rationale_id, x.key, x.supersedes, x.author, x.scheme, c.scheme_id,
                 x.data, {", ".join(f"x.{name}" for name in EVENT_COLUMNS)}
          {targets("labels", LABEL)}
          LEFT JOIN stage_scheme c ON c.version = x.scheme
          WHERE NOT EXISTS (SELECT FROM stage_known_event e WHERE e.key = x.key)
          ORDER BY s.line, x.ordinality) ordered
"""  # noqa: S608
BAD_EVENTS = """
    DELETE FROM stage_event s USING (
        SELECT id, scheme_id IS NULL AS no_scheme, row_number() OVER (PARTITION BY key ORDER BY id) AS nth
        FROM stage_event) b
    WHERE b.id = s.id AND (b.no_scheme OR b.nth > 1)
    RETURNING s.line, CASE WHEN b.no_scheme THEN 'labels.scheme' ELSE 'labels.key' END,
              CASE WHEN b.no_scheme THEN 'a version of the file''s label schemes'
                   ELSE 'a key that no other label event has' END,
              CASE WHEN b.no_scheme THEN s.scheme::text ELSE s.key END
"""
EVENTS = f"""
    INSERT INTO annotations_labelevent (id, project_id, node_id, rationale_id, author_id, scheme_id, supersedes_id,
                                        external_key, data, {", ".join(EVENT_COLUMNS)})
    SELECT s.id, %(project)s, s.node_id, s.rationale_id,
           CASE WHEN s.source IN ('person', 'decision') THEN %(stand_in)s::bigint END,
           s.scheme_id, coalesce(b.id, e.id), s.key,
           s.data || CASE WHEN s.author = '' THEN '{{}}' ELSE jsonb_build_object('author', s.author) END,
           {", ".join(f"s.{name}" for name in EVENT_COLUMNS)}
    FROM stage_event s
    LEFT JOIN stage_event b ON b.key = s.supersedes
    LEFT JOIN stage_known_event e ON e.key = s.supersedes
    ORDER BY s.id
"""  # noqa: S608


def stand_in() -> User:
    """Return the closed account under which imported people's labels are kept."""
    user = User.objects.filter(username=STAND_IN).first()
    if user is None:
        user = User(username=STAND_IN, first_name="Imported", last_name="people", is_active=False)
        user.set_unusable_password()
        user.save()
    return user


def merge_evidence(found: Findings, params: dict[str, Any]) -> None:
    found.add("checks_new", run(CHECKS, params))
    found.add("scores_new", run(SCORES, params))


def merge_events(found: Findings, params: dict[str, Any]) -> None:
    """Store the label events that are not here yet, in the order of the file, and refuse those that cannot be."""
    total = listed("labels")
    for statement in (KNOWN_EVENTS, "ANALYZE stage_known_event", STAGED_EVENTS, "ANALYZE stage_event (key)"):
        run(statement, params)
    refused = rows_of(BAD_EVENTS)
    for line, field, expected, value in refused:
        found.refuse(line, BadRow(field, expected, value))
    if one("SELECT EXISTS (SELECT FROM stage_event WHERE source IN ('person', 'decision'))"):
        params = {**params, "stand_in": stand_in().pk}
    new = run(EVENTS, {"stand_in": None, **params})
    found.add("labels_new", new)
    found.add("labels_known", total - new - len(refused))
