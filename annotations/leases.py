"""Claiming shards by lease and fence, heartbeats, and what a worker must say before it stores (database clock)."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass

from django.conf import settings
from django.db import connection, transaction
from django.db.models.functions import Now

from annotations import jobs
from annotations.errors import LeaseLost
from annotations.models import Run, RunShard, Worker
from inference.types import Queue, RunState, ShardState

MAX_ATTEMPTS = 5
# A shard may wait this long for a worker that has its engine loaded; then any worker takes it.
ENGINE_PATIENCE_SECONDS = 60
CLAIM_SQL = """
UPDATE annotations_runshard SET lease_owner = %(owner)s, lease_until = now() + %(lease)s * interval '1 second',
       claimed_at = clock_timestamp(), fence = fence + 1, attempts = attempts + 1
WHERE id = (
    SELECT s.id FROM annotations_runshard s JOIN annotations_run r ON r.id = s.run_id
         JOIN annotations_project p ON p.id = s.project_id AND p.archived_at IS NULL
    WHERE s.state = 'queued' AND s.queue = %(queue)s AND (s.lease_until IS NULL OR s.lease_until < now())
      AND r.state IN ('queued', 'running', 'cancelling')
      AND (%(kinds)s::text[] IS NULL OR r.kind = ANY(%(kinds)s::text[]))
    ORDER BY s.priority DESC,
             r.engine_id IS NOT NULL AND r.engine_id IS DISTINCT FROM %(engine)s
                 AND coalesce(s.claimed_at, s.created_at) > now() - %(patience)s * interval '1 second',
             (SELECT max(o.claimed_at) FROM annotations_runshard o
              WHERE o.project_id = s.project_id AND o.queue = s.queue) NULLS FIRST,
             r.id, s.claimed_at IS NULL, s.number
    FOR UPDATE OF s SKIP LOCKED LIMIT 1)
RETURNING id, fence, attempts
"""


@dataclass(frozen=True, slots=True)
class Claim:
    """A shard in this worker's hands. Whatever it stores names the fence."""

    shard: RunShard
    run: Run
    fence: int
    attempts: int


def worker_name(queue: Queue) -> str:
    return f"{queue.value}@{socket.gethostname()}:{os.getpid()}"


def claim(*, queue: Queue, owner: str, engine_id: int | None) -> Claim | None:
    """Claim a shard for one slice, or return None. Interactive work first, then fair between projects."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            CLAIM_SQL,
            {
                "owner": owner,
                "lease": settings.LEASE_SECONDS,
                "queue": queue.value,
                "engine": engine_id,
                "patience": ENGINE_PATIENCE_SECONDS,
                "kinds": settings.KINDS or None,
            },
        )
        row = cursor.fetchone()
        if row is None:
            return None
        shard = RunShard.objects.select_related("run__engine").get(pk=row[0])
        Run.objects.filter(pk=shard.run_id, state=RunState.QUEUED).update(state=RunState.RUNNING, started_at=Now())
    return Claim(shard=shard, run=shard.run, fence=int(row[1]), attempts=int(row[2]))


def hold(claim: Claim) -> None:
    """Say, as the first statement of a storing transaction, that the shard is still ours; LeaseLost if not."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE annotations_runshard SET lease_until = now() + %s * interval '1 second', attempts = 0"
            " WHERE id = %s AND fence = %s AND state = 'queued'",
            [settings.LEASE_SECONDS, claim.shard.pk, claim.fence],
        )
        if cursor.rowcount == 0:
            raise LeaseLost(f"shard {claim.shard.pk} is no longer ours")


def renew(shard_id: int, fence: int) -> bool:
    """Prolong a lease from the heartbeat thread; False when the shard is somebody else's."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE annotations_runshard SET lease_until = now() + %s * interval '1 second'"
            " WHERE id = %s AND fence = %s",
            [settings.LEASE_SECONDS, shard_id, fence],
        )
        return bool(cursor.rowcount)


def release(claim: Claim, state: ShardState = ShardState.QUEUED, error: str = "") -> None:
    """Give a shard back after a slice, ended or to be gone on with."""
    RunShard.objects.filter(pk=claim.shard.pk, fence=claim.fence).update(
        lease_until=None, lease_owner="", state=state, error=error
    )
    if state == ShardState.FAILED:
        Run.objects.filter(pk=claim.run.pk, error="").update(error=error)
    if state != ShardState.QUEUED:
        jobs.settle(claim.run.pk)


def cancelled(run_id: int) -> bool:
    return Run.objects.filter(pk=run_id, state__in=[RunState.CANCELLING, RunState.CANCELLED]).exists()


def beat(*, name: str, queue: Queue, engine: str, doing: str) -> None:
    """Write the worker's row."""
    Worker.objects.update_or_create(
        name=name,
        defaults={
            "queue": queue,
            "host": socket.gethostname(),
            "pid": os.getpid(),
            "engine": engine,
            "doing": doing,
            "seen_at": Now(),
            "stopped_at": None,
        },
    )


def sign_off(name: str) -> None:
    Worker.objects.filter(name=name).update(stopped_at=Now(), doing="")
