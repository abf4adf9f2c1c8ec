"""Where PRM, tool and people disagree, most confident first. Reads labels through selectors.labels alone."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db import connection

from annotations.access import Access
from annotations.errors import BadInput
from annotations.selectors.labels import RESOLVED_SQL, label_params


class Disagreement(StrEnum):
    """Who disagrees with whom."""

    PRM_LABEL = "prm_label"
    TOOL_LABEL = "tool_label"
    PRM_TOOL = "prm_tool"


# How much a verdict weighs against a rating: about 97 of 100 refuted steps hold a false equation, while a supported
# step is as often wrong as any other (docs/log.md), so that such a disagreement is hardly one.
REFUTED_WEIGHT, SUPPORTED_WEIGHT = 0.97, 0.1
MOST_ROWS = 500


@dataclass(frozen=True, slots=True)
class Row:
    """A step on which two of PRM, tool and people disagree. `confidence` in [0, 1]: how far apart they are.

    `prm` is p(correct) by the newest head, `verdict` the tools' newest word, `rating` the resolved rating of those
    labels that the viewer may see; None where there is none.
    """

    node_id: int
    tree_id: int
    seq: int
    text: str
    problem_id: int
    problem: str
    prm: float | None
    verdict: str | None
    rating: str | None
    confidence: float


# Scores by the project's newest active head: those of older ones are history.
_PRM = """
    SELECT s.node_id, s.value FROM annotations_score s
    WHERE s.project_id = %(project)s AND s.scorer = 'prm' AND s.node_id IS NOT NULL AND s.version = (
        SELECT m.files_hash FROM annotations_modelartefact m
        WHERE m.project_id = %(project)s AND m.kind = 'prm-head' AND m.active ORDER BY m.id DESC LIMIT 1)
"""
# Each verifier's newest check of a step; among verifiers refuted goes before supported before undecided.
_VERDICT = """
    SELECT node_id, (array_agg(verdict ORDER BY array_position(ARRAY['refuted', 'supported', 'undecided'], verdict)))[1]
           AS verdict
    FROM (SELECT DISTINCT ON (c.node_id, c.verifier) c.node_id, c.verifier, c.verdict FROM annotations_toolcheck c
          WHERE c.project_id = %(project)s AND c.node_id IS NOT NULL
          ORDER BY c.node_id, c.verifier, c.id DESC) newest
    GROUP BY node_id
"""
# Steps that may disagree, found by any event or check that says so. Whether it is the one that counts is asked of one
# step after another, the most confident first, until the page is full: resolving all steps first takes far longer.
_MAYBE = {
    Disagreement.PRM_LABEL: f"""
        SELECT p.node_id, greatest(p.value, 1 - p.value) AS confidence,
               CASE WHEN p.value >= 0.5 THEN 'incorrect' ELSE 'correct' END AS rated, NULL AS checked
        FROM ({_PRM}) p WHERE EXISTS (
            SELECT 1 FROM annotations_labelevent e WHERE e.project_id = %(project)s AND e.node_id = p.node_id
            AND e.rating = CASE WHEN p.value >= 0.5 THEN 'incorrect' ELSE 'correct' END)
    """,  # noqa: S608 constants only
    Disagreement.TOOL_LABEL: """
        SELECT DISTINCT c.node_id, CASE c.verdict WHEN 'refuted' THEN %(refuted)s ELSE %(supported)s END::float8
               AS confidence, CASE c.verdict WHEN 'refuted' THEN 'correct' ELSE 'incorrect' END AS rated,
               c.verdict AS checked
        FROM annotations_toolcheck c JOIN annotations_labelevent e ON e.node_id = c.node_id
            AND e.rating = CASE c.verdict WHEN 'refuted' THEN 'correct' ELSE 'incorrect' END
        WHERE c.project_id = %(project)s AND e.project_id = %(project)s AND c.verdict IN ('refuted', 'supported')
    """,
    Disagreement.PRM_TOOL: f"""
        SELECT p.node_id, p.value AS confidence, NULL AS rated, 'refuted' AS checked
        FROM ({_PRM}) p WHERE p.value >= 0.5 AND EXISTS (
            SELECT 1 FROM annotations_toolcheck c
            WHERE c.project_id = %(project)s AND c.node_id = p.node_id AND c.verdict = 'refuted')
    """,  # noqa: S608 constants only
}  # fmt: skip
# OFFSET 0 keeps the planner from resolving all steps at once.
_LABEL_OF = f"LATERAL (SELECT * FROM ({RESOLVED_SQL}) r WHERE r.node_id = maybe.node_id OFFSET 0) label"  # noqa: S608 constants only
_VERDICT_OF = f"LATERAL (SELECT * FROM ({_VERDICT}) v WHERE v.node_id = maybe.node_id OFFSET 0) verdict"  # noqa: S608 constants only
_PRM_OF = f"LATERAL (SELECT * FROM ({_PRM}) s WHERE s.node_id = maybe.node_id OFFSET 0) prm"  # noqa: S608 constants only


def disagreements(access: Access, *, kind: str, limit: int = 50, offset: int = 0) -> list[Row]:
    """Return the steps on which two of PRM, tool and people disagree, the most confident disagreement first.

    `kind` is a Disagreement; BadInput for another word, or a limit or offset out of range.
    """
    if kind not in set(Disagreement):
        raise BadInput(f"{kind!r} is no kind of disagreement; expected {', '.join(Disagreement)}.", "kind")
    if not 1 <= limit <= MOST_ROWS or offset < 0:
        raise BadInput(f"Expected a limit from 1 to {MOST_ROWS} and an offset from 0.", "limit")
    with connection.cursor() as cursor:
        cursor.execute(page_sql(Disagreement(kind)), _params(access) | {"limit": limit, "offset": offset})
        return [Row(*row) for row in cursor.fetchall()]


def disagreement_counts(access: Access) -> dict[str, int]:
    """Return how many steps there are of each kind of disagreement, in one query."""
    counts = ", ".join(f"(SELECT count(*) FROM ({_found(kind)}) f)" for kind in Disagreement)  # noqa: S608 constants
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {counts}", _params(access))
        return dict(zip(map(str, Disagreement), map(int, cursor.fetchone()), strict=True))


def page_sql(kind: Disagreement) -> str:
    """Return the query of one page: what a row shows is looked up for the rows of the page alone."""
    return f"""
        SELECT n.id, n.tree_id, n.seq, n.text, p.id, p.text, prm.value, verdict.verdict, label.rating, maybe.confidence
        FROM ({_found(kind)} ORDER BY maybe.confidence DESC, maybe.node_id LIMIT %(limit)s OFFSET %(offset)s) maybe
        JOIN annotations_node n ON n.id = maybe.node_id
        JOIN annotations_tree t ON t.id = n.tree_id
        JOIN annotations_problem p ON p.id = t.problem_id
        LEFT JOIN {_PRM_OF} ON true LEFT JOIN {_VERDICT_OF} ON true LEFT JOIN {_LABEL_OF} ON true
        ORDER BY maybe.confidence DESC, maybe.node_id
    """  # noqa: S608 constants only


def _found(kind: Disagreement) -> str:
    """Return the query of all (node_id, confidence) of a kind, lazily sorted."""
    label = "" if kind is Disagreement.PRM_TOOL else f"JOIN {_LABEL_OF} ON label.rating = maybe.rated"
    verdict = "" if kind is Disagreement.PRM_LABEL else f"JOIN {_VERDICT_OF} ON verdict.verdict = maybe.checked"
    maybe = f"SELECT * FROM ({_MAYBE[kind]}) m ORDER BY confidence DESC, node_id"  # noqa: S608 constants only
    return f"SELECT maybe.node_id, maybe.confidence FROM ({maybe}) maybe {label} {verdict}"  # noqa: S608 constants only


def _params(access: Access) -> dict[str, Any]:
    return {**label_params(access), "refuted": REFUTED_WEIGHT, "supported": SUPPORTED_WEIGHT}
