"""A worker process is killed in mid-run: its successor goes on, and the rows are those of an undisturbed run."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from annotations import jobs
from annotations.models import Engine, Node, Run, RunShard, Worker
from tests.annotations.test_jobs import rows_of, scripted_engine
from tests.factories import Cast, cast, problem

pytestmark = pytest.mark.django_db(transaction=True)
ROOT = Path(__file__).parents[2]


@pytest.fixture
def start_worker() -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    """Starts real Celery workers on the test's database and broker; ends those that still live."""
    started: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        database = connection.settings_dict
        address = f"postgresql://{database['USER']}@/{database['NAME']}?host={database['HOST']}"
        command = [sys.executable, "-m", "celery", "-A", "rationale_studio", "worker", "-Q", "gpu", "--pool=solo"]
        command += ["--without-gossip", "--without-mingle", "-n", f"gpu{len(started)}@%h"]
        environment = {**os.environ, "DATABASE_URL": address, "STUDIO_LEASE_SECONDS": "2"}
        child = subprocess.Popen(command, cwd=ROOT, env=environment, start_new_session=True)  # noqa: S603 own command
        started.append(child)
        return child

    yield start
    for child in started:
        if child.poll() is None:
            child.send_signal(signal.SIGTERM)
            child.wait(20)


def until(holds: Callable[[], bool], seconds: float, what: str) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"waited {seconds} s in vain for {what}"
        time.sleep(0.05)


def grown(people: Cast, engine: Engine) -> Run:
    return jobs.request_generation(access=people.access(people.bo), engine_id=engine.pk, params={"rounds": 5}, seed=3)


def ended(run: Run) -> bool:
    return bool(Run.objects.filter(pk=run.pk, state="done").exists())


def kill_in_mid_round(run: Run, child: subprocess.Popen[bytes], least_nodes: int) -> None:
    until(lambda: Node.objects.filter(run=run).count() >= least_nodes, 60, f"{least_nodes} nodes")
    until(lambda: RunShard.objects.filter(run=run, lease_until__isnull=False).exists(), 10, "a shard in work")
    os.kill(child.pid, signal.SIGKILL)
    child.wait(10)


def test_a_run_survives_two_kills_and_ends_with_the_same_rows(
    start_worker: Callable[[], subprocess.Popen[bytes]],
) -> None:
    people = cast()
    for number in range(8):
        problem(people.project, f"Lena has {number} pens and buys {number + 1}. How many?", str(2 * number + 1))
    engine = scripted_engine(people.project, shard=4)
    Engine.objects.filter(pk=engine.pk).update(limits={"shard": 4, "delay": 0.15})

    rough = grown(people, engine)
    first = start_worker()
    kill_in_mid_round(rough, first, 1)
    second, spare = start_worker(), start_worker()
    kill_in_mid_round(rough, second, Node.objects.filter(run=rough).count() + 1)
    killed = time.monotonic()
    fences = dict(RunShard.objects.filter(run=rough, state="queued").values_list("pk", "fence"))
    until(
        lambda: ended(rough) or any(RunShard.objects.get(pk=pk).fence > fence for pk, fence in fences.items()),
        30,
        "a new owner of the dead worker's shard",
    )
    assert time.monotonic() - killed < 30
    until(lambda: ended(rough), 90, "the end of the run")

    calm = grown(people, engine)
    until(lambda: ended(calm), 90, "the end of the undisturbed run")
    assert rows_of(rough) == rows_of(calm)
    assert Worker.objects.filter(pid=spare.pid, stopped_at__isnull=True).exists()
    assert settings.LEASE_SECONDS == 2
