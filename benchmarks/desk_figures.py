"""How long does the desk's progress page take with 100,000 ratings?

The studio's own web process with production settings (as in benchmarks/pages.py), a signed-in reviewer; two queues of
paths of eight steps, each labelled by two of eight people over 40 days, the second with and without aids, one item in
ten gold. Full HTTP round trips over one kept connection.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks._studio import figure, temporary_studio
from benchmarks.pages import PASSWORD, Browser, start_web

TREES, STEPS, PEOPLE, DAYS = 6_250, 8, 8, 40
WARM, TIMES = 3, 20
PAGE = "/p/bench/desk/progress/"
PLACES = {"page": "", "queue": "?queue=2", "person": "?person=5", "csv": "?csv=people"}
FILL = """
    INSERT INTO annotations_problem (project_id, text, content_hash) VALUES (%(project)s, 'How many?', 'bench');
    INSERT INTO annotations_tree (project_id, problem_id, state, node_count, external_key, source)
    SELECT %(project)s, (SELECT id FROM annotations_problem WHERE content_hash = 'bench'), 'done', %(steps)s, 't' || n,
           'import' FROM generate_series(1, %(trees)s) n;
    INSERT INTO annotations_node (project_id, tree_id, seq, parent_seq, depth, text)
    SELECT t.project_id, t.id, s, nullif(s - 1, 0), s, 'Step ' || s FROM annotations_tree t
    CROSS JOIN generate_series(1, %(steps)s) s ORDER BY t.id, s;
    INSERT INTO annotations_labelqueue (project_id, name, overlap, settings)
    VALUES (%(project)s, 'First look', 2, '{}'), (%(project)s, 'Compared', 2, '{"compare_aids": true}');
    INSERT INTO annotations_labelitem (project_id, queue_id, tree_id, leaf_id, number, role, state, wanted, places,
                                       takers, settled_at)
    SELECT t.project_id, q.id, t.id, n.id, t.id, CASE WHEN t.id %% 10 = 0 THEN 'gold' ELSE 'work' END,
           CASE WHEN t.id %% 7 = 0 THEN 'disputed' ELSE 'agreed' END, 2, 0, 2, now()
    FROM annotations_tree t JOIN annotations_node n ON n.tree_id = t.id AND n.seq = %(steps)s
    JOIN annotations_labelqueue q ON q.name = CASE WHEN t.id %% 2 = 0 THEN 'First look' ELSE 'Compared' END;
    INSERT INTO annotations_labelsession (project_id, item_id, queue_id, user_id, state, finish, seconds, ratings,
        first_error_id, aids, gold_right, gold_known, taken_at, submitted_at)
    SELECT i.project_id, i.id, i.queue_id, p.id, 'submitted',
           (ARRAY['found_error', 'solution', 'solution', 'bad_problem', 'give_up'])[1 + i.id %% 5],
           %(steps)s * (6 + i.id %% 5), %(steps)s,
           CASE WHEN i.id %% 5 = 0 THEN i.leaf_id - (i.id + p.at * (i.id %% 7 / 6)) %% 8 END,
           jsonb_build_object('reference', 'key', 'evidence', 'always', 'prelabels', 'after', 'aided', i.id %% 3 > 0),
           CASE WHEN i.role = 'gold' THEN 7 + i.id %% 2 END, CASE WHEN i.role = 'gold' THEN %(steps)s END,
           now() - (i.id %% %(days)s) * interval '1 day' - interval '2 minutes',
           now() - (i.id %% %(days)s) * interval '1 day'
    FROM annotations_labelitem i
    JOIN (SELECT id, row_number() OVER (ORDER BY id) AS at FROM annotations_user WHERE username LIKE 'person%%') p
      ON (p.at + i.id) %% %(people)s < 2;
    INSERT INTO annotations_labelevent (project_id, node_id, author_id, voter, scheme_id, rating, category, seconds,
                                        session_id, shown, created_at)
    SELECT s.project_id, n.id, s.user_id, 'u' || s.user_id, c.id,
           (ARRAY['correct', 'correct', 'correct', 'incorrect', 'neutral'])[1 + (n.id + s.user_id) %% 5],
           CASE WHEN (n.id + s.user_id) %% 5 = 3
                THEN (ARRAY['arithmetic', 'set_up', 'misread', ''])[1 + n.id %% 4] ELSE '' END,
           round((2 + 9 * random() * random() * (3 - 2 * random()))::numeric, 1), s.id,
           jsonb_build_object('prelabels', 'after'), s.submitted_at
    FROM annotations_labelsession s JOIN annotations_labelitem i ON i.id = s.item_id
    JOIN annotations_node n ON n.tree_id = i.tree_id
    CROSS JOIN (SELECT id FROM annotations_labelscheme WHERE project_id = %(project)s LIMIT 1) c
    ORDER BY s.submitted_at, s.id, n.seq;
    INSERT INTO annotations_sessionevent (project_id, session_id, user_id, kind, created_at)
    SELECT s.project_id, s.id, s.user_id, k, s.submitted_at FROM annotations_labelsession s,
           (VALUES ('taken'), ('submitted')) k (k);
"""
TABLES = ("problem", "tree", "node", "labelqueue", "labelitem", "labelsession", "labelevent", "sessionevent")


def fill() -> int:
    """Make the project; return how many ratings it holds."""
    from django.db import connection

    from annotations import teams
    from annotations.labelling import first_scheme
    from annotations.models import Membership, User

    admin = User.objects.create_superuser("odo", password=PASSWORD)
    project = teams.create_project(actor=admin, name="Bench", slug="bench")
    first_scheme(project.pk)
    reviewer = User.objects.create_user("bench", password=PASSWORD)
    Membership.objects.create(project=project, user=reviewer, role="reviewer")
    for number in range(PEOPLE):
        person = User.objects.create(username=f"person{number}")
        Membership.objects.create(project=project, user=person, role="annotator")
    asked = {"project": project.pk, "trees": TREES, "steps": STEPS, "people": PEOPLE, "days": DAYS}
    with connection.cursor() as cursor:
        cursor.execute(cursor.mogrify(FILL, asked))
        for table in TABLES:
            cursor.execute(f"ANALYZE annotations_{table}")
        cursor.execute("SELECT count(*) FROM annotations_labelevent")
        return int(cursor.fetchone()[0])


def spent_ms(act: Callable[[], tuple[int, str]]) -> dict[str, float]:
    """Time an act; return p50 and p95 in milliseconds."""
    spent = []
    for _ in range(WARM + TIMES):
        began = time.perf_counter()
        status, text = act()
        spent.append((time.perf_counter() - began) * 1000)
        assert status == 200, f"answered {status}: {text[:300]}"
    spent = sorted(spent[WARM:])
    return {"p50": round(statistics.median(spent), 1), "p95": round(spent[int(len(spent) * 0.95)], 1)}


def main() -> None:
    with temporary_studio() as home:
        from django.core.management import call_command

        call_command("collectstatic", interactive=False, verbosity=0)
        ratings = fill()
        web, port, _ = start_web(home)
        try:
            browser = Browser(port)
            browser.sign_in()
            found = {name: spent_ms(partial(browser.ask, "GET", f"{PAGE}{query}")) for name, query in PLACES.items()}
        finally:
            web.terminate()
            web.wait(10)
        whole, *_ = found.values()
        others = {f"{name}_p50": each["p50"] for name, each in found.items() if name != "page"}
        figure("desk.progress_p50_ms", whole["p50"], "ms", p95=whole["p95"], ratings=ratings, **others)


if __name__ == "__main__":
    main()
