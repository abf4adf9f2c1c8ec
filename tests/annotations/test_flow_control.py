"""Pause and early stop while trees go on independently: rounds under way end, and nothing of them is lost."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from annotations import jobs
from annotations.models import Completion, Run, RunShard
from annotations.tasks import flow
from inference.engines.base import Completion as Drawn
from inference.engines.base import More, Progress, Request
from inference.engines.paced import PacedEngine
from tests.annotations.test_flow import PLACES, flowing, grow, lend, lockstep
from tests.annotations.test_jobs import rows_of, worker
from tests.factories import cast

pytestmark = pytest.mark.django_db(transaction=True)


class Calls(PacedEngine):
    """Calls `then` once, after so many completions."""

    def __init__(self, after: int, then: Callable[[], object]) -> None:
        super().__init__(places=PLACES, latency=0.002)
        self.left, self.then = after, then

    def generate(
        self, requests: Sequence[Request], *, progress: Progress | None = None, more: More | None = None
    ) -> list[Drawn]:
        def counting(ended: Sequence[Drawn]) -> Sequence[Request]:
            before, self.left = self.left, self.left - len(ended)
            if before > 0 >= self.left:
                self.then()
            return more(ended) if more else ()

        return super().generate(requests, progress=progress, more=counting)


@pytest.fixture(autouse=True)
def _looks_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flow, "LOOK_SECONDS", 0.0)


def test_a_paused_flow_ends_its_rounds_and_goes_on_to_the_same_trees() -> None:
    people = cast()
    bo = people.access(people.bo)
    paused = flowing(people)
    loop = worker()
    lend(loop, paused, Calls(20, lambda: jobs.pause_run(access=bo, run_id=paused.pk)))

    assert loop.run_once() and not loop.run_once()
    assert set(RunShard.objects.filter(run=paused).values_list("state", flat=True)) == {"queued"}
    assert not Completion.objects.exists()
    jobs.resume_run(access=bo, run_id=paused.pk)
    grow(loop).resident.close()

    calm = lockstep(people)
    grow(worker())
    assert rows_of(paused) == rows_of(calm)


def test_a_tree_stopped_in_the_flow_is_dropped_after_its_round_and_the_run_ends_without_it() -> None:
    people = cast()
    bo = people.access(people.bo)
    run = flowing(people)
    begun, waiting = run.trees.order_by("id").first(), run.trees.order_by("id").last()
    assert begun is not None and waiting is not None

    def stop() -> None:
        for tree in (begun, waiting):
            jobs.stop_tree(access=bo, tree_id=tree.pk)

    loop = worker()
    lend(loop, run, Calls(4, stop))
    grow(loop).resident.close()

    states = dict(run.trees.values_list("pk", "state"))
    assert {key for key, state in states.items() if state == "stopped"} == {begun.pk, waiting.pk}
    assert set(states.values()) == {"stopped", "done"}
    begun.refresh_from_db()
    assert begun.rounds_done < 4
    assert Run.objects.get(pk=run.pk).state == "done"
