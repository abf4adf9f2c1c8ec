"""Pause, resume and early stop: what is stored stays, what goes on is what was left, and a pause is no work."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from annotations import jobs, leases, store
from annotations.errors import Conflict, NotAllowed
from annotations.models import Node, Run, Tree
from annotations.selectors.progress import elapsed_seconds, progress_of
from annotations.tasks import generate
from inference.types import Queue, ShardState, TreeState
from tests.annotations.test_jobs import asked, rows_of, worker
from tests.factories import Cast, cast, problem, run, tree

pytestmark = pytest.mark.django_db


def grow(times: int = 100) -> None:
    loop = worker()
    while times and loop.run_once():
        times -= 1


def test_a_paused_run_grows_no_further_and_goes_on_to_the_same_trees() -> None:
    people = cast()
    paused, undisturbed = asked(people), asked(people)
    bo = people.access(people.bo)
    grow(2)
    jobs.pause_run(access=bo, run_id=paused.pk)
    grow()
    half = Node.objects.filter(run=paused).count()
    assert 0 < half < Node.objects.filter(run=undisturbed).count()
    assert leases.claim(queue=Queue.GPU, owner="two", engine_id=None) is None

    jobs.resume_run(access=bo, run_id=paused.pk)
    grow()

    assert Run.objects.get(pk=paused.pk).state == "done"
    assert rows_of(paused) == rows_of(undisturbed)


def test_a_worker_gives_the_shard_of_a_paused_run_back_unharmed_and_that_of_a_cancelled_one_for_good() -> None:
    people = cast()
    asked_for = asked(people)
    bo = people.access(people.bo)
    assert leases.stopped(asked_for.pk) is None
    jobs.pause_run(access=bo, run_id=asked_for.pk)
    assert leases.stopped(asked_for.pk) is ShardState.QUEUED
    assert not leases.cancelled(asked_for.pk)
    jobs.resume_run(access=bo, run_id=asked_for.pk)
    leases.claim(queue=Queue.GPU, owner="one", engine_id=None)
    jobs.cancel_run(access=bo, run_id=asked_for.pk)
    assert leases.stopped(asked_for.pk) is ShardState.CANCELLED


def test_pauses_count_neither_as_work_nor_towards_the_end() -> None:
    people = cast()
    now = timezone.now()
    made = run(people.project, started_at=now - timedelta(hours=5))
    bo = people.access(people.bo)
    Run.objects.filter(pk=made.pk).update(state="paused", paused_at=now - timedelta(hours=2))
    assert round(elapsed_seconds(Run.objects.get(pk=made.pk)) / 3600) == 3
    assert progress_of(Run.objects.get(pk=made.pk)).eta_seconds is None

    again = jobs.resume_run(access=bo, run_id=made.pk)

    assert (again.state, again.paused_at) == ("running", None)
    assert round(elapsed_seconds(again) / 3600) == 3
    assert jobs.resume_run(access=bo, run_id=made.pk).paused_seconds == again.paused_seconds
    jobs.pause_run(access=bo, run_id=made.pk)
    assert jobs.cancel_run(access=bo, run_id=made.pk).state == "cancelled"


def test_a_run_that_was_paused_before_it_began_waits_again() -> None:
    people = cast()
    waiting = asked(people)
    bo = people.access(people.bo)
    jobs.pause_run(access=bo, run_id=waiting.pk)

    again = jobs.resume_run(access=bo, run_id=waiting.pk)

    assert (again.state, again.paused_seconds) == ("queued", 0)


def test_only_what_goes_on_in_slices_can_be_paused() -> None:
    people = cast()
    bo = people.access(people.bo)
    ended, import_ = run(people.project, state="done"), run(people.project, "import")
    for made in (ended, import_):
        with pytest.raises(Conflict):
            jobs.pause_run(access=bo, run_id=made.pk)
    with pytest.raises(Conflict, match="only a paused one"):
        jobs.resume_run(access=bo, run_id=ended.pk)
    with pytest.raises(NotAllowed):
        jobs.pause_run(access=people.access(people.ada), run_id=ended.pk)


@pytest.fixture
def one_round_a_slice(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the scripted engine be as slow as a real one."""
    monkeypatch.setattr(generate, "STORE_SECONDS", -1.0)


@pytest.mark.usefixtures("one_round_a_slice")
def test_a_stopped_tree_keeps_what_it_has_and_the_others_grow_on() -> None:
    people = cast()
    growing = asked(people)
    bo = people.access(people.bo)
    grow(3)
    tree = first_growing(growing)
    had = tree.nodes.count()

    jobs.stop_tree(access=bo, tree_id=tree.pk)
    jobs.stop_tree(access=bo, tree_id=tree.pk)
    grow()

    tree.refresh_from_db()
    assert (tree.state, tree.nodes.count(), tree.node_count) == ("stopped", had, had)
    assert tree.finished_at is not None
    assert not tree.nodes.exclude(polarity="").exists()
    assert set(growing.trees.exclude(pk=tree.pk).values_list("state", flat=True)) == {"done"}
    assert Run.objects.get(pk=growing.pk).state == "done"
    with pytest.raises(Conflict, match="only a growing one"):
        jobs.stop_tree(access=bo, tree_id=growing.trees.exclude(pk=tree.pk)[0].pk)


@pytest.mark.usefixtures("one_round_a_slice")
def test_a_store_after_the_stop_does_not_set_the_tree_growing_again() -> None:
    people = cast()
    growing = asked(people)
    grow(1)
    tree = first_growing(growing)
    before = store.read_trees([tree])[0]
    jobs.stop_tree(access=people.access(people.bo), tree_id=tree.pk)

    counts = {"node_count": len(before.nodes), "correct_paths": 0, "wrong_paths": 0}
    change = store.TreeChange(tree=before, nodes=[], depths={}, state=TreeState.GROWING, **counts)
    store.store_round(project_id=people.project.pk, run_id=growing.pk, changes=[change])

    tree.refresh_from_db()
    assert tree.state == "stopped"
    assert tree.finished_at is not None
    assert store.stopped_among([tree.pk, *growing.trees.values_list("pk", flat=True)]) == {tree.pk}


def test_a_tree_that_grows_elsewhere_is_stopped_there() -> None:
    people: Cast = cast()
    made = tree(people.project, problem(people.project))
    Tree.objects.filter(pk=made.pk).update(state="growing")
    with pytest.raises(Conflict, match="stop it where it grows"):
        jobs.stop_tree(access=people.access(people.bo), tree_id=made.pk)


def first_growing(growing: Run) -> Tree:
    found = growing.trees.filter(state="growing", rounds_done__gt=0).select_related("problem").order_by("id").first()
    assert found is not None
    return found
