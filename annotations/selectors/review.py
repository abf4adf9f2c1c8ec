"""Where PRM, tool and people disagree, most confident first. Reads labels through selectors.labels alone."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

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


# The newest active head of the project: scores of older ones are history.
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
_HEAD = f"WITH prm AS ({_PRM}), verdict AS ({_VERDICT}), label AS ({RESOLVED_SQL})"
_FOUND = {
    Disagreement.PRM_LABEL: """
        SELECT node_id, abs(prm.value - (rating = 'correct')::int) AS confidence
        FROM label JOIN prm USING (node_id)
        WHERE rating <> 'neutral' AND (rating = 'correct') <> (prm.value >= 0.5)
    """,
    Disagreement.TOOL_LABEL: """
        SELECT node_id, CASE verdict WHEN 'refuted' THEN %(refuted)s ELSE %(supported)s END::float8 AS confidence
        FROM label JOIN verdict USING (node_id)
        WHERE (rating, verdict) IN (('correct', 'refuted'), ('incorrect', 'supported'))
    """,
    Disagreement.PRM_TOOL: """
        SELECT node_id, prm.value AS confidence
        FROM verdict JOIN prm USING (node_id) WHERE verdict = 'refuted' AND prm.value >= 0.5
    """,
}  # fmt: skip


def disagreements(access: Access, *, kind: str, limit: int = 50, offset: int = 0) -> list[Row]:
    """Return the steps on which two of PRM, tool and people disagree, the most confident disagreement first.

    `kind` is a Disagreement; BadInput for another word, or a limit or offset out of range.
    """
    if kind not in set(Disagreement):
        raise BadInput(f"{kind!r} is no kind of disagreement; expected {', '.join(Disagreement)}.", "kind")
    if not 1 <= limit <= MOST_ROWS or offset < 0:
        raise BadInput(f"Expected a limit from 1 to {MOST_ROWS} and an offset from 0.", "limit")
    with connection.cursor() as cursor:
        cursor.execute(page_sql(Disagreement(kind)), {**_params(access), "limit": limit, "offset": offset})
        return [Row(*row) for row in cursor.fetchall()]


def disagreement_counts(access: Access) -> dict[str, int]:
    """Return how many steps there are of each kind of disagreement, in one query."""
    counts = ", ".join(f"(SELECT count(*) FROM ({found}) f)" for found in _FOUND.values())  # noqa: S608 constants
    with connection.cursor() as cursor:
        cursor.execute(f"{_HEAD} SELECT {counts}", _params(access))  # noqa: S608 constants only
        return dict(zip(map(str, _FOUND), map(int, cursor.fetchone()), strict=True))


def page_sql(kind: Disagreement) -> str:
    """Return the query of one page: sort first, then look up what is shown for the rows of the page alone."""
    return f"""
        {_HEAD}, page AS (
            SELECT * FROM ({_FOUND[kind]}) found ORDER BY confidence DESC, node_id LIMIT %(limit)s OFFSET %(offset)s)
        SELECT n.id, n.tree_id, n.seq, n.text, p.id, p.text,
               prm.value, verdict.verdict, label.rating, page.confidence
        FROM page
        LEFT JOIN prm USING (node_id) LEFT JOIN verdict USING (node_id) LEFT JOIN label USING (node_id)
        JOIN annotations_node n ON n.id = page.node_id
        JOIN annotations_tree t ON t.id = n.tree_id
        JOIN annotations_problem p ON p.id = t.problem_id
        ORDER BY page.confidence DESC, page.node_id
    """  # noqa: S608 constants only


def _params(access: Access) -> dict[str, object]:
    return {**label_params(access), "refuted": REFUTED_WEIGHT, "supported": SUPPORTED_WEIGHT}
