"""What may happen to a run that has been asked for: it is cancelled, and ends when its shards have ended."""

from __future__ import annotations

from django.db import connection, transaction
from django.utils import timezone

from annotations import rules
from annotations.access import Access
from annotations.errors import NotFound
from annotations.models import Run, RunShard, Tree
from annotations.rules import Act
from inference.types import RunState, ShardState

OPEN = (RunState.QUEUED, RunState.RUNNING, RunState.CANCELLING)


@transaction.atomic
def cancel_run(*, access: Access, run_id: int) -> Run:
    """Stop a run; what it stored stays. A shard in work stops at its next look, the others at once."""
    rules.check(access, Act.RUN)
    run = Run.objects.select_for_update().filter(project=access.project, pk=run_id).first()
    if run is None:
        raise NotFound("There is no such run.")
    if run.state in OPEN:
        run.state = RunState.CANCELLING
        run.save(update_fields=["state"])
        RunShard.objects.filter(run=run, state=ShardState.QUEUED).exclude(lease_until__gt=timezone.now()).update(
            state=ShardState.CANCELLED
        )
        settle(run.pk)
        run.refresh_from_db()
    return run


def settle(run_id: int) -> RunState | None:
    """End a run whose shards have all ended; return its state if it ended now."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE annotations_run r SET finished_at = now(), state = (
                SELECT CASE WHEN bool_or(s.state = 'failed') THEN 'failed'
                            WHEN bool_or(s.state = 'cancelled') THEN 'cancelled' ELSE 'done' END
                FROM annotations_runshard s WHERE s.run_id = r.id)
            WHERE r.id = %s AND r.state IN ('queued', 'running', 'cancelling')
              AND NOT EXISTS (SELECT 1 FROM annotations_runshard s WHERE s.run_id = r.id AND s.state = 'queued')
            RETURNING state
            """,
            [run_id],
        )
        row = cursor.fetchone()
    if row is None:
        return None
    if row[0] != RunState.DONE:
        Tree.objects.filter(run_id=run_id, state="growing").update(state="stopped")
    return RunState(row[0])
