"""A worker process is killed in mid-run: its successor goes on, and the rows are those of an undisturbed run."""

from __future__ import annotations

import os
import signal
import time

import pytest

from annotations import jobs
from annotations.models import Engine, Node, Run, RunShard
from tests.annotations.test_jobs import rows_of, scripted_engine
from tests.factories import Cast, cast, problem
from tests.workers import StartWorker, Worker, start_worker, until

__all__ = ["start_worker"]
pytestmark = pytest.mark.django_db(transaction=True)


def grown(people: Cast, engine: Engine, **params: object) -> Run:
    return jobs.request_generation(
        access=people.access(people.bo), engine_id=engine.pk, params={"rounds": 5, **params}, seed=3
    )


def ended(run: Run) -> bool:
    return bool(Run.objects.filter(pk=run.pk, state="done").exists())


def kill_in_mid_round(run: Run, child: Worker, least_nodes: int) -> None:
    until(lambda: Node.objects.filter(run=run).count() >= least_nodes, 120, f"{least_nodes} nodes")
    until(lambda: RunShard.objects.filter(run=run, lease_until__isnull=False).exists(), 30, "a shard in work")
    os.kill(child.pid, signal.SIGKILL)
    child.wait(10)


def new_owner(run: Run, fences: dict[int, int]) -> bool:
    shards = RunShard.objects.filter(pk__in=fences)
    return ended(run) or any(shard.fence > fences[shard.pk] for shard in shards)


def test_a_run_survives_two_kills_and_ends_with_the_same_rows(start_worker: StartWorker) -> None:
    people = cast()
    for number in range(8):
        problem(people.project, f"Lena has {number} pens and buys {number + 1}. How many?", str(2 * number + 1))
    engine = scripted_engine(people.project)
    Engine.objects.filter(pk=engine.pk).update(limits={"shard": 4, "delay": 0.15})

    rough = grown(people, engine)
    kill_in_mid_round(rough, start_worker(), 1)
    second, _spare = start_worker(), start_worker()
    kill_in_mid_round(rough, second, Node.objects.filter(run=rough).count() + 1)
    killed = time.monotonic()
    fences = dict(RunShard.objects.filter(run=rough, state="queued").values_list("pk", "fence"))
    until(lambda: new_owner(rough, fences), 30 - (time.monotonic() - killed), "a new owner of the shard")
    until(lambda: ended(rough), 120, "the end of the run")

    calm = grown(people, engine)
    until(lambda: ended(calm), 120, "the end of the undisturbed run")
    assert rows_of(rough) == rows_of(calm)


@pytest.mark.long
@pytest.mark.model
def test_with_a_real_model_the_disturbed_run_has_as_many_nodes(start_worker: StartWorker) -> None:
    people = cast()
    for number in range(4):
        problem(people.project, f"Lena has {number + 2} pens and buys {number + 3}. How many?", str(2 * number + 5))
    engine = Engine.objects.create(name="small", kind="hf", model="SmolLM2-135M-Instruct", limits={"shard": 4})
    people.project.engine_grants.create(engine=engine)
    rough, calm = grown(people, engine, rounds=3), grown(people, engine, rounds=3)
    kill_in_mid_round(rough, start_worker(), 1)
    kill_in_mid_round(rough, start_worker(), Node.objects.filter(run=rough).count() + 1)
    start_worker()
    until(lambda: ended(rough) and ended(calm), 300, "the end of both runs")
    assert Node.objects.filter(run=rough).count() == Node.objects.filter(run=calm).count()
