"""What labels say of each verifier: its verdicts counted against the ratings that the viewer may see.

Ratings and categories are those that the review keeps (annotations.reviewing.fold), so that what somebody says is
taken in before it is counted. Of one verifier and version the first verdict on a step counts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from annotations.access import Access
from annotations.reviewing.fold import PAGE_MOST, fold
from annotations.selectors.labels import label_params
from annotations.selectors.review import DUE
from annotations.selectors.reviewsql import LABELS_OWN
from annotations.selectors.together import NO_LOOPS, Statement, answers
from annotations.trust import Share, Trust
from inference.types import Ending, Rating, VerdictKind
from inference.verifiers.params import TOOLS

FIRST = """
    SELECT DISTINCT ON (x.node_id, x.verifier, x.version) x.id, x.node_id, x.verifier, x.version, x.verdict, {more}
    FROM annotations_toolcheck x
    WHERE x.project_id = %(project)s AND x.node_id IS NOT NULL
      AND (%(verifier)s::text IS NULL OR x.verifier = %(verifier)s)
      AND (%(version)s::text IS NULL OR x.version = %(version)s)
    ORDER BY x.node_id, x.verifier, x.version, x.id
"""
# Counted by what all steps of a cell share before that is looked up: there are few cells and many steps.
COUNTED = f"""
    SELECT v.verifier, v.version, v.verdict, v.ending, {{said}}, count(*) AS n, max(v.id) AS newest
    FROM ({FIRST.format(more="x.ending")}) v
    JOIN annotations_reviewstep s ON s.project_id = %(project)s AND s.node_id = v.node_id {{mine}}
    GROUP BY v.verifier, v.version, v.verdict, v.ending, {{said}}
"""  # noqa: S608 constants only
KEPT = f"""
    SELECT t.verifier, t.version, t.verdict, t.ending, c.rating, c.category, sum(t.n)::bigint, max(t.newest)
    FROM ({COUNTED.format(said="s.cell", mine="")}) t
    JOIN annotations_reviewcell c ON c.project_id = %(project)s AND c.key = t.cell
    GROUP BY t.verifier, t.version, t.verdict, t.ending, c.rating, c.category
"""  # noqa: S608
OWN = COUNTED.format(said=f"{LABELS_OWN[0]}, {LABELS_OWN[1]}", mine=LABELS_OWN[2])
KINDS = "SELECT kind, count(*) FROM annotations_problem WHERE project_id = %(project)s GROUP BY kind ORDER BY kind"


@dataclass(frozen=True, slots=True)
class Measured:
    """One version of a verifier: its verdicts against labels, the wrong steps by category, how its children ended.

    `by_category` says how many of the wrong steps of a category it refuted; `endings` holds those but "ok".
    """

    verifier: str
    version: str
    trust: Trust
    by_category: Mapping[str, Share] = field(default_factory=dict)
    endings: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Tools:
    """All that is measured, each verifier's newest version first; problems by kind; `due` steps are not counted yet."""

    measured: list[Measured]
    kinds: dict[str, int]
    due: int

    def newest(self) -> dict[str, Measured]:
        """Return the newest version of each verifier."""
        found: dict[str, Measured] = {}
        for each in self.measured:
            found.setdefault(each.verifier, each)
        return found

    def fitting(self) -> list[str]:
        """Return the verifiers that know a kind of problem of this project, in the registry's order."""
        return [name for name, tool in TOOLS.items() if not tool.kinds or set(tool.kinds) & set(self.kinds)]


def tools(access: Access, verifier: str | None = None) -> Tools:
    """Take in what was newly said, as much as a page may wait for, and return what is measured (of one verifier)."""
    project = {"project": access.project.pk}
    asked = [DUE.asked(**project), (KINDS, project), NO_LOOPS, _figures(access, verifier)]
    due, kinds, _, rows = answers(*asked)
    if due[0][0]:
        fold(access.project.pk, most=PAGE_MOST)
        due, kinds, _, rows = answers(*asked)
    return Tools(_read(rows), {str(kind): int(n) for kind, n in kinds}, int(due[0][0]))


def _figures(access: Access, verifier: str | None) -> Statement:
    params = {**label_params(access), "verifier": verifier, "version": None}
    return KEPT if params["voter"] is None else OWN, params


def _read(rows: list[tuple[Any, ...]]) -> list[Measured]:
    counts: dict[tuple[str, str], Counter[tuple[str, str]]] = {}
    endings: dict[tuple[str, str], Counter[str]] = {}
    wrong: dict[tuple[str, str], dict[str, Counter[bool]]] = {}
    last: Counter[tuple[str, str]] = Counter()
    for verifier, version, verdict, ending, rated, category, n, newest in rows:
        key = (verifier, version)
        counts.setdefault(key, Counter())[verdict, rated] += n
        endings.setdefault(key, Counter())[ending] += n
        last[key] = max(last[key], newest)
        if rated == Rating.INCORRECT:
            wrong.setdefault(key, {}).setdefault(category, Counter())[verdict == VerdictKind.REFUTED] += n
    return [
        Measured(*key, Trust(counts[key]), _seen(wrong.get(key, {})), _broken(endings[key]))
        for key in sorted(counts, key=lambda key: -last[key])
    ]


def _seen(wrong: Mapping[str, Counter[bool]]) -> dict[str, Share]:
    """Return by category, the most frequent first, how many of its wrong steps were refuted."""
    most = sorted(wrong.items(), key=lambda item: (-item[1].total(), item[0]))
    return {category: Share(hits[True], hits.total()) for category, hits in most}


def _broken(endings: Counter[str]) -> dict[str, int]:
    return {ending.value: endings[ending] for ending in Ending if ending is not Ending.OK and endings[ending]}
