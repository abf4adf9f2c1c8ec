"""One version of a verifier looked at closely: by source of the label, its sureness, and the steps behind a count."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from annotations.access import Access
from annotations.selectors.labels import BY_SOURCE_SQL, label_params
from annotations.selectors.reviewsql import JOINED, LABELS_KEPT, LABELS_OWN
from annotations.selectors.together import NO_LOOPS, answers
from annotations.selectors.tools import FIRST
from annotations.trust import Bin, Calibration, Trust
from inference.types import LabelSource, Rating, VerdictKind

STEPS_A_PAGE = 30
BINS = 10
RATINGS = ("", *(rating.value for rating in Rating))
SOURCES = f"""
    SELECT l.source, v.verdict, l.rating, count(*)
    FROM ({FIRST.format(more="x.ending")}) v JOIN ({BY_SOURCE_SQL}) l ON l.node_id = v.node_id
    GROUP BY l.source, v.verdict, l.rating
"""  # noqa: S608 constants only
# Who may see his own labels alone gets them in place of the ratings that are kept.
KNOWN = """
    FROM ({first}) v JOIN ({joined}) ON s.node_id = v.node_id AND s.project_id = %(project)s {mine}
"""
SURE = """
    SELECT bin, count(*), sum(p), count(*) FILTER (WHERE fine), sum((p - fine::int) ^ 2)
    FROM (SELECT p, rated <> 'incorrect' AS fine, least(width_bucket(p, 0, 1, %(bins)s), %(bins)s) AS bin
          FROM (SELECT (v.output ->> 'p')::float8 AS p, {rating} AS rated {known}
                WHERE jsonb_typeof(v.output -> 'p') = 'number' OFFSET 0) told
          WHERE rated <> '' AND p BETWEEN 0 AND 1) known
    GROUP BY bin ORDER BY bin
"""
CHOSEN = """
    SELECT v.id FROM (SELECT v.id, v.node_id, v.verdict, {rating} AS rated {known}) v
    WHERE verdict = %(verdict)s AND rated = %(rated)s ORDER BY node_id LIMIT %(most)s OFFSET %(first)s
"""
LISTED = """
    SELECT n.tree_id, n.seq, left(n.text, 400), left(p.text, 200), x.verdict, x.ending, left(x.message, 200)
    FROM annotations_toolcheck x
    JOIN annotations_node n ON n.id = x.node_id
    JOIN annotations_tree t ON t.id = n.tree_id
    JOIN annotations_problem p ON p.id = t.problem_id
    WHERE x.project_id = %(project)s AND x.id = ANY(%(checks)s) ORDER BY x.node_id
"""


@dataclass(frozen=True, slots=True)
class Cell:
    """Steps with this verdict and this rating ("": no label)."""

    verdict: str
    rating: str

    @classmethod
    def read(cls, text: str) -> Cell | None:
        """Read "refuted.correct"; None for anything else. "none" is no label."""
        verdict, _, rating = text.partition(".")
        rating = "" if rating == "none" else rating or "?"
        return cls(verdict, rating) if verdict in set(VerdictKind) and rating in RATINGS else None

    def __str__(self) -> str:
        return f"{self.verdict}.{self.rating or 'none'}"


@dataclass(frozen=True, slots=True)
class ToolStep:
    """A step behind a count."""

    tree_id: int
    seq: int
    text: str
    problem: str
    verdict: str
    ending: str
    message: str


@dataclass(frozen=True, slots=True)
class Closely:
    """What the labels of each source say of a verifier, and how sure it was against how right."""

    by_source: dict[str, Trust]
    calibration: Calibration | None


def closely(access: Access, verifier: str, version: str) -> Closely:
    """Return what one version of a verifier said, by source of the label and by sureness, in one message."""
    params = {**label_params(access), "verifier": verifier, "version": version, "bins": BINS}
    sure = _with_labels(SURE, "x.output", blind=params["voter"] is not None)
    _, sources, rows = answers(NO_LOOPS, (SOURCES, params), (sure, params))
    return Closely(_by_source(sources), _calibration(rows))


def steps_of(access: Access, verifier: str, version: str, cell: Cell, page: int = 1) -> list[ToolStep]:
    """Return a page of the steps of a cell in the order in which they were stored, and one more where there is one."""
    params = {**label_params(access), "verifier": verifier, "version": version}
    params |= {"verdict": cell.verdict, "rated": cell.rating}
    params |= {"most": STEPS_A_PAGE + 1, "first": STEPS_A_PAGE * (page - 1)}
    chosen = _with_labels(CHOSEN, "x.ending", blind=params["voter"] is not None)
    _, checks = answers(NO_LOOPS, (chosen, params))
    (rows,) = answers((LISTED, {**params, "checks": [key for (key,) in checks]}))
    return [ToolStep(*row) for row in rows]


def _with_labels(sql: str, more: str, *, blind: bool) -> str:
    rating, _, mine = LABELS_OWN if blind else LABELS_KEPT
    known = KNOWN.format(first=FIRST.format(more=more), joined=JOINED, mine=mine)
    return sql.format(rating=rating, known=known)


def _by_source(rows: list[tuple[Any, ...]]) -> dict[str, Trust]:
    """Return what the labels of each source say, people before corpora before constructions."""
    found: dict[str, Counter[tuple[str, str]]] = {}
    for source, verdict, rating, n in rows:
        found.setdefault(source, Counter())[verdict, rating] += n
    return {source.value: Trust(found[source]) for source in LabelSource if source in found}


def _calibration(rows: list[tuple[Any, ...]]) -> Calibration | None:
    if not rows:
        return None
    width = 1 / BINS
    return Calibration(
        tuple(
            Bin(round((bin_ - 1) * width, 3), round(bin_ * width, 3), int(n), float(total), int(right), float(squares))
            for bin_, n, total, right, squares in rows
        )
    )
