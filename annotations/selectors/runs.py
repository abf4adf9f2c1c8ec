"""Runs as the viewer sees them: progress from what is stored, and which workers are alive."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import Count, OuterRef, Prefetch, Q, QuerySet, Subquery, prefetch_related_objects
from django.db.models.functions import Left

from annotations import rules
from annotations.access import Access
from annotations.errors import NotFound
from annotations.models import Node, Run, RunShard, ToolCheck, Tree
from annotations.selectors.changes import labels_in_use
from annotations.selectors.progress import Progress, progress_and
from annotations.selectors.together import Prepared, answers
from inference.types import Queue, RunState, TreeState

ALIVE_SECONDS = 15
NEWEST = 12
SHARDS_SHOWN = 100
HEAD = 160


@dataclass(frozen=True, slots=True)
class RunPage:
    """A run with what is known of it; `notes` are what its workers wait for, in words that name others' work.

    `relabelled` are runs whose labels stand on steps that this one grew, with how many.
    """

    run: Run
    shards: list[RunShard]
    progress: Progress
    newest: list[Node]
    workers: dict[str, int]
    notes: list[str]
    relabelled: list[tuple[int, str, int]]

    @property
    def is_open(self) -> bool:
        return self.run.state in rules.OPEN

    @property
    def needs_worker(self) -> bool:
        """The run waits and no worker of its queue is alive."""
        queue = self.shards[0].queue if self.shards else ""
        return self.is_open and self.run.state != RunState.PAUSED and not self.workers.get(queue, 0)


class TreeDot(NamedTuple):
    """What a tree's dot and line show; `head` begins the problem's text."""

    id: int
    state: str
    rounds: int
    nodes: int
    correct: int
    wrong: int
    head: str


DOT_FIELDS = ("id", "state", "rounds_done", "node_count", "correct_paths", "wrong_paths", "head")


def run_list(access: Access) -> QuerySet[Run]:
    """Return the project's runs, newest first, with shard counts."""
    return (
        Run.objects.filter(project=access.project)
        .select_related("requested_by", "engine")
        .annotate(
            shards_total=Count("shards"),
            shards_done=Count("shards", filter=Q(shards__state="done")),
            tree_count=_trees(),
        )
        .order_by("-id")
    )


def _trees() -> Any:
    counts = Tree.objects.filter(run=OuterRef("pk")).order_by().values("run").annotate(n=Count("pk")).values("n")
    return Subquery(counts)


def find_run(access: Access, run_id: int) -> Run:
    run = (
        Run.objects.filter(project=access.project, pk=run_id)
        .select_related("engine", "requested_by", "project", "parent_run__engine")
        .first()
    )
    if run is None:
        raise NotFound("There is no such run.")
    return run


def run_page(access: Access, run_id: int) -> RunPage:
    """Return everything that the live page shows, in a fixed number of queries."""
    run = find_run(access, run_id)
    progress, [alive, notes, relabelled] = progress_and(
        run, ALIVE.asked(seconds=ALIVE_SECONDS), (NOTES, [run.pk, ALIVE_SECONDS]), labels_in_use(run)
    )
    shards = RunShard.objects.filter(run=run).defer("checkpoint").order_by("number")
    return RunPage(
        run=run,
        shards=list(shards[:SHARDS_SHOWN]),
        progress=progress,
        newest=_newest(run),
        workers=_by_queue(alive),
        notes=[note for (note,) in notes],
        relabelled=[(key, name or f"check {key}", count) for key, name, count in relabelled],
    )


def _newest(run: Run) -> list[Node]:
    """Return the steps that came last, with `problem_text` (its head) and the tools' verdicts."""
    checks = ToolCheck.objects.only("node_id", "verifier", "verdict")
    found = Node.objects.filter(run=run).only("tree_id", "seq", "text", "role").order_by("-id")
    steps: list[Node] = [*found.annotate(problem_text=Left("tree__problem__text", HEAD))[:NEWEST]]
    prefetch_related_objects(steps, Prefetch("checks", checks))
    return steps


def run_dots(access: Access, run_id: int, most: int) -> list[TreeDot]:
    """Return the first trees of a run, in the order they were asked for."""
    trees = Tree.objects.filter(project=access.project, run_id=run_id).order_by("id")
    return [TreeDot(*row) for row in trees.annotate(head=Left("problem__text", HEAD)).values_list(*DOT_FIELDS)[:most]]


def growing(access: Access, run_id: int, most: int) -> list[TreeDot]:
    """Return trees of a run that have begun to grow and go on, in the order they were asked for."""
    trees = Tree.objects.filter(project=access.project, run_id=run_id, state=TreeState.GROWING, rounds_done__gt=0)
    rows = trees.order_by("id").annotate(head=Left("problem__text", HEAD)).values_list(*DOT_FIELDS)
    return [TreeDot(*row) for row in rows[:most]]


def shards_of(access: Access, run_id: int) -> list[RunShard]:
    """Return all shards of a run with their checkpoints."""
    return list(RunShard.objects.filter(project=access.project, run_id=run_id).order_by("number"))


ALIVE = Prepared(
    "workers_alive",
    """
SELECT queue, count(*) FROM annotations_worker
WHERE stopped_at IS NULL AND seen_at > now() - %(seconds)s * interval '1 second' GROUP BY queue
""",
    seconds="int",
)
NOTES = """
SELECT DISTINCT note FROM annotations_worker
WHERE run_id = %s AND note <> '' AND stopped_at IS NULL AND seen_at > now() - %s * interval '1 second' LIMIT 3
"""
GOING = Prepared(
    "runs_going",
    """
SELECT id, name, kind, state FROM annotations_run
WHERE project_id = %(project)s AND state = ANY(%(states)s) ORDER BY id DESC LIMIT %(most)s
""",
    project="bigint",
    states="text[]",
    most="int",
)


def workers_alive() -> dict[str, int]:
    """Return how many workers of each queue showed a heartbeat lately (database clock)."""
    (found,) = answers(ALIVE.asked(seconds=ALIVE_SECONDS))
    return _by_queue(found)


def at_work(access: Access, limit: int) -> tuple[dict[str, int], list[Run]]:
    """Return `workers_alive` and the newest open runs of the project, with name, kind and state, in one message."""
    open_states = [state.value for state in rules.OPEN]
    alive, going = answers(
        ALIVE.asked(seconds=ALIVE_SECONDS), GOING.asked(project=access.project.pk, states=open_states, most=limit)
    )
    return _by_queue(alive), [Run(id=key, name=name, kind=kind, state=state) for key, name, kind, state in going]


def _by_queue(rows: list[tuple[Any, ...]]) -> dict[str, int]:
    found = dict(rows)
    return {queue.value: found.get(queue.value, 0) for queue in Queue}
