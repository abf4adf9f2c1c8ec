"""Using the labels of a run that checked again, and taking them back: Node.polarity of the steps that change."""

from __future__ import annotations

from django.db import connection, transaction

from annotations import rules, teams
from annotations.access import Access
from annotations.errors import Conflict, NotFound
from annotations.models import Run
from annotations.rules import Act
from inference.types import RunKind

# A step that was labelled anew meanwhile is left as it is.
USE_SQL = """
WITH changed AS (
    UPDATE annotations_node n SET polarity = c.after FROM annotations_stepchange c
    WHERE c.project_id = %(project)s AND c.run_id = %(run)s AND c.kind = 'label' AND NOT c.used
      AND n.id = c.node_id AND n.polarity = c.before
    RETURNING c.id, c.after)
UPDATE annotations_stepchange c SET used = true FROM changed WHERE c.id = changed.id RETURNING changed.after
"""
BACK_SQL = """
WITH back AS (
    UPDATE annotations_node n SET polarity = c.before FROM annotations_stepchange c
    WHERE c.project_id = %(project)s AND c.run_id = %(run)s AND c.kind = 'label' AND c.used
      AND n.id = c.node_id AND n.polarity = c.after
    RETURNING c.id)
UPDATE annotations_stepchange c SET used = false
WHERE c.project_id = %(project)s AND c.run_id = %(run)s AND c.used RETURNING c.id IN (SELECT id FROM back)
"""


@transaction.atomic
def use_labels(*, access: Access, run_id: int) -> int:
    """Give the steps of a run the labels that its policy gives; return how many change. Repeated, none does.

    Conflict for a run that goes on or gives no labels.
    """
    run = _locked(access, run_id)
    rules.check_use_labels(access, run.state, given=bool(run.report.get("labels")))
    with connection.cursor() as cursor:
        cursor.execute(USE_SQL, {"project": run.project_id, "run": run.pk})
        after = [row[0] for row in cursor.fetchall()]
    if after:
        dropped = after.count("")
        teams.record(
            actor=access.user, action="labels of a run used", project=access.project, run=run.pk,
            changed=len(after) - dropped, dropped=dropped,
        )  # fmt: skip
    return len(after)


@transaction.atomic
def take_back_labels(*, access: Access, run_id: int) -> int:
    """Give the steps back the labels that they had before; return how many change. Repeated, none does."""
    run = _locked(access, run_id)
    with connection.cursor() as cursor:
        cursor.execute(BACK_SQL, {"project": run.project_id, "run": run.pk})
        back = [row[0] for row in cursor.fetchall()].count(True)
    if back:
        teams.record(
            actor=access.user, action="labels of a run taken back", project=access.project, run=run.pk, changed=back
        )
    return back


def _locked(access: Access, run_id: int) -> Run:
    rules.check(access, Act.RUN)
    run = Run.objects.select_for_update().filter(project=access.project, pk=run_id).first()
    if run is None:
        raise NotFound("There is no such run.")
    if run.kind != RunKind.CHECK:
        raise Conflict("This run did not check steps: it has no labels to use or to take back.")
    return run
