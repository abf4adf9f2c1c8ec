"""Trees that go on independently: the same rows as in lockstep, whatever ends the worker and when."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import pytest
from django.db import connection

from annotations import jobs, leases
from annotations.models import Completion, Engine, Node, Run, RunShard, Tree
from annotations.tasks.loop import WorkLoop
from inference.engines.base import Completion as Drawn
from inference.engines.base import More, Progress, Request
from inference.engines.paced import PacedEngine
from inference.types import Queue, RunState
from tests.annotations.test_jobs import asked, rows_of, scripted_engine, worker
from tests.factories import Cast, cast

pytestmark = pytest.mark.django_db(transaction=True)
PLACES = 6


def flowing(people: Cast, **limits: object) -> Run:
    """Ask for the run of test_jobs on an engine whose requests end one by one."""
    engine = scripted_engine(people.project)
    Engine.objects.filter(pk=engine.pk).update(limits={"shard": 3, "latency": 0.002, "max_batch": PLACES, **limits})
    return asked(people)


def lockstep(people: Cast) -> Run:
    engine = scripted_engine(people.project)
    Engine.objects.filter(pk=engine.pk).update(limits={"shard": 3})
    return asked(people)


def faults_of(run: Run) -> list[object]:
    """Return what could not be read, with where and why."""
    rows = Completion.objects.filter(tree__run=run).order_by("tree__problem_id", "number")
    return list(rows.values_list("tree__problem_id", "number", "parent_seq", "fault", "text"))


def grow(loop: WorkLoop) -> WorkLoop:
    while loop.run_once():
        pass
    return loop


def test_independent_trees_are_those_of_the_lockstep() -> None:
    people = cast()
    flow = flowing(people)
    loop = worker()
    assert loop.run_once() and not loop.run_once()
    loop.resident.close()
    calm = lockstep(people)
    grow(worker())
    assert rows_of(flow) == rows_of(calm)
    assert set(RunShard.objects.filter(run=flow).values_list("state", flat=True)) == {"done"}
    assert Run.objects.get(pk=flow.pk).state == RunState.DONE
    assert not Completion.objects.filter(fault="").exists(), "what was used is forgotten"
    assert faults_of(flow) == faults_of(calm) != []


class Breaks(PacedEngine):
    """Breaks down after so many completions, as a worker does that is killed."""

    def __init__(self, after: int) -> None:
        super().__init__(places=PLACES, latency=0.002)
        self.after = after
        self.drawn: list[str] = []

    def generate(
        self, requests: Sequence[Request], *, progress: Progress | None = None, more: More | None = None
    ) -> list[Drawn]:
        def counting(ended: Sequence[Drawn]) -> Sequence[Request]:
            self.drawn += [completion.key for completion in ended]
            fresh = more(ended) if more else ()
            if len(self.drawn) >= self.after:
                raise RuntimeError("the card fell off the bus")
            return fresh

        return super().generate(requests, progress=progress, more=counting)


def lend(loop: WorkLoop, run: Run, engine: PacedEngine) -> None:
    """Let the loop use this engine as the run's."""
    row = Run.objects.select_related("engine").get(pk=run.pk).engine
    assert row is not None
    loop.resident.engine(row)
    loop.resident._engine = engine


def test_what_was_drawn_before_a_breakdown_is_replayed_and_not_drawn_again() -> None:
    people = cast()
    rough = flowing(people)
    drawn: list[str] = []
    for after in (7, 23, 11, 41):
        loop, engine = worker(), Breaks(after)
        lend(loop, rough, engine)
        loop.run_once()
        RunShard.objects.filter(run=rough).update(attempts=0)
        drawn += engine.drawn
        kept = set(Completion.objects.values_list("tree_id", "number"))
        done = dict(Tree.objects.filter(run=rough).values_list("pk", "requests_done"))
        assert all(_at(key) in kept or _at(key)[1] <= done[_at(key)[0]] for key in drawn)
    last = Breaks(10**9)
    loop = worker()
    lend(loop, rough, last)
    grow(loop)
    assert len(drawn + last.drawn) == len(set(drawn + last.drawn)), "nothing is drawn twice"
    calm = lockstep(people)
    grow(worker())
    assert rows_of(rough) == rows_of(calm)


def _at(key: str) -> tuple[int, int]:
    tree, _, number = key.partition(":")
    return int(tree), int(number)


def test_two_workers_share_the_shards_of_a_run() -> None:
    people = cast()
    both = flowing(people)
    threads = [threading.Thread(target=_work, args=(worker(name),)) for name in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    calm = lockstep(people)
    grow(worker())
    assert rows_of(both) == rows_of(calm)
    assert Node.objects.filter(run=both).values("tree", "seq").distinct().count() == len(Node.objects.filter(run=both))


def _work(loop: WorkLoop) -> None:
    grow(loop)
    loop.resident.close()
    connection.close()


def test_a_cancelled_run_stops_in_mid_round_and_keeps_what_it_has() -> None:
    people = cast()
    run = flowing(people, latency=0.05)
    loop = worker()
    stopper = threading.Timer(0.6, _cancel, (people, run, loop))
    stopper.start()
    loop.run_once()
    stopper.join()
    assert Run.objects.get(pk=run.pk).state == RunState.CANCELLED
    assert set(RunShard.objects.filter(run=run).values_list("state", flat=True)) <= {"cancelled", "done"}


def _cancel(people: Cast, run: Run, loop: WorkLoop) -> None:
    jobs.cancel_run(access=people.access(people.bo), run_id=run.pk)
    loop._beat(-1)
    connection.close()


def test_waiting_work_ends_the_rounds_and_gets_the_worker() -> None:
    people = cast()
    run = flowing(people, latency=0.02)
    claim = leases.claim(queue=Queue.GPU, owner="x", engine_id=None)
    assert claim is not None and leases.waiting(claim, turn_over=True) == ""
    leases.release(claim)
    jobs.request_training(access=people.access(people.bo), params={})
    assert leases.waiting(claim, turn_over=False) == "Train a PRM"
    assert run.pk == claim.run.pk
