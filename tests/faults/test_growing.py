"""Whatever breaks while trees grow, the run ends complete, and its rows are those of an undisturbed run."""

from __future__ import annotations

import os
import random
import signal
import time
from pathlib import Path

import pytest
from django.db import connection

from annotations import jobs
from annotations.models import Completion, Engine, Node, Run, RunShard, Tree
from annotations.selectors.progress import progress_of
from rationale_studio.services.postgres import Postgres
from rationale_studio.services.process import read_record
from rationale_studio.services.valkey import Valkey
from tests.annotations.test_jobs import rows_of, scripted_engine
from tests.factories import Cast, cast, problem
from tests.inference.stub_server import Stub, stub_server
from tests.workers import StartWorker, Worker, start_worker, until

__all__ = ["start_worker"]
pytestmark = pytest.mark.django_db(transaction=True)
LOCKSTEP: dict[str, object] = {"shard": 4, "delay": 0.1}
FLOW: dict[str, object] = {"shard": 4, "latency": 0.06, "max_batch": 4}
WAYS = [pytest.param(LOCKSTEP, id="lockstep"), pytest.param(FLOW, id="flow")]
# A fault that does not care how trees grow is met in both ways by the long suite, in one by the short.
ONE_WAY = [pytest.param(LOCKSTEP, id="lockstep", marks=pytest.mark.long), pytest.param(FLOW, id="flow")]


@pytest.fixture
def people() -> Cast:
    return cast()


def asked(people: Cast, limits: dict[str, object], *, problems: int = 12, rounds: int = 6) -> Run:
    """Ask for trees on an engine that takes its time; the same again gives the same trees."""
    if not Tree.objects.exists():
        for number in range(problems):
            problem(people.project, f"Lena has {number} pens and buys {number + 1}. How many?", str(2 * number + 1))
    engine = scripted_engine(people.project)
    Engine.objects.filter(pk=engine.pk).update(limits=limits)
    return jobs.request_generation(
        access=people.access(people.bo), engine_id=engine.pk, params={"rounds": rounds}, seed=3
    )


def state_of(run: Run) -> str:
    return Run.objects.get(pk=run.pk).state


def as_undisturbed(people: Cast, run: Run, rounds: int = 6) -> None:
    """Wait for the run's end and compare it with one that nothing happens to."""
    until(lambda: state_of(run) in ("done", "failed"), 240, "the end of the run")
    assert state_of(run) == "done", Run.objects.get(pk=run.pk).error
    calm = asked(people, {"shard": 64}, rounds=rounds)
    until(lambda: state_of(calm) == "done", 120, "the end of the undisturbed run")
    assert rows_of(run) == rows_of(calm)
    assert Tree.objects.filter(run=run, state="done").count() == Tree.objects.filter(run=calm).count()
    orphans = Node.objects.filter(run=run, parent_seq__isnull=False).extra(
        where=["NOT EXISTS (SELECT FROM annotations_node p WHERE p.tree_id = annotations_node.tree_id"
               " AND p.seq = annotations_node.parent_seq)"]
    )  # fmt: skip
    assert not orphans.exists() and not Completion.objects.filter(tree__run=run, fault="").exists()


def at_work(run: Run, least_nodes: int = 1) -> None:
    until(lambda: Node.objects.filter(run=run).count() >= least_nodes, 120, f"{least_nodes} nodes")


def kill(child: Worker) -> None:
    os.kill(child.pid, signal.SIGKILL)
    child.wait(10)


def killed_at_random_moments(run: Run, start: StartWorker, times: int, within: tuple[float, float]) -> int:
    """Kill the worker again and again, so many seconds after it took up work; return how often it was."""
    killed = 0
    dice = random.Random(times)  # noqa: S311
    child = start()
    for _ in range(times):
        if state_of(run) == "done":
            break
        fences = dict(RunShard.objects.filter(run=run).values_list("pk", "fence"))
        until(
            lambda before=fences: any(  # type: ignore[misc]
                shard.fence > before[shard.pk] for shard in RunShard.objects.filter(run=run)
            ) or state_of(run) == "done",
            60, "a worker that takes a shard",
        )  # fmt: skip
        time.sleep(dice.uniform(*within))
        kill(child)
        killed += 1
        child = start()
    return killed


@pytest.mark.parametrize("limits", WAYS)
def test_a_worker_killed_twice_leaves_the_rows_of_an_undisturbed_run(
    people: Cast, start_worker: StartWorker, limits: dict[str, object]
) -> None:
    run = asked(people, limits)
    assert killed_at_random_moments(run, start_worker, 2, within=(0, 0.6)) == 2
    as_undisturbed(people, run)


@pytest.mark.long
@pytest.mark.parametrize("limits", WAYS)
def test_a_worker_killed_twenty_times_leaves_the_rows_of_an_undisturbed_run(
    people: Cast, start_worker: StartWorker, limits: dict[str, object]
) -> None:
    slower: dict[str, object] = {name: 5 * value for name, value in limits.items() if isinstance(value, float)}
    run = asked(people, {**limits, **slower}, problems=60, rounds=12)
    assert killed_at_random_moments(run, start_worker, 20, within=(0.3, 4)) == 20
    as_undisturbed(people, run, rounds=12)


def restarted(server: Postgres | Valkey, away: float) -> None:
    """Stop a server of the tests, leave it away for some seconds, and start it again."""
    record = read_record(server.record_path)
    assert record is not None
    os.kill(record.pid, signal.SIGINT)
    os.waitpid(record.pid, 0)
    time.sleep(away)
    assert type(server)(server.home).start()
    connection.close()


@pytest.mark.parametrize("limits", ONE_WAY)
def test_postgresql_restarts_in_mid_run(
    people: Cast, start_worker: StartWorker, studio_home: Path, limits: dict[str, object]
) -> None:
    run = asked(people, limits)
    start_worker()
    at_work(run)
    restarted(Postgres(studio_home), away=1.0)
    as_undisturbed(people, run)


def test_valkey_restarts_and_has_lost_everything(people: Cast, start_worker: StartWorker, studio_home: Path) -> None:
    run = asked(people, LOCKSTEP)
    start_worker()
    at_work(run)
    restarted(Valkey(studio_home), away=1.0)
    later = asked(people, LOCKSTEP)
    as_undisturbed(people, run)
    until(lambda: state_of(later) == "done", 120, "the end of the run asked for after the restart")
    assert rows_of(later) == rows_of(run)


FULL = """
CREATE FUNCTION disk_is_full() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full'; END $$;
CREATE TRIGGER disk_is_full BEFORE INSERT ON {table} FOR EACH STATEMENT EXECUTE FUNCTION disk_is_full();
"""
ROOM = "DROP TRIGGER disk_is_full ON {table}; DROP FUNCTION disk_is_full();"


@pytest.mark.parametrize(
    ("limits", "table"),
    [
        pytest.param(LOCKSTEP, "annotations_node", id="lockstep"),
        pytest.param(FLOW, "annotations_completion", id="flow", marks=pytest.mark.long),
    ],
)
def test_the_disk_is_full_for_a_while(
    people: Cast, start_worker: StartWorker, limits: dict[str, object], table: str
) -> None:
    run = asked(people, limits)
    start_worker()
    at_work(run)
    with connection.cursor() as cursor:
        cursor.execute(FULL.format(table=table))
    try:
        fences = dict(RunShard.objects.filter(run=run, state="queued").values_list("pk", "fence"))
        until(
            lambda: any(s.fence > fences.get(s.pk, 0) + 1 for s in RunShard.objects.filter(run=run, state="queued")),
            60, "a shard that was tried and tried again",
        )  # fmt: skip
        nodes = Node.objects.filter(run=run).count()
        time.sleep(1)
        assert nodes == Node.objects.filter(run=run).count() and state_of(run) == "running"
    finally:
        with connection.cursor() as cursor:
            cursor.execute(ROOM.format(table=table))
    as_undisturbed(people, run)


def gone_for(seconds: float, people: Cast, start: StartWorker, stub: Stub) -> None:
    """Grow trees by a completions server that goes away in mid-run, then the same by one that stays."""
    for number in range(8):
        problem(people.project, f"Lena has {number} pens and buys {number + 1}. How many?", str(2 * number + 1))
    stub.delay = 0.1
    # So many places that draws of one prompt always go in one call: the server then draws the same again.
    limits = {"shard": 4, "address": stub.address, "max_batch": 64, "timeout": 5.0}
    engine = Engine.objects.create(name="served", kind="openai_http", model="small", limits=limits)
    people.project.engine_grants.create(engine=engine)
    access = people.access(people.bo)
    run = jobs.request_generation(access=access, engine_id=engine.pk, params={"rounds": 5}, seed=3)
    start()
    at_work(run)
    stub.stop()
    time.sleep(seconds)
    stub.start()
    until(lambda: state_of(run) in ("done", "failed"), 120, "the end of the run")
    assert state_of(run) == "done", Run.objects.get(pk=run.pk).error
    assert progress_of(Run.objects.get(pk=run.pk)).retries > 0
    calm = jobs.request_generation(access=access, engine_id=engine.pk, params={"rounds": 5}, seed=3)
    until(lambda: state_of(calm) == "done", 120, "the end of the undisturbed run")
    assert rows_of(run) == rows_of(calm)


def test_the_engine_s_server_is_gone_for_a_while(people: Cast, start_worker: StartWorker) -> None:
    with stub_server() as stub:
        gone_for(2.5, people, start_worker, stub)


@pytest.mark.long
def test_the_engine_s_server_is_gone_for_ten_seconds(people: Cast, start_worker: StartWorker) -> None:
    with stub_server() as stub:
        gone_for(10, people, start_worker, stub)


@pytest.mark.parametrize("limits", ONE_WAY)
def test_two_workers_share_a_run(people: Cast, start_worker: StartWorker, limits: dict[str, object]) -> None:
    start_worker()
    start_worker()
    run = asked(people, {**limits, "shard": 2}, problems=24)
    owners: set[str] = set()

    def ended() -> bool:
        owners.update(RunShard.objects.filter(run=run).exclude(lease_owner="").values_list("lease_owner", flat=True))
        return state_of(run) == "done"

    until(ended, 120, "the end of the run")
    assert len(owners) == 2, "both took part"
    as_undisturbed(people, run)
