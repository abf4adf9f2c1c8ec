"""How far a viewer has come in the tour: everything is read from what the project holds, nothing is ticked off."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Q
from django.utils import timezone

from annotations import rules
from annotations.access import Access
from annotations.models import DatasetSnapshot, Problem, Run, Tree, Worker
from annotations.selectors import review
from annotations.selectors.drill import Drill, drill
from annotations.selectors.labels import CORPUS_SQL, visible_events, voter_of
from annotations.selectors.passrates import BAND
from annotations.selectors.review import Matrix, Question
from annotations.selectors.runs import ALIVE_SECONDS
from annotations.selectors.together import answers
from inference.types import Queue, RunKind, RunState

WANTED_CORRECTIONS, RECIPE = 3, "trl_stepwise"
WORKERS_SHOWN, WORKERS_MINUTES = 4, 30
LABELLED = f"""
    SELECT count(DISTINCT c.node_id), count(DISTINCT n.tree_id)
    FROM ({CORPUS_SQL}) c JOIN annotations_node n ON n.project_id = %(project)s AND n.id = c.node_id
"""  # noqa: S608 constants only


@dataclass(frozen=True, slots=True)
class Growth:
    """The trees of the newest run within a band of pass rates. `live` is the newest tree that grows, 0 if none does."""

    run: Run
    trees: int
    done: int
    solved: int
    live: int


@dataclass(frozen=True, slots=True)
class Lamp:
    """A worker as it last spoke: alive, ended in order (`stopped`), or lost."""

    worker: Worker
    alive: bool
    stopped: bool

    @property
    def lost(self) -> bool:
        return not self.alive and not self.stopped


@dataclass(frozen=True, slots=True)
class Tour:
    """What the tour's stops are told from. `refuted` steps are labelled correct and refuted by a tool."""

    labelled: int
    trees: int
    refuted: int
    corrected: int
    drill: Drill
    runs: dict[str, Run]
    fresh: int
    rated: int
    inside: int
    growth: Growth | None
    workers: list[Lamp]
    file: DatasetSnapshot | None

    def open(self, *kinds: RunKind) -> Run | None:
        """Return the newest run of the first of these kinds that goes on or waits."""
        found = (self.runs.get(kind.value) for kind in kinds)
        return next((run for run in found if run is not None and run.state in rules.OPEN), None)

    def done(self, kind: RunKind) -> Run | None:
        """Return the newest run of a kind if it ended and something came of it."""
        run = self.runs.get(kind.value)
        return run if run is not None and run.state == RunState.DONE and _bore(run) else None

    @property
    def failed(self) -> list[Run]:
        """Return the newest runs of a kind that failed."""
        return [run for run in self.runs.values() if run.state == RunState.FAILED]

    @property
    def free(self) -> dict[str, bool]:
        """Tell for each kind whether nothing came of it yet, so that it may be asked for (again)."""
        return {kind.value: self.done(kind) is None and self.open(kind) is None for kind in RunKind}

    @property
    def taken_over(self) -> tuple[Worker, Worker] | None:
        """Return a lost worker and one that came after it and works."""
        lost = next((lamp.worker for lamp in self.workers if lamp.lost), None)
        if lost is None:
            return None
        heirs = (lamp.worker for lamp in self.workers if lamp.alive and lamp.worker.started_at > lost.started_at)
        heir = next(heirs, None)
        return None if heir is None else (lost, heir)


def tour(access: Access) -> Tour:
    """Return how far the viewer has come."""
    cells = review.matrices(review.ground(access).groups, Question(Matrix.TOOL))[Matrix.TOOL]
    (counted,) = answers((LABELLED, {"project": access.project.pk}))
    newest = (
        Run.objects.filter(project=access.project).order_by("kind", "-id").distinct("kind").select_related("engine")
    )
    problems = Problem.objects.filter(project=access.project)
    rates = problems.aggregate(
        fresh=Count("pk", filter=Q(trees=None) & ~Q(answer="")),
        rated=Count("pk", filter=Q(pass_rate__isnull=False), distinct=True),
        inside=Count("pk", filter=Q(pass_rate__range=BAND), distinct=True),
    )
    return Tour(
        labelled=int(counted[0][0]),
        trees=int(counted[0][1]),
        refuted=cells.get(("refuted", "correct"), 0),
        corrected=_corrected(access),
        drill=drill(access),
        runs={run.kind: run for run in newest},
        **rates,
        growth=_growth(access),
        workers=_workers(),
        file=DatasetSnapshot.objects.filter(project=access.project, recipe=RECIPE).order_by("id").last(),
    )


def _bore(run: Run) -> bool:
    """Whether a run that ended has what it was for: too few labels make neither a head nor a curve."""
    fruit = {RunKind.TRAIN.value: "model_id", RunKind.REPLAY.value: "points"}.get(run.kind)
    return fruit is None or bool(run.report.get(fruit))


def _corrected(access: Access) -> int:
    """Count the refuted steps that the viewer has called incorrect on the review page."""
    mine = visible_events(access).filter(voter=voter_of(access.user.pk), client="review", rating="incorrect")
    return mine.filter(node__checks__verdict="refuted").order_by().values("node").distinct().count()


def _growth(access: Access) -> Growth | None:
    banded = Run.objects.filter(project=access.project, kind=RunKind.GENERATE, input__has_key="band")
    run = banded.order_by("-id").first()
    if run is None:
        return None
    trees = Tree.objects.filter(project=access.project, run=run)
    found = trees.aggregate(
        n=Count("pk"), done=Count("pk", filter=Q(state="done")), solved=Count("pk", filter=Q(correct_paths__gt=0))
    )
    live = trees.filter(state="growing", node_count__gt=0).order_by("-node_count", "id").values_list("pk", flat=True)
    return Growth(run, found["n"], found["done"], found["solved"], live.first() or 0)


def _workers() -> list[Lamp]:
    now = timezone.now()
    rows = Worker.objects.filter(queue=Queue.GPU, seen_at__gte=now - timedelta(minutes=WORKERS_MINUTES))
    return [
        Lamp(
            worker=row,
            alive=row.stopped_at is None and row.seen_at > now - timedelta(seconds=ALIVE_SECONDS),
            stopped=row.stopped_at is not None,
        )
        for row in rows.order_by("-started_at")[:WORKERS_SHOWN]
    ]
