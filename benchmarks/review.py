"""How long from a file to the review page, and how long does that page take?

First page: `studio review FILE --no-browser` on a fresh data folder, as a person would type it, with 3,400 generated
rationales of about 8 steps with scores and labels; from the start of the command until the page has been read whole
through the link that the command prints. Servers, tables, static files and import are part of it; the steps are
checked while the page is open.

Page: the studio's own web process with production settings (as in benchmarks/pages.py), a signed-in reviewer, 100,000
steps with a score, a verdict and (80 in 100) a label each; full HTTP round trips over one kept connection. Then a
second scorer speaks of every step, and the two are held against each other.
"""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.request import HTTPCookieProcessor, build_opener

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks._studio import figure, temporary_studio
from benchmarks.pages import PASSWORD, Browser, p50_ms, start_web

CHECKOUT = Path(__file__).resolve().parents[1]
RATIONALES, STEPS, SCORED = 3_400, 8, 100_000
GENERATORS = ("small", "middle", "large", "other small", "other large", "own")
PATIENCE_SECONDS = 300


def rows(count: int) -> Iterator[dict[str, Any]]:
    """Yield rollouts of 6 to 10 steps, four a problem, 45 in 100 with a false sum, with a noisy scorer's numbers."""
    draw = random.Random(7)  # noqa: S311 no secret
    for number in range(count):
        length, total = draw.randint(STEPS - 2, STEPS + 2), draw.randint(3, 90)
        error = draw.randrange(length) if draw.random() < 0.45 else -1
        steps, scores = [], []
        for at in range(length):
            more = draw.randint(2, 40)
            shown = total + more + (10 if at == error else 0)
            tail = " The clerk counts the crates twice to be sure of it." * (draw.random() < 0.4)
            steps.append(f"Part {at + 1}: {more} crates come in, so there are {total} + {more} = {shown} crates.{tail}")
            scores.append(min(1.0, max(0.0, round(draw.gauss(0.85 if error < 0 or at < error else 0.25, 0.25), 4))))
            total = shown
        yield {
            "id": f"r{number}", "generator": GENERATORS[number % len(GENERATORS)], "scorer": "noisy",
            "problem": f"Problem {number // 4}: a shop has crates of apples and gets more. How many are there?",
            "steps": steps, "scores": scores, "first_error": error,
        }  # fmt: skip


def write(path: Path, count: int) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows(count)))
    return path


def first_page() -> tuple[float, int]:
    """Return the seconds from the command to the page, and the page's size."""
    from rationale_studio import home as places

    home = Path(tempfile.mkdtemp(prefix="rs-bench-"))
    environment = {**os.environ, "STUDIO_HOME": str(places.make_home(home))}
    for name in ("PORT", "DATABASE_URL", "CELERY_BROKER_URL", "DJANGO_SETTINGS_MODULE", "STUDIO_DEBUG"):
        environment.pop(name, None)
    file, log = write(home / "rollouts.jsonl", RATIONALES), home / "review.log"
    command = [sys.executable, "-m", "rationale_studio.cli", "review", str(file), "--no-browser"]
    began = time.perf_counter()
    with log.open("w") as output:
        studio = subprocess.Popen(command, cwd=CHECKOUT, env=environment, stdout=output, stderr=output)
    try:
        while not (found := re.findall(r"signs you in once: (\S+)", log.read_text())):
            if studio.poll() is not None or time.perf_counter() - began > PATIENCE_SECONDS:
                raise SystemExit(f"the command did not get there:\n{log.read_text()}")
            time.sleep(0.02)
        page = build_opener(HTTPCookieProcessor(CookieJar())).open(found[0]).read()
        seconds = time.perf_counter() - began
        assert b"noisy" in page and b'class="matrix"' in page
        return seconds, len(page)
    finally:
        studio.send_signal(signal.SIGINT)
        studio.wait(60)
        shutil.rmtree(places.runtime_folder(home), ignore_errors=True)
        shutil.rmtree(home, ignore_errors=True)


CHECKS = """
    INSERT INTO annotations_toolcheck (project_id, node_id, verifier, version, verdict)
    SELECT project_id, id, 'claims', '1',
           CASE WHEN id %% 25 = 0 THEN 'refuted' WHEN id %% 10 < 5 THEN 'supported' ELSE 'undecided' END
    FROM annotations_node WHERE project_id = %s
"""


def fill(home: Path) -> dict[str, object]:
    """Make the project with its steps; return what it cost."""
    from django.db import connection

    from annotations import imports, teams
    from annotations.models import Membership, User
    from annotations.reviewing.fold import fold

    admin = User.objects.create_superuser("odo", password=PASSWORD)
    project = teams.create_project(actor=admin, name="Bench", slug="bench")
    Membership.objects.create(
        project=project, user=User.objects.create_user("bench", password=PASSWORD), role="reviewer"
    )
    path = write(home / "rollouts.jsonl", SCORED // STEPS)
    report = imports.import_file(project=project, path=path, name=path.name, actor=admin)
    with connection.cursor() as cursor:
        cursor.execute(CHECKS, [project.pk])
    began = time.perf_counter()
    fold(project.pk)
    return {"scores": report.scores_new, "import_s": report.seconds, "count_s": round(time.perf_counter() - began, 1)}


SECOND = """
    INSERT INTO annotations_score (project_id, node_id, scorer, version, value)
    SELECT project_id, node_id, 'second', version, least(1, greatest(0, value + (hashint8(node_id) %% 100) / 300.0))
    FROM annotations_score WHERE project_id = %s
"""
PLACES = {
    "mistakes": "",
    "agreement": "?matrix=label&cell=correct.correct",
    "agreement_page_40": "?matrix=label&cell=correct.correct&page=40",
    "slice": "?matrix=label&source=large&depth=4",
    "tool": "?matrix=tool",
    "check": "?matrix=check",
}
PAIRS = {"two_scorers": "?matrix=pair", "two_scorers_agree": "?matrix=pair&cell=correct.correct"}


def timed(browser: Browser, query: str) -> dict[str, float]:
    return p50_ms(lambda n: browser.ask("GET", f"/p/bench/review/{query}"))


def second_scorer() -> None:
    """Have another scorer speak of every step."""
    from django.db import connection

    from annotations.models import Project
    from annotations.reviewing.fold import fold

    project = Project.objects.get(slug="bench")
    with connection.cursor() as cursor:
        cursor.execute(SECOND, [project.pk])
    fold(project.pk)


def pages(home: Path) -> None:
    from django.core.management import call_command

    call_command("collectstatic", interactive=False, verbosity=0)
    cost = fill(home)
    web, port, _ = start_web(home)
    try:
        browser = Browser(port)
        browser.sign_in()
        spent = {name: timed(browser, query) for name, query in PLACES.items()}
        second_scorer()
        browser.connection.close()  # a connection that was silent for so long is closed at the other end
        spent |= {name: timed(browser, query) for name, query in PAIRS.items()}
    finally:
        web.terminate()
        web.wait(10)
    first, *_ = spent.values()
    others = {f"{name}_p50": figures["p50"] for name, figures in spent.items() if name != "mistakes"}
    figure("review.page_p50_ms", first["p50"], "ms", p95=first["p95"], **others, **cost)


def main() -> None:
    seconds, size = first_page()
    figure("review.first_page_s", round(seconds, 1), "s", rationales=RATIONALES, page_bytes=size)
    with temporary_studio() as home:
        pages(home)


if __name__ == "__main__":
    main()
