"""Runs as the viewer sees them: progress from what is stored, and which workers are alive."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.utils import timezone

from annotations.access import Access
from annotations.errors import NotFound
from annotations.models import Node, Run, RunShard, ToolCheck, Tree
from annotations.selectors.together import Prepared, answers
from inference.types import Queue, RunState, VerdictKind

ALIVE_SECONDS = 15
OPEN = (RunState.QUEUED, RunState.RUNNING, RunState.CANCELLING)
NEWEST = 12


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run has come. Times in seconds; shares in [0, 1]; `eta_seconds` None when it cannot be told."""

    trees_total: int = 0
    trees_done: int = 0
    nodes: int = 0
    rounds: int = 0
    tokens: int = 0
    tokens_per_s: float = 0.0
    malformed: int = 0
    steps_generated: int = 0
    correct_paths: int = 0
    wrong_paths: int = 0
    solved: int = 0
    elapsed_seconds: float = 0.0
    eta_seconds: float | None = None
    verdicts: dict[str, int] = field(default_factory=dict)
    kept: dict[str, int] = field(default_factory=dict)
    dropped: dict[str, int] = field(default_factory=dict)
    by_round: list[dict[str, Any]] = field(default_factory=list)

    @property
    def parsed_share(self) -> float:
        """The share of generated lines that parsed as a step or an answer."""
        total = self.steps_generated + self.malformed
        return self.steps_generated / total if total else 0.0

    @property
    def decided_share(self) -> float:
        """The share of checked steps that a tool decided."""
        total = sum(self.verdicts.values())
        return 1 - self.verdicts.get(VerdictKind.UNDECIDED, 0) / total if total else 0.0


@dataclass(frozen=True, slots=True)
class RunPage:
    run: Run
    shards: list[RunShard]
    progress: Progress
    newest: list[Node]
    workers: dict[str, int]

    @property
    def is_open(self) -> bool:
        return self.run.state in OPEN

    @property
    def needs_worker(self) -> bool:
        """The run waits and no worker of its queue is alive."""
        queue = self.shards[0].queue if self.shards else ""
        return self.is_open and not self.workers.get(queue, 0)


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
        .select_related("engine", "requested_by", "project")
        .first()
    )
    if run is None:
        raise NotFound("There is no such run.")
    return run


def run_page(access: Access, run_id: int) -> RunPage:
    """Return everything that the live page shows, in a fixed number of queries."""
    run = find_run(access, run_id)
    shards = list(RunShard.objects.filter(run=run).order_by("number"))
    newest = Node.objects.filter(run=run).select_related("tree__problem").prefetch_related("checks").order_by("-id")
    return RunPage(
        run=run,
        shards=shards,
        progress=progress_of(run, shards),
        newest=list(newest[:NEWEST]),
        workers=workers_alive(),
    )


def run_trees(access: Access, run_id: int) -> QuerySet[Tree]:
    """Return the trees of a run in the order they were asked for."""
    return Tree.objects.filter(project=access.project, run_id=run_id).select_related("problem").order_by("id")


def progress_of(run: Run, shards: list[RunShard]) -> Progress:
    totals = Tree.objects.filter(run=run).aggregate(
        trees=Count("pk"),
        done=Count("pk", filter=Q(state="done")),
        nodes=Sum("node_count"),
        rounds=Sum("rounds_done"),
        correct=Sum("correct_paths"),
        wrong=Sum("wrong_paths"),
        solved=Count("pk", filter=Q(correct_paths__gt=0)),
    )
    verdicts = ToolCheck.objects.filter(run=run).exclude(verifier="answer").values_list("verdict")
    sums: Counter[str] = Counter()
    for shard in shards:
        sums.update(shard.checkpoint.get("sums", {}))
    kept, dropped = _label_counts(run)
    elapsed = ((run.finished_at or timezone.now()) - run.started_at).total_seconds() if run.started_at else 0.0
    done = totals["done"] or 0
    return Progress(
        trees_total=totals["trees"] or 0,
        trees_done=done,
        nodes=totals["nodes"] or 0,
        rounds=totals["rounds"] or 0,
        tokens=int(sums["tokens"]),
        tokens_per_s=sums["tokens"] / sums["seconds"] if sums["seconds"] else 0.0,
        malformed=int(sums["malformed"]),
        steps_generated=int(sums["nodes"] + sums["merged"]),
        correct_paths=totals["correct"] or 0,
        wrong_paths=totals["wrong"] or 0,
        solved=totals["solved"] or 0,
        elapsed_seconds=elapsed,
        eta_seconds=_eta(run, elapsed),
        verdicts=dict(verdicts.annotate(n=Count("pk")).values_list("verdict", "n")),
        kept=kept,
        dropped=dropped,
        by_round=_by_round(shards),
    )


def _label_counts(run: Run) -> tuple[dict[str, int], dict[str, int]]:
    kept: Counter[str] = Counter()
    dropped: Counter[str] = Counter()
    for stats in Tree.objects.filter(run=run, state="done").values_list("stats", flat=True):
        kept.update(stats.get("kept", {}))
        dropped.update(stats.get("dropped", {}))
    return dict(kept), dict(dropped)


def _eta(run: Run, elapsed: float) -> float | None:
    """Seconds left by the pace so far: rounds done of the rounds that the trees may still take."""
    if run.state not in OPEN or run.kind != "generate":
        return None
    left = Tree.objects.filter(run=run).aggregate(
        done=Sum("rounds_done"),
        open=Sum(F("rounds_done"), filter=Q(state="growing")),
        growing=Count("pk", filter=Q(state="growing")),
        finished=Count("pk", filter=~Q(state="growing")),
        finished_rounds=Sum("rounds_done", filter=~Q(state="growing")),
    )
    if not left["done"] or elapsed <= 0:
        return None
    budget = max(int(run.params.get("rounds", 8)), 1)
    usual = left["finished_rounds"] / left["finished"] if left["finished"] else budget
    rounds_left = max(left["growing"] * usual - (left["open"] or 0), 0)
    return float(rounds_left * elapsed / left["done"])


def _by_round(shards: list[RunShard]) -> list[dict[str, Any]]:
    """Sum the shards' figures by round number: the run's course in as many points as a tree has rounds."""
    course: list[Counter[str]] = []
    for shard in shards:
        for at, figures in enumerate(shard.checkpoint.get("rounds", [])):
            if at == len(course):
                course.append(Counter())
            course[at].update(figures)
    return [dict(figures) for figures in course]


ALIVE = Prepared(
    "workers_alive",
    """
SELECT queue, count(*) FROM annotations_worker
WHERE stopped_at IS NULL AND seen_at > now() - %(seconds)s * interval '1 second' GROUP BY queue
""",
    seconds="int",
)
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
    open_states = [state.value for state in OPEN]
    alive, going = answers(
        ALIVE.asked(seconds=ALIVE_SECONDS), GOING.asked(project=access.project.pk, states=open_states, most=limit)
    )
    return _by_queue(alive), [Run(id=key, name=name, kind=kind, state=state) for key, name, kind, state in going]


def _by_queue(rows: list[tuple[Any, ...]]) -> dict[str, int]:
    found = dict(rows)
    return {queue.value: found.get(queue.value, 0) for queue in Queue}
