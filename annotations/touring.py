"""The ten-minute tour: a project for it, and its runs in a size that a laptop has done while one looks on.

Each act is one that the pages offer anyway; only the settings are the tour's own.
"""

from __future__ import annotations

from collections.abc import Callable

from django.db import transaction

from annotations import generating, jobs, passrates, teams
from annotations.access import Access
from annotations.errors import BadInput
from annotations.models import Engine, Problem, Project, Run, User
from annotations.selectors.passrates import BAND
from annotations.selectors.projects import engines_for
from annotations.selectors.tour import RECIPE
from inference.types import Role, RunKind

SLUG, NAME = "tour", "Tour"
GUIDELINES = "A step is correct when it follows from the problem and the steps before it, and its arithmetic is right."
# One planted error in seven carries the label that a slip of an annotator would have given it.
CORPUS = {"source": "templates", "problems": 120, "per_problem": 2, "wrong_labels": 0.15, "seed": 1}
HEAD = {"max_steps": 1000}
REPLAY = {"counts": "100,250,550", "measured": 300}
STORY_COUNT = 20
STORIES = {"generator": "templates/stories", "count": STORY_COUNT, "difficulty": "1", "largest": 50, "seed": 7}
SAMPLES = {"samples": 6}
MOST_TREES = 12


@transaction.atomic
def start_tour(*, user: User) -> Project:
    """Return the user's own project for the tour, made if need be."""
    mine = Project.objects.filter(
        slug__startswith=SLUG, name=NAME, archived_at=None, memberships__user=user, memberships__role=Role.OWNER
    )
    found = mine.order_by("-id").first()
    return found or teams.create_project(actor=user, name=NAME, guidelines=GUIDELINES)


def plant(access: Access) -> Run:
    return jobs.request_planting(access=access, params=CORPUS)


def train(access: Access) -> Run:
    return jobs.request_training(access=access, params=HEAD)


def replay(access: Access) -> Run:
    return jobs.request_replay(access=access, params=REPLAY)


def stories(access: Access) -> Run:
    return generating.request_problems(access=access, params=STORIES)


def measure(access: Access) -> Run:
    """Ask for the pass rates of the problems that have no tree: those that were generated to be grown."""
    keys = [row.pk for row in fresh_problems(access)]
    if not keys:
        raise BadInput("There is no problem without a tree: generate some first.", "problems")
    return passrates.request_pass_rates(access=access, engine_id=engine(access).pk, params=SAMPLES, problem_ids=keys)


def grow(access: Access) -> Run:
    """Ask for trees of the problems whose pass rate lies in the usual band."""
    last = Run.objects.filter(project=access.project, kind=RunKind.PASSRATE).order_by("-id").first()
    if last is None or last.engine is None:
        raise BadInput("No pass rate was measured yet: measure some first.", "band")
    return jobs.request_generation(access=access, engine_id=last.engine.pk, params={}, band=BAND, limit=MOST_TREES)


def export(access: Access) -> Run:
    return jobs.request_export(access=access, recipe=RECIPE, options={})


ACTS: dict[str, Callable[[Access], Run]] = {
    "plant": plant,
    "train": train,
    "replay": replay,
    "stories": stories,
    "measure": measure,
    "grow": grow,
    "export": export,
}


def fresh_problems(access: Access) -> list[Problem]:
    """Return up to as many problems without a tree as the tour generates, the easiest first."""
    rows = Problem.objects.filter(project=access.project, trees=None).exclude(answer="").order_by("level", "id")
    return list(rows[:STORY_COUNT])


def engine(access: Access) -> Engine:
    """Return the first engine of the project; BadInput where none is granted."""
    found = engines_for(access).first()
    if found is None:
        raise BadInput("No engine is granted to this project: a site admin grants one.", "engine")
    return found
