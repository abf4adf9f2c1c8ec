"""Which problems a run takes: all, those without a tree, of some levels, of another run, or single ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Left

from annotations.access import Access
from annotations.models import Problem, Tree

SCOPES = ("without", "all", "level", "picked", "same")
HEAD = 200


@dataclass(frozen=True, slots=True)
class Choices:
    """What can be chosen from: counts of all, of those without a tree, and by level (None: unknown)."""

    total: int
    without: int
    levels: tuple[tuple[int | None, int], ...]


def choices(access: Access) -> Choices:
    problems = _problems(access)
    levels = problems.values_list("level").annotate(n=Count("pk")).order_by("level")
    counts = tuple((level, int(n)) for level, n in levels)
    return Choices(total=sum(n for _, n in counts), without=_without_tree(problems).count(), levels=counts)


def chosen(access: Access, *, scope: str, levels: Sequence[int]) -> list[int]:
    """Return the ids of the chosen problems, easiest first."""
    problems = _problems(access)
    if scope == "without":
        problems = _without_tree(problems)
    if scope == "level":
        problems = problems.filter(level__in=levels)
    return list(problems.order_by("level", "id").values_list("pk", flat=True))


def of_run(access: Access, run_id: int) -> list[int]:
    """Return the ids of the problems that a run grew trees for, easiest first."""
    return list(_grown(access, run_id).order_by("level", "id").values_list("pk", flat=True))


def of_run_count(access: Access, run_id: int) -> int:
    return _grown(access, run_id).count()


def named(access: Access, ids: Sequence[int]) -> list[tuple[int, str]]:
    """Return id and head of these problems, in their order; what is not of the project is left out."""
    heads = dict(_problems(access).filter(pk__in=ids).values_list("pk", Left("text", HEAD)))
    return [(key, heads[key]) for key in ids if key in heads]


def judged(access: Access, *, unrated: bool, limit: int | None) -> list[int]:
    """Return the problems with a reference answer (`unrated`: and without a pass rate), easiest first."""
    problems = _problems(access).exclude(answer="")
    if unrated:
        problems = problems.filter(pass_rate=None)
    return list(problems.order_by("level", "id").values_list("pk", flat=True)[:limit])


def judged_counts(access: Access) -> tuple[int, int]:
    """Return how many problems have a reference answer, and how many of them no pass rate."""
    found = _problems(access).exclude(answer="")
    counts = found.aggregate(all=Count("pk"), unrated=Count("pk", filter=Q(pass_rate=None)))
    return counts["all"], counts["unrated"]


def _problems(access: Access) -> QuerySet[Problem]:
    return Problem.objects.filter(project=access.project)


def _grown(access: Access, run_id: int) -> QuerySet[Problem]:
    trees = Tree.objects.filter(project=access.project, run_id=run_id, problem=OuterRef("pk"))
    return _problems(access).filter(Exists(trees))


def _without_tree(problems: QuerySet[Problem]) -> QuerySet[Problem]:
    return problems.filter(~Exists(Tree.objects.filter(project=OuterRef("project"), problem=OuterRef("pk"))))
