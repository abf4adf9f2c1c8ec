"""Claiming shards by lease and fence, heartbeats, and what a worker must say before it stores (database clock)."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db import connection, transaction
from django.db.models.functions import Now

from annotations import jobs
from annotations.errors import LeaseLost
from annotations.models import Run, RunShard, Worker
from inference.types import Queue, RunState, ShardState

MAX_ATTEMPTS = 5
# A shard in whose hands so many workers died is taken first or not at all: beside others, the blame may be theirs.
SUSPECT_ATTEMPTS = 2
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
      AND (%(run)s::bigint IS NULL OR r.id = %(run)s::bigint AND s.attempts < %(suspect)s)
    ORDER BY s.priority DESC,
             r.engine_id IS NOT NULL AND r.engine_id IS DISTINCT FROM %(engine)s
                 AND coalesce(s.claimed_at, s.created_at) > now() - %(patience)s * interval '1 second',
             (SELECT max(o.claimed_at) FROM annotations_runshard o
              WHERE o.project_id = s.project_id AND o.queue = s.queue) NULLS FIRST,
             r.id, s.claimed_at IS NULL, s.number
    FOR UPDATE OF s SKIP LOCKED LIMIT 1)
RETURNING id, fence, attempts
"""
# Whether other work ought to have this worker: what somebody waits for, or another project's turn.
WAITS_SQL = """
SELECT r.name FROM annotations_runshard s JOIN annotations_run r ON r.id = s.run_id
     JOIN annotations_project p ON p.id = s.project_id AND p.archived_at IS NULL
WHERE s.state = 'queued' AND s.queue = %(queue)s AND (s.lease_until IS NULL OR s.lease_until < now())
  AND r.state IN ('queued', 'running', 'cancelling') AND r.id <> %(run)s
  AND (%(kinds)s::text[] IS NULL OR r.kind = ANY(%(kinds)s::text[]))
  AND (s.priority > %(priority)s OR (s.priority = %(priority)s AND s.project_id <> %(project)s AND %(turn_over)s))
ORDER BY s.priority DESC, s.id LIMIT 1
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


def claim(*, queue: Queue, owner: str, engine_id: int | None, run_id: int | None = None) -> Claim | None:
    """Claim a shard, or return None. Interactive work first, then fair between projects.

    With `run_id` another shard of that run beside those in hand, which no suspect shard may be.
    """
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
                "run": run_id,
                "suspect": SUSPECT_ATTEMPTS,
            },
        )
        row = cursor.fetchone()
        if row is None:
            return None
        shard = RunShard.objects.select_related("run__engine").get(pk=row[0])
        Run.objects.filter(pk=shard.run_id, state=RunState.QUEUED).update(state=RunState.RUNNING, started_at=Now())
    return Claim(shard=shard, run=shard.run, fence=int(row[1]), attempts=int(row[2]))


def waiting(claim: Claim, *, turn_over: bool) -> str:
    """Return the name of a run that ought to have this worker now, or ""; another project's once the turn is over."""
    with connection.cursor() as cursor:
        cursor.execute(
            WAITS_SQL,
            {
                "queue": claim.shard.queue,
                "run": claim.run.pk,
                "priority": claim.shard.priority,
                "project": claim.run.project_id,
                "turn_over": turn_over,
                "kinds": settings.KINDS or None,
            },
        )
        row = cursor.fetchone()
    return "" if row is None else str(row[0])


def hold(*claims: Claim) -> None:
    """Say, as the first statement of a storing transaction, that the shards are still ours; LeaseLost if not."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE annotations_runshard s SET lease_until = now() + %s * interval '1 second', attempts = 0"
            " FROM unnest(%s::bigint[], %s::bigint[]) AS ours (id, fence)"
            " WHERE s.id = ours.id AND s.fence = ours.fence AND s.state = 'queued'",
            [settings.LEASE_SECONDS, [each.shard.pk for each in claims], [each.fence for each in claims]],
        )
        if cursor.rowcount < len(claims):
            raise LeaseLost(f"a shard of run {claims[0].run.pk} is no longer ours")


def renew(claims: Sequence[Claim]) -> bool:
    """Prolong leases from the heartbeat thread; False when one of the shards is somebody else's."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE annotations_runshard s SET lease_until = now() + %s * interval '1 second'"
            " FROM unnest(%s::bigint[], %s::bigint[]) AS ours (id, fence)"
            " WHERE s.id = ours.id AND s.fence = ours.fence",
            [settings.LEASE_SECONDS, [each.shard.pk for each in claims], [each.fence for each in claims]],
        )
        return bool(cursor.rowcount == len(claims))


def release(claim: Claim, state: ShardState = ShardState.QUEUED, error: str = "") -> None:
    """Give a shard back after a slice, ended or to be gone on with."""
    RunShard.objects.filter(pk=claim.shard.pk, fence=claim.fence).update(
        lease_until=None, lease_owner="", state=state, error=error
    )
    if state == ShardState.FAILED:
        Run.objects.filter(pk=claim.run.pk, error="").update(error=error)
    if state != ShardState.QUEUED:
        jobs.settle(claim.run.pk)


def excuse(claims: Sequence[Claim]) -> None:
    """Give shards back whose slice the database itself broke off: that is no failed attempt."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE annotations_runshard s"
            " SET lease_until = NULL, lease_owner = '', attempts = greatest(attempts - 1, 0)"
            " FROM unnest(%s::bigint[], %s::bigint[]) AS ours (id, fence)"
            " WHERE s.id = ours.id AND s.fence = ours.fence AND s.state = 'queued'",
            [[each.shard.pk for each in claims], [each.fence for each in claims]],
        )


# What becomes of a shard in work when its run is stopped: a paused run's shard waits for its resumption.
GIVEN_BACK = {
    RunState.PAUSED: ShardState.QUEUED,
    RunState.CANCELLING: ShardState.CANCELLED,
    RunState.CANCELLED: ShardState.CANCELLED,
}


def stopped(run_id: int) -> ShardState | None:
    """Return the state in which to give a shard of the run back now, None to go on.

    Asked between slices and by the heartbeat. A paused run's shard may store what it has before it is given back.
    """
    state = Run.objects.filter(pk=run_id).values_list("state", flat=True).first()
    return None if state is None else GIVEN_BACK.get(RunState(state))


def cancelled(run_id: int) -> bool:
    return stopped(run_id) is ShardState.CANCELLED


def beat(
    *,
    name: str,
    queue: Queue,
    engine: str,
    doing: str,
    run_id: int | None = None,
    note: str = "",
    sandbox: Mapping[str, object] | None = None,
) -> None:
    """Write the worker's row; `sandbox` is what it says of where models' programs run, once it knows."""
    Worker.objects.update_or_create(
        name=name,
        defaults={
            "queue": queue,
            "host": socket.gethostname(),
            "pid": os.getpid(),
            "engine": engine,
            "doing": doing[:200],
            "run_id": run_id,
            "note": note[:300],
            "sandbox": dict(sandbox or {}),
            "seen_at": Now(),
            "stopped_at": None,
        },
    )


def sign_off(name: str) -> None:
    Worker.objects.filter(name=name).update(stopped_at=Now(), doing="", run=None, note="")
