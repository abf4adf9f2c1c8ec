"""What workers say of where models' programs run, and who hears it."""

from __future__ import annotations

from typing import Any

import pytest

from annotations import leases
from annotations.models import Worker
from annotations.selectors.workers import sandbox_status
from annotations.tasks import loop as loops
from annotations.tasks.loop import WorkLoop
from inference.types import Queue
from tests.factories import cast

pytestmark = pytest.mark.django_db

STATUS = {"name": "pydantic-monty", "light": True, "heavy": False, "reason": "bubblewrap is not installed"}


def test_living_workers_that_check_say_which_sandbox_they_have(django_assert_num_queries: Any) -> None:
    people = cast()
    vi = people.access(people.vi)
    for name, queue in (("tools@a", Queue.TOOLS), ("gpu@a", Queue.GPU), ("light@a", Queue.LIGHT)):
        leases.beat(name=name, queue=queue, engine="", doing="", sandbox=STATUS if queue is Queue.TOOLS else None)
    for name in ("stopped", "lost"):
        leases.beat(name=name, queue=Queue.TOOLS, engine="", doing="", sandbox=STATUS)
    leases.sign_off("stopped")
    Worker.objects.filter(name="lost").update(seen_at="2000-01-01T00:00:00Z")
    with django_assert_num_queries(1):
        told = [(each.worker.name, each.status) for each in sandbox_status(vi)]
    assert told == [("gpu@a", {}), ("tools@a", STATUS)]


def test_a_worker_finds_out_beside_its_work_and_tells_with_its_heartbeat(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.SANDBOX = "none"
    monkeypatch.setattr(loops, "PROVE_SECONDS", 0.0)
    worker = WorkLoop(Queue.TOOLS)
    worker._beat(-1)
    assert Worker.objects.get(name=worker.name).sandbox == {}
    worker._prove_sandbox()
    worker._beat(-1)
    assert Worker.objects.get(name=worker.name).sandbox["reason"] == "No program runs: STUDIO_SANDBOX is none."
    worker.resident.close()
    assert [thread.name for thread in WorkLoop(Queue.LIGHT)._threads] == ["work", "heartbeat"]
