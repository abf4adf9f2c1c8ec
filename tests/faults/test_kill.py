"""A worker process that grows trees with a real model is killed in mid-run: its successor goes on."""

from __future__ import annotations

import os
import signal

import pytest

from annotations import jobs
from annotations.models import Engine, Node, Run, RunShard
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
