"""What idle light workers do for the desk: overdue leases come back, queues follow what is newly said of steps."""

from __future__ import annotations

from annotations.desk.leasing import sweep
from annotations.desk.priorities import FOLLOWING, refresh
from annotations.models import LabelQueue

# A queue is put in order this often at most.
PERIOD_SECONDS = 60
# What is said becomes visible when its transaction ends, this long after its time at the latest.
LATE_SECONDS = 30
DUE = """
    SELECT q.* FROM annotations_labelqueue q
    JOIN annotations_project p ON p.id = q.project_id AND p.archived_at IS NULL
    WHERE q.state <> 'closed' AND (q.ordered_at IS NULL OR q.strategy = ANY(%(following)s)
          AND q.ordered_at < now() - %(period)s * interval '1 second'
          AND q.said_at > q.ordered_at - %(late)s * interval '1 second')
    ORDER BY q.ordered_at NULLS FIRST, q.id LIMIT 1
"""


def tend() -> bool:
    """Sweep leases and put one queue in order that is due; return whether there was anything to do."""
    swept = sweep()
    parameters = {"following": list(FOLLOWING), "period": PERIOD_SECONDS, "late": LATE_SECONDS}
    due = next(iter(LabelQueue.objects.raw(DUE, parameters)), None)
    # Another worker may be at it.
    return bool(swept) | (due is not None and refresh(due, wait=False) is not None)
