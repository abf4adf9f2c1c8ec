"""Finding problems: words, filters, order and pages of them; one problem with its trees."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from django.contrib.postgres.search import SearchQuery, SearchVector
from django.core.cache import cache
from django.db.models import Count, Exists, F, OuterRef, QuerySet
from django.db.models.functions import Left

from annotations.access import Access
from annotations.errors import NotFound
from annotations.models import LabelEvent, PassRate, Problem, Tree
from annotations.selectors.labels import labelled_steps, visible_events
from annotations.selectors.together import Prepared, answers

PAGE = 30
# Paging goes by offset, so it ends somewhere; words and filters find what lies behind.
LAST_PAGE = 400
COUNTED = PAGE * LAST_PAGE
TOTAL_SECONDS = 5
SHOWN = 400

SORTS: dict[str, tuple[Any, ...]] = {
    "number": ("id",),
    "newest": ("-id",),
    "level": (F("level").asc(nulls_last=True), "id"),
    "-level": (F("level").desc(nulls_last=True), "id"),
    "rate": (F("pass_rate").asc(nulls_last=True), "id"),
    "-rate": (F("pass_rate").desc(nulls_last=True), "id"),
    "trees": (F("trees_found").desc(), "id"),
}
EITHER = ("", "yes", "no")
# A band of pass rates, ends included; "no" asks for problems that have none.
BAND = re.compile(r"([01](?:\.\d{1,4})?)-([01](?:\.\d{1,4})?)")


@dataclass(frozen=True, slots=True)
class ProblemQuery:
    """What somebody looks for; values that mean nothing are dropped by `read`."""

    words: str = ""
    level: int | None = None
    source: str = ""
    trees: str = ""
    labels: str = ""
    rate: str = ""
    sort: str = "number"
    page: int = 1

    @classmethod
    def read(cls, given: dict[str, str]) -> ProblemQuery:
        """Read a query string; an unknown value counts as not given, so that an old link still opens."""
        level, page, rate = given.get("level", ""), given.get("page", ""), given.get("rate", "")
        return cls(
            words=given.get("q", "").strip()[:200],
            level=int(level) if level.isdigit() and len(level) < 5 else None,
            source=given.get("source", "")[:60],
            trees=given.get("trees", "") if given.get("trees") in EITHER else "",
            labels=given.get("labels", "") if given.get("labels") in EITHER else "",
            rate=rate if rate == "no" or BAND.fullmatch(rate) else "",
            sort=given.get("sort", "") if given.get("sort") in SORTS else "number",
            page=min(max(int(page), 1), LAST_PAGE) if page.isdigit() and len(page) < 6 else 1,
        )

    @property
    def narrowed(self) -> bool:
        return self != ProblemQuery(sort=self.sort, page=self.page)


@dataclass(frozen=True, slots=True)
class Rate:
    """A pass rate with its interval, and who was asked."""

    solved: int
    samples: int
    low: float
    high: float
    engine: str

    @property
    def share(self) -> float:
        return self.solved / self.samples


@dataclass(slots=True)
class ProblemRow:
    """One line of the list."""

    id: int
    text: str
    level: int | None
    source: str
    answer: str
    trees: int = 0
    steps: int = 0
    correct_paths: int = 0
    wrong_paths: int = 0
    labelled: int = 0
    rate: Rate | None = None


@dataclass(frozen=True, slots=True)
class ProblemPage:
    """A page of rows. `total` is None where counting would cost more than the page."""

    rows: list[ProblemRow]
    query: ProblemQuery
    total: int | None
    has_next: bool
    levels: list[int] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    rated: bool = False

    @property
    def first(self) -> int:
        return (self.query.page - 1) * PAGE + 1

    @property
    def last(self) -> int:
        return self.first + len(self.rows) - 1

    @property
    def previous_page(self) -> int:
        return self.query.page - 1

    @property
    def next_page(self) -> int:
        return self.query.page + 1

    @property
    def capped(self) -> bool:
        return self.total is not None and self.total >= COUNTED


def labelled_now(access: Access) -> QuerySet[LabelEvent]:
    """Return the visible events that hold a rating and are their voter's last word on a step."""
    later = visible_events(access).filter(node=OuterRef("node"), voter=OuterRef("voter"), id__gt=OuterRef("id"))
    return visible_events(access).filter(~Exists(later), rating__isnull=False, node__isnull=False)


def found_problems(access: Access, query: ProblemQuery) -> QuerySet[Problem]:
    """Return the problems that fit the query, unordered."""
    found = Problem.objects.filter(project=access.project)
    if query.words:
        vector = SearchVector("text", config="english")
        words = SearchQuery(query.words, config="english", search_type="websearch")
        found = found.annotate(vector=vector).filter(vector=words)
    if query.level is not None:
        found = found.filter(level=query.level)
    if query.source:
        found = found.filter(source=query.source)
    if query.trees:
        grown = Exists(Tree.objects.filter(project=access.project, problem=OuterRef("pk")))
        found = found.filter(grown if query.trees == "yes" else ~grown)
    if query.rate == "no":
        found = found.filter(pass_rate=None)
    elif query.rate:
        low, high = query.rate.split("-")
        found = found.filter(pass_rate__gte=float(low), pass_rate__lte=float(high))
    if query.labels:
        labelled = Exists(labelled_now(access).filter(node__tree__problem=OuterRef("pk")))
        found = found.filter(labelled if query.labels == "yes" else ~labelled)
    return found


def problem_page(access: Access, query: ProblemQuery) -> ProblemPage:
    """Return one page of the list with the counts of its rows: two messages, whatever the project's size."""
    found = found_problems(access, query)
    counted = _counted(found) if query.narrowed and not query.labels else ("SELECT NULL", ())
    if query.sort == "trees":
        found = found.annotate(trees_found=Count("trees"))
    start = (query.page - 1) * PAGE
    shown = found.order_by(*SORTS[query.sort]).values_list("id", Left("text", SHOWN), "level", "source", "answer")
    raw, [(total,)] = answers(shown[start : start + PAGE + 1].query.sql_with_params(), counted)
    rows = [ProblemRow(*values) for values in raw[:PAGE]]
    newest, rated = _count_into(access, rows)
    levels, sources = _choices(access, newest)
    total = total if query.narrowed else _total(access, newest)
    return ProblemPage(rows, query, total, len(raw) > PAGE and query.page < LAST_PAGE, levels, sources, rated)


def _counted(found: QuerySet[Problem]) -> tuple[str, tuple[Any, ...]]:
    sql, params = found.order_by().values("pk")[:COUNTED].query.sql_with_params()
    return f"SELECT count(*) FROM ({sql}) found", params  # noqa: S608 what Django wrote


def _total(access: Access, newest: int) -> int:
    """Return how many problems the project has, at most COUNTED; counted anew when one came in, and every few seconds.

    The count is the dearest part of a page, and the newest problem alone misses what an older import commits late.
    """
    name = f"problem-total-{access.project.pk}-{newest}"
    found: int | None = cache.get(name)
    if found is None:
        [[(found,)]] = answers(_counted(Problem.objects.filter(project=access.project)))
        cache.set(name, found, TOTAL_SECONDS)
    return found


TREES = Prepared(
    "trees_of_problems",
    """
SELECT problem_id, count(*), sum(node_count), sum(correct_paths), sum(wrong_paths) FROM annotations_tree
WHERE project_id = %(project)s AND problem_id = ANY(%(problems)s) GROUP BY problem_id
""",
    project="bigint",
    problems="bigint[]",
)
NEWEST = Prepared(
    "newest_problem",
    """
SELECT (SELECT max(id) FROM annotations_problem WHERE project_id = %(project)s),
       EXISTS (SELECT 1 FROM annotations_passrate WHERE project_id = %(project)s)
""",
    project="bigint",
)
RATES = Prepared(
    "rates_of_problems",
    """
SELECT DISTINCT ON (r.problem_id) r.problem_id, r.solved, r.samples, r.low, r.high, e.name
FROM annotations_passrate r JOIN annotations_engine e ON e.id = r.engine_id
WHERE r.project_id = %(project)s AND r.problem_id = ANY(%(problems)s)
ORDER BY r.problem_id, r.measured_at DESC, r.id DESC
""",
    project="bigint",
    problems="bigint[]",
)


def _count_into(access: Access, rows: list[ProblemRow]) -> tuple[int, bool]:
    """Fill the counts of the rows; return the project's newest problem (0: none) and whether it has pass rates."""
    by_id = {row.id: row for row in rows}
    trees, labelled, rates, newest = answers(
        TREES.asked(project=access.project.pk, problems=list(by_id)),
        labelled_steps(access, list(by_id)),
        RATES.asked(project=access.project.pk, problems=list(by_id)),
        NEWEST.asked(project=access.project.pk),
    )
    for key, *counts in trees:
        row = by_id[key]
        row.trees, row.steps, row.correct_paths, row.wrong_paths = counts
    for key, count in labelled:
        by_id[key].labelled = count
    for key, *values in rates:
        by_id[key].rate = Rate(*values)
    return newest[0][0] or 0, newest[0][1]


def _choices(access: Access, newest: int) -> tuple[list[int], list[str]]:
    """Return the levels and sources that occur, for the filters; looked up anew when problems came in."""
    name = f"problem-choices-{access.project.pk}-{newest}"
    found: tuple[list[int], list[str]] | None = cache.get(name)
    if found is None:
        here = Problem.objects.filter(project=access.project)
        seen = list(here.order_by().values_list("level", "source").distinct()[:1000])
        levels = sorted({level for level, _ in seen if level is not None})
        found = levels, sorted({source for _, source in seen if source})
        cache.set(name, found)
    return found


def problem(access: Access, problem_id: int) -> Problem:
    found = Problem.objects.filter(project=access.project, pk=problem_id).first()
    if found is None:
        raise NotFound("There is no such problem.")
    return found


def rates_of(access: Access, problem_id: int) -> list[Rate]:
    """Return the pass rates of a problem, newest first."""
    found = PassRate.objects.filter(project=access.project, problem=problem_id).order_by("-measured_at", "-id")
    return [Rate(*row) for row in found.values_list("solved", "samples", "low", "high", "engine__name")[:20]]


def trees_of(access: Access, problem_id: int) -> list[Tree]:
    """Return a problem's trees, newest first, each with its run and `labelled`, the number of labelled steps."""
    trees = list(
        Tree.objects.filter(project=access.project, problem=problem_id).select_related("run").order_by("-id")[:100]
    )
    return with_labelled(access, trees)


def with_labelled(access: Access, trees: list[Tree]) -> list[Tree]:
    counts = dict(
        labelled_now(access)
        .filter(node__tree__in=[tree.pk for tree in trees])
        .order_by()
        .values_list("node__tree")
        .annotate(Count("node", distinct=True))
    )
    for tree in trees:
        tree.labelled = counts.get(tree.pk, 0)  # type: ignore[attr-defined]
    return trees
