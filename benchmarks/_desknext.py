"""Next item: how long a person waits for it, and how long a queue of 100,000 takes to be put in order.

Every strategy in turn hands out items of one queue at overlap 2, to a person who labels, and to one who has labelled
half of it already; each time the page holds one item and asks for the next. Between two questions the item in hand is
submitted, which is not timed. The steps have scores of a PRM, a tool's verdicts and, one in five, a label.
"""

from __future__ import annotations

import json
import statistics
import time
from typing import Any

from benchmarks._desk import FILL, ITEMS, STEPS, Wire
from benchmarks._studio import figure
from benchmarks.pages import bare_insert_ms

QUEUED, OVERLAP, WARM, TIMES = 100_000, 2, 20, 100
STRATEGIES = ("order", "random", "uncertainty", "disagreement", "coverage")
# As the review keeps it: one score a step, 4 in 100 refuted, one in five labelled, every fourth of these as wrong.
SAID = """
INSERT INTO annotations_reviewstep (project_id, node_id, cell, said, scores)
SELECT project_id, id, 0, CASE WHEN id %% 25 = 0 THEN 12 ELSE 0 END,
       jsonb_build_object('prm', (hashint8(id) & 1023) / 1023.0)
FROM annotations_node WHERE project_id = %(project)s;
INSERT INTO annotations_toolcheck (project_id, node_id, verifier, version, verdict)
SELECT project_id, id, 'claims', '1', 'refuted' FROM annotations_node WHERE project_id = %(project)s AND id %% 25 = 0;
INSERT INTO annotations_labelevent (project_id, node_id, author_id, voter, scheme_id, rating, category)
SELECT n.project_id, n.id, %(user)s, 'u' || %(user)s, s.id, CASE WHEN n.id %% 4 = 0 THEN 'incorrect' ELSE 'correct' END,
       CASE WHEN n.id %% 4 > 0 THEN '' WHEN n.id %% 3 = 0 THEN 'unit' ELSE 'misread' END
FROM annotations_node n JOIN annotations_labelscheme s ON s.project_id = n.project_id
WHERE n.project_id = %(project)s AND n.id %% 5 = 1
"""
# Half of the queue, every other item, was labelled by this person.
HALF = """
INSERT INTO annotations_labelsession (project_id, item_id, queue_id, user_id, state, submitted_at)
SELECT project_id, id, queue_id, %(user)s, 'submitted', now() FROM annotations_labelitem
WHERE queue_id = %(queue)s AND number %% 2 = 0 AND takers = 0;
UPDATE annotations_labelitem i SET places = places - 1, takers = takers + 1 FROM annotations_labelsession s
WHERE i.queue_id = %(queue)s AND s.item_id = i.id AND s.user_id = %(user)s AND s.submitted_at = now()
"""
SUBMIT = """
UPDATE annotations_labelsession SET state = 'submitted', submitted_at = now(), lease_until = NULL WHERE id = %s
"""


def next_items(port: int, people: list[Any]) -> None:
    """Print how long the next item takes; the first two of `people` label."""
    from annotations.desk.priorities import refresh

    queue = queued(people)
    waited: dict[str, list[float]] = {}
    ordering = {}
    for strategy in STRATEGIES:
        queue.strategy = strategy
        queue.save(update_fields=["strategy"])
        began = time.perf_counter()
        refresh(queue)
        ordering[strategy] = round(time.perf_counter() - began, 2)
        for who, user in zip(("", ", half labelled"), people[:2], strict=True):
            waited[strategy + who] = taken(Wire(port, user.username), queue.pk)
    medians = {name: round(statistics.median(spent), 2) for name, spent in waited.items()}
    worst = max(medians, key=lambda name: medians[name])
    p95 = max(round(sorted(spent)[int(len(spent) * 0.95)], 2) for spent in waited.values())
    figure("desk.next_p50_ms", medians[worst], "ms", p95=p95, worst=worst, each=medians, queued=QUEUED,
           overlap=OVERLAP, bare_insert_p50_ms=bare_insert_ms())  # fmt: skip
    slowest = max(ordering, key=lambda name: ordering[name])
    figure("desk.order_s", ordering[slowest], "s", slowest=slowest, each=ordering, queued=QUEUED, steps=QUEUED * STEPS)


def queued(people: list[Any]) -> Any:
    """Make a project with a queue of QUEUED paths; return the queue."""
    from django.db import connection

    from annotations import teams
    from annotations.models import LabelQueue, Membership, User

    project = teams.create_project(actor=User.objects.get(username="odo"), name="Next", slug="next")
    Membership.objects.bulk_create([Membership(project=project, user=user, role="annotator") for user in people])
    settings = {"gold_share": 0.05, "compare_aids": True}
    queue = LabelQueue.objects.create(project=project, name="Next", overlap=OVERLAP, settings=settings, seed=1)
    given = {"project": project.pk, "queue": queue.pk, "items": QUEUED, "steps": STEPS, "wanted": OVERLAP}
    with connection.cursor() as cursor:
        # The rows are right; looking up what each refers to takes as long as all the rest.
        cursor.execute("SET session_replication_role = replica")
        for statement in (FILL, ITEMS, SAID):
            cursor.execute(statement, {**given, "user": people[-1].pk})
        cursor.execute(HALF, {**given, "user": people[1].pk})
        cursor.execute("SET session_replication_role = DEFAULT")
        cursor.execute("ANALYZE")
    return queue


def taken(wire: Wire, queue_id: int) -> list[float]:
    """Ask for one item after the other; return the milliseconds of each answer."""
    from django.db import connection

    spent: list[float] = []
    have: list[int] = []
    for _ in range(WARM + TIMES):
        request = wire.request(f"/p/next/desk/{queue_id}/next/", {"have": have})
        began = time.perf_counter()
        answer = wire.send(request)
        spent.append((time.perf_counter() - began) * 1000)
        have.append(json.loads(answer)["session"])
        if len(have) > 1:
            with connection.cursor() as cursor:
                cursor.execute(SUBMIT, [have.pop(0)])
    return spent[WARM:]
