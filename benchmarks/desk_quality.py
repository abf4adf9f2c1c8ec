"""How long does the Quality page take over 100,000 ratings?

Set-up as in benchmarks/pages.py: the studio's own web process with production settings, a signed-in reviewer, full HTTP
round trips over one kept connection. 5,000 paths of ten steps, labelled by two of ten annotators each (100,000
ratings, one in twelve incorrect), one item in 25 gold; 1,000 resamples for every interval.
"""

from __future__ import annotations

import statistics
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks._studio import figure, temporary_studio
from benchmarks.pages import PASSWORD, Browser, start_web

ITEMS, STEPS, PEOPLE, OVERLAP = 5_000, 10, 10, 2
TIMES = 20
FILL = (
    """INSERT INTO annotations_tree (project_id, problem_id, state, node_count, external_key)
       SELECT %(project)s, %(problem)s, 'done', %(steps)s, 't' || n FROM generate_series(1, %(items)s) n""",
    """INSERT INTO annotations_node (project_id, tree_id, seq, parent_seq, depth, text, terminal)
       SELECT t.project_id, t.id, n, nullif(n - 1, 0), n, 'So there are ' || n || ' crates.', n = %(steps)s
       FROM annotations_tree t, generate_series(1, %(steps)s) n WHERE t.project_id = %(project)s""",
    """INSERT INTO annotations_labelitem (project_id, queue_id, tree_id, leaf_id, number, role, state, expected)
       SELECT n.project_id, %(queue)s, n.tree_id, n.id, row_number() OVER (ORDER BY n.id),
              CASE WHEN n.tree_id %% 25 = 0 THEN 'gold' ELSE 'work' END, 'agreed',
              CASE WHEN n.tree_id %% 25 = 0 THEN jsonb_build_object('first_error', NULL, 'ratings',
                  (SELECT jsonb_object_agg(m.id, 'correct') FROM annotations_node m WHERE m.tree_id = n.tree_id)) END
       FROM annotations_node n WHERE n.project_id = %(project)s AND n.terminal""",
    """INSERT INTO annotations_labelsession (project_id, item_id, queue_id, user_id, state, finish, submitted_at,
                                             seconds, ratings, gold_right, gold_known)
       SELECT i.project_id, i.id, i.queue_id, (%(people)s::bigint[])[1 + (i.id + w * (1 + i.id %% 4)) %% %(count)s],
              'submitted', 'solution', now() - (i.number || ' minutes')::interval * 20, 70, %(steps)s,
              CASE WHEN i.role = 'gold' THEN %(steps)s - (i.id %% 2) END, CASE WHEN i.role = 'gold' THEN %(steps)s END
       FROM annotations_labelitem i, generate_series(0, %(overlap)s - 1) w WHERE i.project_id = %(project)s""",
    """INSERT INTO annotations_labelevent (project_id, node_id, author_id, voter, scheme_id, rating, seconds,
                                           session_id)
       SELECT s.project_id, n.id, s.user_id, 'u' || s.user_id, %(scheme)s,
              CASE WHEN hashint8(n.id * 31 + s.user_id) %% 12 = 0 THEN 'incorrect'
                   WHEN hashint8(n.id * 17 + s.user_id) %% 25 = 0 THEN 'neutral' ELSE 'correct' END,
              3 + (hashint8(n.id + s.user_id) %% 100) / 12.0, s.id
       FROM annotations_labelsession s JOIN annotations_labelitem i ON i.id = s.item_id
       JOIN annotations_node n ON n.tree_id = i.tree_id WHERE s.project_id = %(project)s""",
    """UPDATE annotations_labelsession s SET first_error_id = f.node, finish = 'found_error'
       FROM (SELECT session_id, min(node_id) AS node FROM annotations_labelevent
             WHERE project_id = %(project)s AND rating = 'incorrect' GROUP BY session_id) f
       WHERE f.session_id = s.id""",
    "ANALYZE",
)


def fill() -> dict[str, int]:
    """Make the project and its labels; return how many ratings there are."""
    from django.db import connection

    from annotations import teams
    from annotations.models import LabelEvent, LabelQueue, LabelScheme, Membership, Problem, User

    admin = User.objects.create_superuser("odo", password=PASSWORD)
    project = teams.create_project(actor=admin, name="Bench", slug="bench")
    user = User.objects.create_user("bench", password=PASSWORD)
    Membership.objects.create(project=project, user=user, role="reviewer")
    people = [User.objects.create(username=f"annotator{n}").pk for n in range(PEOPLE)]
    names: dict[str, Any] = {
        "project": project.pk,
        "problem": Problem.objects.create(project=project, text="How many crates?", content_hash="b" * 64).pk,
        "queue": LabelQueue.objects.create(project=project, name="All", overlap=OVERLAP).pk,
        "scheme": LabelScheme.objects.get(project=project).pk,
        "people": people, "count": PEOPLE, "items": ITEMS, "steps": STEPS, "overlap": OVERLAP,
    }  # fmt: skip
    with connection.cursor() as cursor:
        for statement in FILL:
            cursor.execute(statement, names)
    return {"ratings": LabelEvent.objects.filter(project=project).count(), "people": PEOPLE}


def asked(browser: Browser) -> float:
    """Return the milliseconds until the page is read."""
    began = time.perf_counter()
    status, text = browser.ask("GET", "/p/bench/desk/quality/")
    assert status == 200 and "Who agrees with whom" in text, text[:300]
    return (time.perf_counter() - began) * 1000


def main() -> None:
    with temporary_studio() as home:
        from django.core.management import call_command

        call_command("collectstatic", interactive=False, verbosity=0)
        size = fill()
        web, port, _ = start_web(home)
        try:
            browser = Browser(port)
            browser.sign_in()
            spent = [asked(browser) for _ in range(TIMES + 1)][1:]
        finally:
            web.terminate()
            web.wait(10)
        figure("desk.quality_page_p50_ms", round(statistics.median(spent)), "ms", worst=round(max(spent)), **size)


if __name__ == "__main__":
    main()
