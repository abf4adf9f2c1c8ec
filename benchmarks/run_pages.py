"""How long do the page of a large run and the comparison of two take on the server?

Set-up: two runs over the same 10,000 problems, 160 shards with the figures of 20 rounds each, trees of 20 steps with a
verdict each (200,000 a run). Django's test client asks in this process, with the session's and role's checks, so that
the figure is the server's time without a socket. p50 of 15 after 3; "first" is a look that counts everything anew, as
the first one does, and of a run that goes on one every ten seconds.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks._studio import figure, temporary_studio

TREES, STEPS, SHARDS, ROUNDS, TIMES = 10_000, 20, 160, 20, 15
ROWS = f"""
SET session_replication_role = replica;
INSERT INTO annotations_problem (project_id, text, answer, content_hash)
SELECT %(project)s, 'A shop has ' || n || ' crates of 7 apples and sells 30. How many are left? ' || repeat('x', 200),
       n::text, n::text FROM generate_series(1, {TREES}) n;
INSERT INTO annotations_runshard (project_id, run_id, number, queue, state, checkpoint)
SELECT %(project)s, r.id, n, 'gpu', 'done', jsonb_build_object(
           'sums', jsonb_build_object('tokens', 90000, 'seconds', 30.5, 'nodes', 1250, 'merged', 12, 'malformed', 3,
               'row_seconds', 1500.0, 'busy_seconds', 28.5, 'prompt_tokens', 500000, 'cached_tokens', 400000),
           'rounds', (SELECT jsonb_agg(jsonb_build_object('trees', 64, 'nodes', 62, 'requests', 190, 'tokens', 4500,
               'kept_tokens', 1200, 'malformed', 0, 'merged', 1, 'checks', 62, 'seconds', 1.525, 'check_seconds', 0.1,
               'row_seconds', 75.0, 'busy_seconds', 1.4, 'prompt_tokens', 25000, 'cached_tokens', 20000, 'retries', 0))
               FROM generate_series(1, {ROUNDS})))
FROM annotations_run r, generate_series(1, {SHARDS}) n;
INSERT INTO annotations_tree (project_id, problem_id, run_id, shard_id, state, rounds_done, node_count, correct_paths,
                              wrong_paths, stats)
SELECT %(project)s, p.id, r.id, s.id, CASE WHEN r.state = 'running' AND p.id %% 10 = 0 THEN 'growing' ELSE 'done' END,
       {ROUNDS}, {STEPS}, (p.id * (r.id + 3) %% 7 < 3)::int, 3, jsonb_build_object('tokens', 1400 + p.id * r.id %% 99,
           'malformed', 0, 'merged', 2, 'kept', '{{"succeeds": 6, "refuted": 2, "never succeeds": 5}}'::jsonb,
           'dropped', '{{"too few paths": 2}}'::jsonb, 'consistency', '{{"agree": 5, "disagree": 1}}'::jsonb,
           'memo', jsonb_build_object('best', {STEPS}, 'answer', '7', 'confidence', 0.5))
FROM annotations_run r JOIN annotations_problem p ON true
     JOIN annotations_runshard s ON s.run_id = r.id AND s.number = p.id %% {SHARDS} + 1
ORDER BY r.id, p.id;
INSERT INTO annotations_node (project_id, tree_id, seq, parent_seq, text, run_id, round, tokens, visits)
SELECT t.project_id, t.id, n, nullif(n - 1, 0), 'Then 7 * ' || n || ' = ' || 7 * n || ' apples are there.', t.run_id,
       n, 14, 3 FROM annotations_tree t, generate_series(1, {STEPS}) n;
INSERT INTO annotations_toolcheck (project_id, node_id, run_id, verifier, version, verdict, claims)
SELECT project_id, id, run_id, 'claims', '1', (ARRAY['supported', 'undecided', 'refuted'])[1 + (id %% 5) / 2],
       '[{{"text": "7 * 3 = 21", "verdict": "supported", "detail": "", "start": 0, "end": 10}}]' FROM annotations_node;
SET session_replication_role = DEFAULT;
"""  # noqa: S608 numbers of our own


def main() -> int:
    with temporary_studio():
        from django.conf import settings
        from django.core.cache import cache
        from django.core.management import call_command
        from django.test import Client

        settings.ALLOWED_HOSTS = ["*"]
        call_command("collectstatic", interactive=False, verbosity=0)
        user, first, second = fill()
        client = Client()
        client.force_login(user)
        base = "/p/bench/runs/"
        asked = {"trees": TREES, "steps": STEPS, "shards": SHARDS, "rounds": ROUNDS}
        part = {"HX-Request": "true"}
        for name, path, headers in (
            ("run_pages.run", f"{base}{first}/", {}),
            ("run_pages.live_part", f"{base}{second}/", part),
            ("run_pages.list", base, {}),
            ("run_pages.compare", f"{base}compare/?a={first}&b={second}", {}),
        ):
            figure(name, round(timed(client, path, headers), 1), "ms p50", **asked)
            if name in ("run_pages.run", "run_pages.compare"):
                figure(f"{name}_first", round(timed(client, path, headers, cache.clear), 1), "ms p50", **asked)
    return 0


def fill() -> tuple[Any, int, int]:
    """Make the project and its two runs; return who looks and the runs' ids."""
    from django.db import connection
    from django.utils import timezone

    from annotations import teams
    from annotations.models import Run, User

    user = User.objects.create_superuser("odo", password="benchmark only 1")  # noqa: S106 ends with the script
    project = teams.create_project(actor=user, name="Bench", slug="bench")
    now = timezone.now()
    made = [
        Run.objects.create(project=project, kind="generate", state=state, started_at=now, params={"rounds": ROUNDS})
        for state in ("done", "running")
    ]
    with connection.cursor() as cursor:
        cursor.execute(ROWS, {"project": project.pk})
        cursor.execute("VACUUM ANALYZE")
    return user, made[0].pk, made[1].pk


def timed(client: Any, path: str, headers: dict[str, str], before: Callable[[], object] = lambda: None) -> float:
    """Return the milliseconds of half of the answers; `before` is done before each."""
    taken = []
    for at in range(3 + TIMES):
        before()
        began = time.perf_counter()
        answer = client.get(path, headers=headers)
        if at >= 3:
            taken.append(1000 * (time.perf_counter() - began))
        assert answer.status_code == 200, f"{path} answered {answer.status_code}"
    return statistics.median(taken)


if __name__ == "__main__":
    sys.exit(main())
