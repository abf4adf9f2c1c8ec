"""Shares of an accelerator: granted where they fit, queued in order, visible, ended with their holder."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connection

from annotations import devices, jobs
from annotations.devices import Share
from annotations.models import DeviceLease, Engine, Run, Worker
from annotations.tasks import flow, resident
from annotations.tasks.loop import WorkLoop
from inference.engines.cards import card, card_of
from inference.engines.params import EngineSpec
from inference.types import RunState
from tests.annotations.test_flow import flowing
from tests.annotations.test_jobs import rows_of, worker
from tests.factories import cast
from tests.workers import until

pytestmark = pytest.mark.django_db(transaction=True)


def share(of: float, purpose: str = "the engine small") -> Share:
    return Share("cuda:0", of, purpose)


def test_shares_are_granted_as_long_as_they_fit_and_in_the_order_asked() -> None:
    assert devices.ask("one", share(0.6)) and devices.ask("one", share(0.6))
    assert not devices.ask("two", share(0.5, "a training"))
    assert not devices.ask("three", share(0.3)), "it would fit, but another has waited longer"
    assert devices.ask("four", Share("", 1.0, "an engine on the processor")), "there is nothing to lend"
    assert devices.wanted("one") == "a training" and devices.wanted("two") == ""
    assert devices.holders("cuda:0", "two") == "the engine small (60%)"
    devices.give_back("one")
    assert not devices.ask("three", share(0.3)) and devices.ask("two", share(0.5)) and devices.ask("three", share(0.3))


def test_the_share_of_a_worker_that_died_ends_with_its_lease() -> None:
    assert devices.ask("dead", share(1.0)) and not devices.ask("alive", share(0.5))
    DeviceLease.objects.filter(owner="dead").update(until="2000-01-01T00:00:00Z")
    assert devices.ask("alive", share(0.5))


def test_a_card_is_named_by_what_the_process_may_see(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "3,4")
    assert (card("cuda"), card("cpu")) == ("cuda:3", "")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    assert card("auto") == ""
    assert card_of(EngineSpec(kind="scripted")) == card_of(EngineSpec(kind="hf", model="m", device="cpu")) == ""


def test_a_training_waits_until_the_engine_has_left_the_card(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    people = cast()
    settings.TRAIN_DEVICE = "cuda"
    run = flowing(people, latency=0.2, memory=0.7)
    Engine.objects.filter(name="scripted").update(device="cuda")
    grower, trainer = worker("grower"), worker("trainer")
    happened: list[str] = []
    monkeypatch.setattr(flow, "LOOK_SECONDS", 0.1)
    make = resident.make_engine
    monkeypatch.setattr(resident, "make_engine", lambda spec: (happened.append("loaded"), make(spec))[1])

    threads = [threading.Thread(target=_work, args=(grower, run, happened))]
    threads[0].start()
    until(lambda: DeviceLease.objects.filter(owner="grower", granted=True).exists(), 10, "the engine's share")
    training = jobs.request_training(access=people.access(people.bo), params={})
    threads.append(threading.Thread(target=_work, args=(trainer, training, happened)))
    threads[1].start()
    until(lambda: Worker.objects.filter(note__contains="lent to the engine scripted (70%)").exists(), 10, "the note")
    for thread in threads:
        thread.join(60)
    assert happened == ["loaded", "train ended", "loaded", "generate ended"]
    assert Run.objects.get(pk=run.pk).state == RunState.DONE and len(rows_of(run)) > 50
    assert not DeviceLease.objects.filter(owner="trainer").exists()


def _work(loop: WorkLoop, run: Run, happened: list[str]) -> None:
    """Do what a worker's two threads do, until the run has ended."""
    heart = loop._threads[1]
    heart.start()
    while Run.objects.filter(pk=run.pk, state__in=[RunState.QUEUED, RunState.RUNNING]).exists():
        loop.run_once()
        loop.give_way()
    happened.append(f"{run.kind} ended")
    loop._stopped.set()
    heart.join()
    loop.resident.close()
    connection.close()
