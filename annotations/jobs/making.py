"""A run and its shards as rows, whatever its kind; its workers are woken when the transaction is through."""

from __future__ import annotations

import logging
from typing import Any

from celery import current_app
from django.conf import settings
from django.db import transaction
from kombu.exceptions import KombuError

from annotations.access import Access
from annotations.models import Run, RunShard
from inference.types import Queue, RunKind

log = logging.getLogger(__name__)
WAKE = "annotations.tasks.wake"
# Work that somebody waits for goes before bulk growing.
PRIORITY = {
    RunKind.IMPORT: 2,
    RunKind.EXPORT: 2,
    RunKind.PLANT: 2,
    RunKind.PROBLEMS: 2,
    RunKind.SCORE: 1,
    RunKind.CHECK: 1,
    RunKind.TRAIN: 1,
    RunKind.REPLAY: 1,
    RunKind.POLICY: 1,
    RunKind.PASSRATE: 0,
    RunKind.GENERATE: 0,
}
QUEUE_OF = {
    RunKind.GENERATE: Queue.GPU,
    RunKind.SCORE: Queue.GPU,
    RunKind.TRAIN: Queue.GPU,
    RunKind.IMPORT: Queue.LIGHT,
    RunKind.EXPORT: Queue.LIGHT,
    RunKind.PLANT: Queue.LIGHT,
    RunKind.PROBLEMS: Queue.LIGHT,
    RunKind.REPLAY: Queue.GPU,
    RunKind.PASSRATE: Queue.GPU,
    RunKind.POLICY: Queue.GPU,
    RunKind.CHECK: Queue.TOOLS,
}


def queue_of(run: Run) -> Queue:
    """Return the queue whose workers do a run: whatever takes an engine, theirs that hold engines."""
    return QUEUE_OF[RunKind(run.kind)] if run.engine_id is None else Queue.GPU


def wake(queue: Queue) -> None:
    """Wake the workers of a queue; without a broker they find the work themselves within seconds."""
    try:
        current_app.send_task(WAKE, args=[queue.value], queue=queue.value, ignore_result=True)
    except (KombuError, OSError) as error:
        log.warning("no broker to wake %s workers (%s); they look for work by themselves", queue.value, error)


def new_run(access: Access, kind: RunKind, **fields: Any) -> Run:
    """Write a run; its workers are woken when the transaction is through."""
    version = getattr(settings, "VERSION", "")
    run = Run.objects.create(
        project=access.project, kind=kind, requested_by=access.user, code_version=version, **fields
    )
    transaction.on_commit(lambda: wake(queue_of(run)))
    return run


def run_of_one(access: Access, kind: RunKind, **fields: Any) -> Run:
    """Write a run that is one shard."""
    run = new_run(access, kind, **fields)
    cut(run, 1)
    return run


def cut(run: Run, count: int) -> list[RunShard]:
    """Cut a run into so many shards."""
    kind = RunKind(run.kind)
    return RunShard.objects.bulk_create(
        [
            RunShard(project_id=run.project_id, run=run, number=number, queue=queue_of(run), priority=PRIORITY[kind])
            for number in range(1, count + 1)
        ]
    )
