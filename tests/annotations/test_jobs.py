"""Runs, shards, leases: what is asked for is grown once, whatever happens to the worker."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from django.db import connection, transaction

from annotations import jobs, leases
from annotations.errors import BadInput, LeaseLost, NotAllowed
from annotations.leases import Claim
from annotations.models import Engine, EngineGrant, Node, Run, RunShard, ToolCheck, Tree
from annotations.selectors import runs
from annotations.tasks.loop import WorkLoop
from inference.types import Claim as Evidence
from inference.types import Queue, Verdict, VerdictKind
from tests.factories import Cast, cast, problem

pytestmark = pytest.mark.django_db


def scripted_engine(project: Any, shard: int = 3) -> Engine:
    engine, _ = Engine.objects.get_or_create(name="scripted", defaults={"kind": "scripted", "limits": {"shard": shard}})
    EngineGrant.objects.get_or_create(project=project, engine=engine)
    return engine


def check_by_length(asked: Sequence[Any]) -> list[Verdict]:
    """Verdicts that depend on the text alone: quick, and mixed."""
    kinds = [VerdictKind.SUPPORTED, VerdictKind.REFUTED, VerdictKind.UNDECIDED]
    found = []
    for job in asked:
        kind = kinds[len(job.step) % 3] if job.verifier != "answer" else kinds[len(job.step) % 2]
        found.append(Verdict(kind, job.verifier, "1", (Evidence(job.step, kind, "by length"),)))
    return found


def worker(name: str = "one") -> WorkLoop:
    loop = WorkLoop(Queue.GPU, name=name)
    loop.resident.check = check_by_length  # type: ignore[method-assign]
    return loop


def asked(people: Cast, problems: int = 7, **params: object) -> Run:
    if not people.project.pk or not Tree.objects.filter(project=people.project).exists():
        for number in range(problems):
            problem(people.project, f"Lena has {number} pens and buys {number + 1}. How many?", str(2 * number + 1))
    engine = scripted_engine(people.project)
    return jobs.request_generation(
        access=people.access(people.bo), engine_id=engine.pk, params={"rounds": 4, **params}, seed=5
    )


def rows_of(run: Run) -> list[tuple[Any, ...]]:
    nodes = Node.objects.filter(run=run).order_by("tree__problem_id", "seq")
    return list(
        nodes.values_list(
            "tree__problem_id",
            "seq",
            "parent_seq",
            "text",
            "visits",
            "value_sum",
            "outcome",
            "polarity",
            "checks__verdict",
        )
    )


def test_a_run_is_cut_into_shards_and_grown_to_its_end() -> None:
    people = cast()
    run = asked(people)
    assert RunShard.objects.filter(run=run).count() == 3
    loop = worker()
    while loop.run_once():
        pass
    run.refresh_from_db()
    assert run.state == "done"
    page = runs.run_page(people.access(people.vi), run.pk)
    assert page.progress.trees_done == page.progress.trees_total == 7
    assert page.progress.nodes == Node.objects.filter(run=run).count() > 50
    assert sum(page.progress.verdicts.values()) == ToolCheck.objects.filter(run=run).exclude(verifier="answer").count()
    assert page.progress.kept


def test_a_disturbed_run_gives_the_rows_of_an_undisturbed_one() -> None:
    people = cast()
    calm, rough = asked(people), asked(people)
    loop = worker()
    while loop.run_once():
        pass
    again = asked(people)
    number = 0
    while True:
        number += 1
        loop = worker(f"worker {number}")
        if number % 2:
            _die_before_storing(loop)
            with connection.cursor() as cursor:
                cursor.execute(
                    "UPDATE annotations_runshard SET lease_until = NULL, attempts = 0 WHERE state = 'queued'"
                )
        elif not loop.run_once():
            break
    assert rows_of(calm) == rows_of(rough) == rows_of(again)


def _die_before_storing(loop: WorkLoop) -> None:
    """Do a slice that ends, like a killed worker's, with nothing stored and the lease held."""
    claim = leases.claim(queue=Queue.GPU, owner="the dead", engine_id=None)
    if claim is not None:
        loop.ticks += 1


def test_a_worker_that_lost_its_lease_stores_nothing() -> None:
    people = cast()
    asked(people)
    first = leases.claim(queue=Queue.GPU, owner="slow", engine_id=None)
    assert first is not None
    RunShard.objects.filter(pk=first.shard.pk).update(lease_until="2000-01-01T00:00:00Z")
    second = _claim_of(first.shard.pk)
    assert second.fence == first.fence + 1
    with pytest.raises(LeaseLost), transaction.atomic():
        leases.hold(first)
    leases.hold(second)
    assert not leases.renew([first, second]) and leases.renew([second])


def _claim_of(shard_id: int) -> Claim:
    while True:
        claim = leases.claim(queue=Queue.GPU, owner="other", engine_id=None)
        assert claim is not None
        if claim.shard.pk == shard_id:
            return claim


def test_two_workers_never_hold_one_shard() -> None:
    people = cast()
    asked(people)
    held = [leases.claim(queue=Queue.GPU, owner=name, engine_id=None) for name in ("a", "b", "c", "d")]
    assert len({claim.shard.pk for claim in held if claim}) == 3
    assert held[3] is None


def test_interactive_work_goes_before_growing_and_projects_take_turns() -> None:
    one, two = cast("one"), cast("two")
    first, second = asked(one), asked(two)
    order = [leases.claim(queue=Queue.GPU, owner="w", engine_id=None) for _ in range(4)]
    assert [claim.run.pk for claim in order if claim] == [first.pk, second.pk, first.pk, second.pk]
    training = jobs.request_training(access=one.access(one.bo), params={})
    nxt = leases.claim(queue=Queue.GPU, owner="w", engine_id=None)
    assert nxt is not None and nxt.run.pk == training.pk


def test_a_cancelled_run_keeps_what_it_stored() -> None:
    people = cast()
    run = asked(people)
    loop = worker()
    assert loop.run_once()
    stored = Node.objects.filter(run=run).count()
    jobs.cancel_run(access=people.access(people.bo), run_id=run.pk)
    assert not loop.run_once()
    run.refresh_from_db()
    assert run.state == "cancelled"
    assert Node.objects.filter(run=run).count() == stored > 0
    assert not Tree.objects.filter(run=run, state="growing").exists()


def test_a_shard_that_kills_its_workers_fails_with_a_sentence() -> None:
    people = cast()
    run = asked(people, problems=1)
    for _ in range(leases.MAX_ATTEMPTS):
        assert leases.claim(queue=Queue.GPU, owner="dies", engine_id=None) is not None
        RunShard.objects.filter(run=run).update(lease_until="2000-01-01T00:00:00Z")
    worker().run_once()
    run.refresh_from_db()
    assert run.state == "failed"
    assert "Gave up after" in run.error


def test_a_shard_in_whose_hands_workers_died_is_not_taken_beside_others() -> None:
    people = cast()
    run = asked(people)
    suspect, other, last = RunShard.objects.filter(run=run).order_by("number")
    RunShard.objects.filter(pk=suspect.pk).update(attempts=leases.SUSPECT_ATTEMPTS)
    beside = [leases.claim(queue=Queue.GPU, owner="w", engine_id=None, run_id=run.pk) for _ in range(3)]
    assert [claim and claim.shard.pk for claim in beside] == [other.pk, last.pk, None]
    first = leases.claim(queue=Queue.GPU, owner="w", engine_id=None)
    assert first is not None and first.shard.pk == suspect.pk


def test_what_does_not_fit_is_refused_with_the_field() -> None:
    people = cast()
    problem(people.project)
    engine = scripted_engine(people.project)
    with pytest.raises(BadInput) as error:
        asked(people, children=0)
    assert error.value.field == "children"
    with pytest.raises(NotAllowed):
        jobs.request_generation(access=people.access(people.ada), engine_id=engine.pk, params={})
    EngineGrant.objects.all().delete()
    with pytest.raises(BadInput):
        jobs.request_generation(access=people.access(people.bo), engine_id=engine.pk, params={})
