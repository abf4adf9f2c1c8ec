"""How soon does the labelling page take a key, how soon is a key's mark seen, and how much does the page weigh?

Set-up: the studio's own web process (granian, production settings) on loopback, headless Chromium on the same cores,
a queue of solutions of ten steps with formulae. The first key is pressed as soon as a step is current; its figure runs
from the start of the navigation to the frame that shows the mark (first paint and first key handled), coming from the
list of queues in the same tab, with a warm browser cache, p50 of the visits. In a new tab the browser starts a process
first; beside it stands the first paint of a small page of the frame in a new tab, as what the machine has to spend on
that just then. A later key's figure runs from the press to the frame that shows its mark, while the server answers
nothing: p50 and the worst. The page's weight are the files of script and style that it links, as they lie on the disk,
without what comes with KaTeX and what is loaded when a seldom dialog opens.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks._studio import figure, temporary_studio

VISITS, STEPS, ITEMS = 12, 10, 40
LIST = "/p/bench/desk/"
WITH_KATEX = re.compile("katex|formulae")
FLAGS = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--no-sandbox"]
# Presses "1" as soon as there is a step to rate, and notes when the mark has been drawn.
FIRST = """new MutationObserver((_, watch) => {
  if (!document.querySelector('.step[aria-current]')) return;
  watch.disconnect();
  document.body.dispatchEvent(new KeyboardEvent('keydown', { key: '1', code: 'Digit1', bubbles: true }));
  requestAnimationFrame(() => setTimeout(() => {
    window.firstKey = document.querySelector('.step[data-rating="correct"]') ? performance.now() : -1;
    window.served = performance.getEntriesByType('navigation')[0].responseStart;
  }));
}).observe(document, { subtree: true, childList: true, attributes: true });"""
PRESS = """() => new Promise((done) => {
  const step = document.querySelector('article:not([hidden]) .step[aria-current]');
  const began = performance.now();
  document.body.dispatchEvent(new KeyboardEvent('keydown', { key: '2', code: 'Digit2', bubbles: true }));
  const marked = () => (step.dataset.rating === 'neutral' ? performance.now() - began : -1);
  requestAnimationFrame(() => setTimeout(() => done(marked())));
})"""


def main() -> int:
    with temporary_studio() as home:
        from django.core.management import call_command

        user, queue = fill()
        call_command("collectstatic", interactive=False, verbosity=0)
        process, url = serve(home)
        cookie = signed_in(user, url)
        try:
            measure(url, queue, cookie)
        finally:
            process.terminate()
            process.wait(20)
    return 0


def fill() -> tuple[Any, int]:
    """Make a project with a queue; return who labels it and its id."""
    from annotations import teams
    from annotations.models import LabelItem, LabelQueue, Node, Problem, Tree, User

    user = User.objects.create_superuser("odo", password="benchmark only 1")  # noqa: S106 ends with the script
    project = teams.create_project(actor=user, name="Bench", slug="bench")
    queue = LabelQueue.objects.create(project=project, name="Bench", settings={"rate": "all"})
    for number in range(1, ITEMS + 1):
        asked = f"A shop has {number} crates of $7$ apples and sells $\\frac{{1}}{{2}}$ of them. How many are left?"
        problem = Problem.objects.create(project=project, text=asked, content_hash=str(number))
        tree = Tree.objects.create(project=project, problem=problem, state="done", node_count=STEPS)
        for seq in range(1, STEPS + 1):
            text = f"Line {seq}: $\\frac{{{number}}}{{2}} \\cdot {seq} = {number * seq / 2}$ apples."
            node = Node.objects.create(
                project=project, tree=tree, seq=seq, parent_seq=seq - 1 or None, depth=seq, text=text
            )
        LabelItem.objects.create(project=project, queue=queue, tree=tree, leaf=node, number=number)
    return user, queue.pk


def serve(home: Path) -> tuple[subprocess.Popen[bytes], str]:
    from rationale_studio.supervisor.children import web_plan

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    plan = web_plan(home, "127.0.0.1", port)
    process = subprocess.Popen(plan.command, cwd=Path(__file__).parents[1], env=dict(os.environ))  # noqa: S603
    for _ in range(300):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            break
        except OSError:
            time.sleep(0.1)
    return process, f"http://127.0.0.1:{port}"


def measure(url: str, queue: int, cookie: Any) -> None:
    from playwright.sync_api import sync_playwright

    found = next(path for name in ("chromium", "chromium-browser") if (path := shutil.which(name)))
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=found, args=FLAGS)
        context = chromium.new_context(base_url=url)
        context.add_cookies([cookie])
        path = f"{LIST}{queue}/"
        told(context, path)
        chromium.close()


def told(context: Any, path: str) -> None:
    """Measure and print the figures."""
    for name, new_tabs in (("desk.first_key_ms", False), ("desk.first_key_new_tab_ms", True)):
        first = visits(context, path, new_tabs=new_tabs)
        shown, served = zip(*first, strict=True)
        of = {"worst": round(max(shown), 1), "of_it_server": round(statistics.median(served), 1), "visits": VISITS}
        if new_tabs:
            of["small_page"] = round(small_page(context), 1)
        figure(name, round(statistics.median(shown), 1), "ms p50", **of)
    marks = presses(context, path)
    figure("desk.key_to_mark_ms", round(statistics.median(marks), 1), "ms p50", worst=round(max(marks), 1))
    weight = weight_of(context, path)
    figure("desk.page_kb", round(weight / 1000, 1), "kB", bytes=weight)


def signed_in(user: Any, url: str) -> dict[str, str]:
    from django.conf import settings
    from django.test import Client

    client = Client()
    client.force_login(user)
    name = settings.SESSION_COOKIE_NAME
    return {"name": name, "value": client.cookies[name].value, "url": url}


def visits(context: Any, path: str, *, new_tabs: bool) -> list[tuple[float, float]]:
    """Return the milliseconds to the first key's mark and to the server's answer, visit by visit."""
    taken = []
    page = listening(context)
    for _ in range(VISITS + 1):
        if new_tabs:
            page.close()
            page = listening(context)
        else:
            page.goto(LIST)
        page.goto(path)
        page.wait_for_function("window.firstKey !== undefined")
        taken.append(tuple(page.evaluate("[window.firstKey, window.served]")))
        assert taken[-1][0] > 0, "the first key left no mark"
        page.wait_for_timeout(400)
    page.close()
    # The first visit fills the cache.
    return taken[1:]


def listening(context: Any) -> Any:
    page = context.new_page()
    page.add_init_script(FIRST)
    return page


def small_page(context: Any) -> float:
    """Return the milliseconds to the first paint of a small page in a new tab."""
    taken = []
    for _ in range(VISITS):
        page = context.new_page()
        page.goto(f"{LIST}keys/")
        page.wait_for_timeout(400)
        taken.append(page.evaluate("performance.getEntriesByType('paint')[0].startTime"))
        page.close()
    return float(statistics.median(taken))


def weight_of(context: Any, path: str) -> int:
    page = context.new_page()
    page.goto(path)
    links = page.evaluate(
        "[...document.querySelectorAll('script[src], link[rel=stylesheet]')].map((e) => e.src || e.href)"
    )
    page.close()
    return sum(weigh(urlparse(link).path) for link in links if not WITH_KATEX.search(link))


def weigh(path: str) -> int:
    from django.conf import settings

    return (Path(settings.STATIC_ROOT) / path.removeprefix(settings.STATIC_URL)).stat().st_size


def presses(context: Any, path: str) -> list[float]:
    """Return the milliseconds from a key to its mark while the server answers nothing."""
    page = context.new_page()
    page.goto(path)
    page.wait_for_timeout(1000)
    page.route("**/acts/", lambda route: None)
    return [page.evaluate(PRESS) for _ in range(STEPS - 1)]


if __name__ == "__main__":
    sys.exit(main())
