"""What may happen to a run that has been asked for: pause, resume, cancel, one tree stopped early, its end."""

from __future__ import annotations

from django.db import connection, transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from annotations import rules
from annotations.access import Access
from annotations.errors import NotFound
from annotations.jobs.making import queue_of, wake
from annotations.models import Run, RunShard, Tree
from annotations.rules import Act
from inference.types import RunState, ShardState, TreeState

# Only what was paused after the run had begun is no work.
RESUME = """
UPDATE annotations_run SET state = %(state)s, paused_at = NULL,
       paused_seconds = paused_seconds
           + coalesce(extract(epoch FROM now() - greatest(paused_at, started_at)), 0) * (started_at IS NOT NULL)::int
WHERE id = %(run)s
"""
SETTLE = """
UPDATE annotations_run r SET finished_at = now(), paused_at = NULL, state = (
    SELECT CASE WHEN bool_or(s.state = 'failed') THEN 'failed'
                WHEN bool_or(s.state = 'cancelled') THEN 'cancelled' ELSE 'done' END
    FROM annotations_runshard s WHERE s.run_id = r.id)
WHERE r.id = %s AND r.state IN ('queued', 'running', 'paused', 'cancelling')
  AND NOT EXISTS (SELECT 1 FROM annotations_runshard s WHERE s.run_id = r.id AND s.state = 'queued')
RETURNING state
"""


@transaction.atomic
def pause_run(*, access: Access, run_id: int) -> Run:
    """Keep the run's shards from being claimed; one in work stops after its slice. What is stored stays.

    A run that is paused already stays as it is; Conflict for one that has ended or is done in one piece.
    """
    run = _locked(access, run_id)
    if run.state != RunState.PAUSED:
        rules.check_pause(access, run.kind, run.state)
        Run.objects.filter(pk=run.pk).update(state=RunState.PAUSED, paused_at=Now())
        run.refresh_from_db()
    return run


@transaction.atomic
def resume_run(*, access: Access, run_id: int) -> Run:
    """Let workers claim a paused run's shards again. One that goes on stays as it is; Conflict for an ended one."""
    run = _locked(access, run_id)
    if run.state in (RunState.QUEUED, RunState.RUNNING):
        return run
    rules.check_resume(access, run.state)
    _end_pause(run, RunState.RUNNING if run.started_at else RunState.QUEUED)
    transaction.on_commit(lambda: wake(queue_of(run)))
    return run


@transaction.atomic
def cancel_run(*, access: Access, run_id: int) -> Run:
    """Stop a run; what it stored stays. A shard in work stops at its next look, the others at once."""
    run = _locked(access, run_id)
    if run.state in rules.OPEN:
        _end_pause(run, RunState.CANCELLING)
        RunShard.objects.filter(run=run, state=ShardState.QUEUED).exclude(lease_until__gt=timezone.now()).update(
            state=ShardState.CANCELLED
        )
        settle(run.pk)
        run.refresh_from_db()
    return run


@transaction.atomic
def stop_tree(*, access: Access, tree_id: int) -> Tree:
    """Stop one growing tree of a run; it keeps what it has, without labels from the search.

    The worker that holds it drops it with its next store. A tree that is stopped already stays as it is; Conflict for
    one that has ended or that no run grows.
    """
    rules.check(access, Act.RUN)
    trees: QuerySet[Tree] = Tree.objects.select_for_update(of=("self",)).select_related("run")
    tree = trees.filter(project=access.project, pk=tree_id).first()
    if tree is None:
        raise NotFound("There is no such tree.")
    if tree.state != TreeState.STOPPED:
        rules.check_stop_tree(access, tree.state, tree.run.state if tree.run else None)
        Tree.objects.filter(pk=tree.pk).update(state=TreeState.STOPPED, finished_at=Now())
        tree.refresh_from_db(fields=["state", "finished_at"])
    return tree


def settle(run_id: int) -> RunState | None:
    """End a run whose shards have all ended; return its state if it ended now."""
    with connection.cursor() as cursor:
        cursor.execute(SETTLE, [run_id])
        row = cursor.fetchone()
    if row is None:
        return None
    if row[0] != RunState.DONE:
        Tree.objects.filter(run_id=run_id, state="growing").update(state="stopped")
    return RunState(row[0])


def _locked(access: Access, run_id: int) -> Run:
    rules.check(access, Act.RUN)
    run = Run.objects.select_for_update().filter(project=access.project, pk=run_id).first()
    if run is None:
        raise NotFound("There is no such run.")
    return run


def _end_pause(run: Run, state: RunState) -> None:
    with connection.cursor() as cursor:
        cursor.execute(RESUME, {"state": state.value, "run": run.pk})
    run.refresh_from_db()
