"""What does logging cost the search that logs?

Set-up: the studio's own web process on loopback, one client process that logs 100,000 nodes (texts of 80 to 120
characters, a score and a value each) as fast as it can while its thread sends them on the same two cores. The figure is
the time inside `TreeLogger.node` by node; beside it the time until the server had them all.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks._studio import figure, temporary_studio
from benchmarks.pages import PASSWORD, start_web

NODES, PART = 100_000, 1000


def token() -> str:
    """Make a project that the reviewer may log into; return his token."""
    from rest_framework.authtoken.models import Token

    from annotations import teams
    from annotations.models import User

    user = User.objects.create_superuser("odo", password=PASSWORD)
    teams.create_project(actor=user, name="Logged", slug="logged")
    return str(Token.objects.create(user=user).key)


def main() -> None:
    from django.core.management import call_command

    from rationale_client import TreeLogger

    with temporary_studio() as home, tempfile.TemporaryDirectory() as spool:
        call_command("collectstatic", interactive=False, verbosity=0)
        key = token()
        web, port, _ = start_web(home)
        try:
            log = TreeLogger("logged", problem="A search", url=f"http://127.0.0.1:{port}", token=key, spool=spool)
            texts = [
                f"Step {n}: the shop sells {n} crates of apples, so {n} + 4 = {n + 4} are left." for n in range(PART)
            ]
            parts = []
            whole = time.perf_counter()
            for at in range(0, NODES, PART):
                began = time.perf_counter()
                for text in texts:
                    log.node(at // 3 or None, text, score=0.5, value=0.25)
                parts.append((time.perf_counter() - began) / PART * 1e6)
            logged = time.perf_counter() - whole
            arrived = log.done(timeout=120)
            through = time.perf_counter() - whole
        finally:
            web.terminate()
            web.wait(10)
    figure(
        "tree_logger.us_per_node", round(logged / NODES * 1e6, 2), "us", nodes=NODES, arrived=arrived,
        slowest_thousand_us=round(max(parts), 2), median_thousand_us=round(statistics.median(parts), 2),
        nodes_per_s_to_the_database=round(NODES / through),
    )  # fmt: skip


if __name__ == "__main__":
    main()
