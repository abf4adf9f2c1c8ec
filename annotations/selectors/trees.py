"""A whole tree as outline and map know it: one short row a step, read in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from django.core.cache import cache
from django.db import connection
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce, Left, NullIf

from annotations.access import Access
from annotations.errors import NotFound
from annotations.models import Node, Score, ToolCheck, Tree
from annotations.selectors.labels import CURRENT_SQL, label_params, rank, voter_of
from inference.types import LabelSource, NodeRole, Rating, VerdictKind

HEAD = 140
# As plain text: looked at a few thousand times a page.
CORRECT, INCORRECT = Rating.CORRECT.value, Rating.INCORRECT.value
REFUTED, ANSWER = VerdictKind.REFUTED.value, NodeRole.ANSWER.value
DECIDED = rank(LabelSource.DECISION)
# A tool's refutation outweighs what other tools say of the step.
WEIGHT = {VerdictKind.UNDECIDED.value: 1, VerdictKind.SUPPORTED.value: 2, VerdictKind.REFUTED.value: 3}


@dataclass(slots=True)
class Spot:
    """One step in outline and map. `value` is the search's mean in [-1, 1]; `rating` is what the voters resolve to."""

    id: int
    seq: int
    parent: int
    depth: int
    role: str
    head: str
    terminal: bool
    outcome: int | None
    visits: int
    value: float | None
    verdict: str = ""
    prm: float | None = None
    rating: str = ""
    mine: str = ""
    split: bool = False
    children: list[int] = field(default_factory=list)
    below: int = 0

    @property
    def number(self) -> str:
        """The step's number on its path; an answer is no step."""
        return "A" if self.role == ANSWER else str(self.depth)

    @property
    def name(self) -> str:
        return "Answer" if self.role == ANSWER else f"Step {self.depth}"

    @property
    def disputed(self) -> bool:
        """Whether two of people, tool and PRM contradict each other, or people among themselves."""
        right = self.rating == CORRECT or (self.prm is not None and self.prm >= 0.5)
        wrong = self.rating == INCORRECT or self.verdict == REFUTED or (self.prm is not None and self.prm < 0.5)
        return self.split or (right and wrong)


FILTERS: dict[str, tuple[str, Callable[[Spot], bool]]] = {
    "refuted": ("Refuted", lambda spot: spot.verdict == REFUTED),
    "unlabelled": ("Unlabelled", lambda spot: not spot.rating),
    "disagreement": ("Disagreement", lambda spot: spot.disputed),
    "right": ("Right leaves", lambda spot: spot.outcome == 1),
    "wrong": ("Wrong leaves", lambda spot: spot.outcome == -1),
}


@dataclass(frozen=True, slots=True)
class TreeMap:
    """A tree with its spots by seq, in reading order (a step, then all below it). `roots` are the first steps."""

    tree: Tree
    spots: dict[int, Spot]
    roots: list[int]

    def path(self, seq: int) -> list[Spot]:
        """Return the steps from the first one to this one."""
        found: list[Spot] = []
        while seq in self.spots:
            found.append(self.spots[seq])
            seq = self.spots[seq].parent
        return found[::-1]

    def fitting(self, name: str) -> set[int] | None:
        """Return the steps that a filter keeps; None for no filter."""
        if name not in FILTERS:
            return None
        fits = FILTERS[name][1]
        return {seq for seq, spot in self.spots.items() if fits(spot)}


def one_tree(access: Access, tree_id: int) -> Tree:
    found = Tree.objects.filter(project=access.project, pk=tree_id).select_related("problem", "run").first()
    if found is None:
        raise NotFound("There is no such tree.")
    return found


def tree_map(access: Access, tree_id: int) -> TreeMap:
    """Return a tree with verdicts, newest PRM scores and visible ratings: five queries for any number of steps."""
    tree = one_tree(access, tree_id)
    spots = _spots(tree)
    by_id = {spot.id: spot for spot in spots.values()}
    checks = ToolCheck.objects.filter(project=access.project, node__tree=tree_id)
    newest = {(row[0], row[1]): row[2] for row in checks.order_by("id").values_list("node_id", "verifier", "verdict")}
    for (node_id, _), verdict in newest.items():
        spot = by_id[node_id]
        if WEIGHT[verdict] > WEIGHT.get(spot.verdict, 0):
            spot.verdict = verdict
    scores = Score.objects.filter(project=access.project, node__tree=tree_id, scorer__startswith="prm")
    for node_id, value in scores.order_by("id").values_list("node_id", "value"):
        by_id[node_id].prm = value
    for node_id, rows in _current(access, list(by_id)).items():
        _rate(by_id[node_id], rows, voter_of(access.user.pk))
    return TreeMap(tree, *_reading_order(spots))


def _spots(tree: Tree) -> dict[int, Spot]:
    rows = Node.objects.filter(project=tree.project_id, tree=tree.pk, removed=False).order_by("seq")
    values = rows.values_list(
        "id",
        "seq",
        Coalesce("parent_seq", 0),
        "depth",
        "role",
        Left("text", HEAD),
        "terminal",
        "outcome",
        "visits",
        F("value_sum") / NullIf("visits", 0),
    )
    return {row[1]: Spot(*row) for row in values}


def _current(access: Access, node_ids: list[int]) -> dict[int, list[tuple[str, str, str, int]]]:
    """Return (voter, source, rating, event id) of every visible current rating, by step."""
    found: dict[int, list[tuple[str, str, str, int]]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT node_id, voter, source, rating, id"  # noqa: S608 constants only
            f" FROM ({CURRENT_SQL}) current WHERE rating IS NOT NULL AND node_id = ANY(%(nodes)s)",
            {**label_params(access), "nodes": node_ids},
        )
        for node_id, *row in cursor.fetchall():
            found.setdefault(node_id, []).append(tuple(row))
    return found


def _rate(spot: Spot, rows: list[tuple[str, str, str, int]], me: str) -> None:
    """Resolve the voters' ratings as selectors.labels.resolve does; what a reviewer decided is split no more."""
    first = max(rank(row[1]) for row in rows)
    pool = [row for row in rows if rank(row[1]) == first]
    counts: dict[str, list[int]] = {}
    for _, _, rating, event in pool:
        tally = counts.setdefault(rating, [0, 0])
        tally[0] += 1
        tally[1] = max(tally[1], event)
    spot.rating = max(counts, key=lambda rating: counts[rating])
    spot.split = len({row[2] for row in rows}) > 1 and first < DECIDED
    spot.mine = next((row[2] for row in rows if row[0] == me), "")


def _reading_order(spots: dict[int, Spot]) -> tuple[dict[int, Spot], list[int]]:
    """Put every step before those below it, brothers by number; count what lies below each."""
    roots: list[int] = []
    for spot in spots.values():
        (spots[spot.parent].children if spot.parent in spots else roots).append(spot.seq)
    for spot in reversed(spots.values()):
        if spot.parent in spots:
            spots[spot.parent].below += spot.below + 1
    ordered: dict[int, Spot] = {}
    waiting = roots[::-1]
    while waiting:
        seq = waiting.pop()
        ordered[seq] = spots[seq]
        waiting.extend(reversed(spots[seq].children))
    return ordered, roots


@dataclass(frozen=True, slots=True)
class TreeQuery:
    """Which trees somebody looks for."""

    show: str = ""
    run: int | None = None
    page: int = 1


PAGE = 40
LAST_PAGE = 400
COUNTED = PAGE * LAST_PAGE
TOTAL_SECONDS = 5
SHOWS: dict[str, tuple[str, Q]] = {
    "both": ("right and wrong paths", Q(correct_paths__gt=0, wrong_paths__gt=0)),
    "right": ("some right path", Q(correct_paths__gt=0)),
    "wrong": ("only wrong paths", Q(correct_paths=0, wrong_paths__gt=0)),
    "growing": ("growing", Q(state="growing")),
}


@dataclass(frozen=True, slots=True)
class TreePage:
    """A page of trees, newest first, and how many there are in all, at most COUNTED."""

    rows: list[Tree]
    first: int
    total: int
    has_next: bool

    @property
    def last(self) -> int:
        return self.first + len(self.rows) - 1

    @property
    def capped(self) -> bool:
        return self.total >= COUNTED


def tree_page(access: Access, query: TreeQuery) -> TreePage:
    """Return one page of the project's trees; one query, and every few seconds another that counts them."""
    found = Tree.objects.filter(project=access.project)
    if query.show in SHOWS:
        found = found.filter(SHOWS[query.show][1])
    if query.run is not None:
        found = found.filter(run=query.run)
    start = (query.page - 1) * PAGE
    rows = found.select_related("run").annotate(problem_text=Left(F("problem__text"), 240)).order_by("-id")
    trees: list[Tree] = [*rows[start : start + PAGE + 1]]
    seen, more = start + min(len(trees), PAGE), len(trees) > PAGE
    total = seen if not more and trees else max(seen, _total(access, query, found))
    return TreePage(trees[:PAGE], start + 1, total, more and query.page < LAST_PAGE)


def _total(access: Access, query: TreeQuery, found: QuerySet[Tree]) -> int:
    name = f"tree-total-{access.project.pk}-{query.show if query.show in SHOWS else ''}-{query.run}"
    counted: int | None = cache.get(name)
    if counted is None:
        counted = found.order_by()[:COUNTED].count()
        cache.set(name, counted, TOTAL_SECONDS)
    return counted


def neighbours(spots: Iterable[int], seq: int) -> tuple[int, int]:
    """Return the steps before and after one in reading order, 0 where there is none."""
    order = list(spots)
    if seq not in order:
        return 0, 0
    at = order.index(seq)
    return order[at - 1] if at else 0, order[at + 1] if at + 1 < len(order) else 0
