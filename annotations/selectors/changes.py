"""What a run that checked steps again changed, step by step, and which labels of such runs are in use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import QuerySet

from annotations.access import Access
from annotations.models import Run, StepChange
from annotations.selectors.together import Statement, answers

PAGE = 40
HEAD = 160
CHANGE_FIELDS = ("kind", "before", "after", "reason", "used", "node__tree_id", "node__seq")
# In the order of the index, from a row on; a cell of the matrix keeps one pair of before and after.
CHANGED = """
    SELECT c.id, n.tree_id, n.seq, n.text, left(p.text, %(head)s), c.before, c.after, c.reason
    FROM annotations_stepchange c
    JOIN annotations_node n ON n.id = c.node_id
    JOIN annotations_tree t ON t.id = n.tree_id JOIN annotations_problem p ON p.id = t.problem_id
    WHERE c.project_id = %(project)s AND c.run_id = %(run)s AND c.kind = %(kind)s
      AND (%(before)s::text IS NULL OR c.before = %(before)s) AND (%(after)s::text IS NULL OR c.after = %(after)s)
      AND (%(start)s::bigint IS NULL OR (c.before, c.after, c.id) > (
          SELECT s.before, s.after, s.id FROM annotations_stepchange s
          WHERE s.project_id = %(project)s AND s.run_id = %(run)s AND s.id = %(start)s))
    ORDER BY c.before, c.after, c.id LIMIT %(most)s
"""
LABELS = """
    SELECT count(*) FILTER (WHERE after <> ''), count(*) FILTER (WHERE after = ''), count(*) FILTER (WHERE used)
    FROM annotations_stepchange WHERE project_id = %(project)s AND run_id = %(run)s AND kind = 'label'
"""
# Runs that relabelled steps of a run that grew trees.
IN_USE = """
    SELECT r.id, r.name, count(*) FROM annotations_stepchange c
    JOIN annotations_node n ON n.id = c.node_id JOIN annotations_run r ON r.id = c.run_id
    WHERE c.project_id = %(project)s AND c.used AND n.run_id = %(run)s GROUP BY r.id, r.name ORDER BY r.id
"""


class ChangedStep(NamedTuple):
    """A step whose verdict or label (`before`, `after`; "" for none) is another, with why; `problem` is a head."""

    id: int
    tree_id: int
    seq: int
    text: str
    problem: str
    before: str
    after: str
    reason: str


class Labels(NamedTuple):
    """How many labels of a run change a step's label, how many take it away, and how many of both are in use."""

    changed: int
    dropped: int
    used: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which changes: of verdicts or labels, of one pair of before and after (None: any), behind the row `start`."""

    kind: str
    before: str | None = None
    after: str | None = None
    start: int | None = None


def changed_steps(access: Access, run: Run, wanted: Wanted) -> tuple[list[ChangedStep], bool, Labels]:
    """Return a page of changes, whether there are more, and how the run's labels stand: one message."""
    of: dict[str, Any] = {"project": access.project.pk, "run": run.pk}
    shown = {"head": HEAD, "most": PAGE + 1, "kind": wanted.kind, "start": wanted.start}
    rows, labels = answers(
        (CHANGED, {**of, **shown, "before": wanted.before, "after": wanted.after}), (LABELS, of)
    )  # fmt: skip
    return [ChangedStep(*row) for row in rows[:PAGE]], len(rows) > PAGE, Labels(*labels[0])


def changes_of(run: Run) -> QuerySet[StepChange]:
    """Return all changes of a run, in the order in which they were found."""
    rows = StepChange.objects.filter(project=run.project_id, run=run)
    return rows.select_related("node").only(*CHANGE_FIELDS).order_by("id")


def labels_of(run: Run) -> Labels:
    (rows,) = answers((LABELS, {"project": run.project_id, "run": run.pk}))
    return Labels(*rows[0])


def labels_in_use(run: Run) -> Statement:
    """Return the question for the runs whose labels stand on steps that this run grew: id, name, number of steps."""
    return IN_USE, {"project": run.project_id, "run": run.pk}
