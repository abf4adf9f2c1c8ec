"""How long do the pages take, as a person's browser would ask for them?

Set-up: the studio's own web process (granian, one process, 8 threads, DEBUG off, persistent database connections,
synchronous_commit on) on loopback, its client on the same cores; a signed-in reviewer with session, CSRF and role
check; a project with 10,000 problems and a tree of 1,000 nodes. Each figure is a full HTTP round trip over one kept
connection. Beside the label figure stands the p50 of a bare INSERT and COMMIT on the same database. The first page is
the time from the start of the web process to the first whole page, with the database running and filled.
"""

from __future__ import annotations

import http.client
import json
import re
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks._studio import figure, temporary_studio

PROBLEMS, NODES, WARM, TIMES = 10_000, 1_000, 15, 150
PASSWORD = "benchmark only 1"  # noqa: S105 a database that ends with the script


class Browser:
    """One kept connection with cookies."""

    def __init__(self, port: int) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self.cookies: dict[str, str] = {}

    def ask(self, method: str, path: str, body: dict[str, str] | None = None, **headers: str) -> tuple[int, str]:
        sent = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()), **headers}
        if body is not None:
            sent["Content-Type"] = "application/x-www-form-urlencoded"
            sent["X-CSRFToken"] = self.cookies.get("csrftoken", "")
        self.connection.request(method, path, urlencode(body) if body is not None else None, sent)
        answer = self.connection.getresponse()
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        return answer.status, answer.read().decode()

    def sign_in(self) -> None:
        self.ask("GET", "/login/")
        status, _ = self.ask("POST", "/login/", {"username": "bench", "password": PASSWORD})
        assert status == 302, f"signing in answered {status}"


def fill(home: Path) -> tuple[int, list[int]]:
    """Make the project; return the id of the tree and the ids of its nodes."""
    from annotations import imports, teams
    from annotations.models import Membership, Node, Problem, Tree, User

    admin = User.objects.create_superuser("odo", password=PASSWORD)
    user = User.objects.create_user("bench", password=PASSWORD)
    project = teams.create_project(actor=admin, name="Bench", slug="bench")
    Membership.objects.create(project=project, user=user, role="reviewer")
    path = home / "problems.jsonl"
    rows = (
        {"problem": f"Problem {n}: a shop has {n} crates of {n % 9 + 2} apples and sells {n % 7} of them. How many "
                    f"apples are left in the shop at the end of the day?", "answer": str(n), "level": n % 5}
        for n in range(PROBLEMS)
    )  # fmt: skip
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    imports.import_file(project=project, path=path, name=path.name, format="plain", actor=admin)
    problem = Problem.objects.filter(project=project).order_by("id")[0]
    tree = Tree.objects.create(project=project, problem=problem, state="done", node_count=NODES, external_key="bench")
    Node.objects.bulk_create(nodes_of(tree))
    return tree.pk, list(Node.objects.filter(tree=tree).order_by("seq").values_list("pk", flat=True))


def nodes_of(tree: Any) -> list[Any]:
    """Return a tree three wide with paths of ten steps, with formulae in a third of the steps."""
    from annotations.models import Node

    depths = {0: 0}
    nodes = []
    for seq in range(1, NODES + 1):
        parent = max(0, (seq - 1) // 3) if seq <= NODES * 2 // 3 else seq - 1
        depths[seq] = depths[parent] + 1
        formula = (
            f"so that $\\frac{{{seq}}}{{3}} = {seq / 3:.2f}$" if seq % 3 == 0 else f"which is {seq} + 4 = {seq + 4}"
        )
        nodes.append(
            Node(
                project_id=tree.project_id, tree=tree, seq=seq, parent_seq=parent or None, depth=depths[seq],
                text=f"The shop sells {seq} crates of apples in the morning, {formula} apples.", visits=seq % 9,
                value_sum=float(seq % 5 - 2),
            )
        )  # fmt: skip
    return nodes


def start_web(home: Path) -> tuple[subprocess.Popen[bytes], int, float]:
    """Start the studio's own web process; return it, its port and the seconds to the first whole page."""
    from rationale_studio.supervisor.children import children_environment, web_plan

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    plan = web_plan(home, "127.0.0.1", port)
    began = time.perf_counter()
    web = subprocess.Popen(plan.command, env=children_environment(home), cwd=Path(__file__).parents[1])  # noqa: S603
    while time.perf_counter() - began < 60:
        try:
            if Browser(port).ask("GET", "/login/")[0] == 200:
                return web, port, time.perf_counter() - began
        except OSError:
            time.sleep(0.01)
    web.kill()
    raise SystemExit("the web process did not answer within 60 s")


def p50_ms(act: Callable[[int], tuple[int, str]], expected: int = 200) -> dict[str, float]:
    """Time an act; return p50 and p95 in milliseconds."""
    spent = []
    for number in range(WARM + TIMES):
        began = time.perf_counter()
        status, text = act(number)
        spent.append((time.perf_counter() - began) * 1000)
        assert status == expected, f"answered {status}: {text[:300]}"
    spent = sorted(spent[WARM:])
    return {"p50": round(statistics.median(spent), 2), "p95": round(spent[int(len(spent) * 0.95)], 2)}


def bare_insert_ms() -> float:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE IF NOT EXISTS bare (id bigserial PRIMARY KEY, text text)")
        spent = []
        for _ in range(TIMES):
            began = time.perf_counter()
            cursor.execute("INSERT INTO bare (text) VALUES ('a label')")
            spent.append((time.perf_counter() - began) * 1000)
    return round(statistics.median(spent), 2)


def resident_mib(pid: int) -> float:
    """Return the resident memory of the worker process, the process that answers."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    stati = [Path(f"/proc/{child}/status").read_text() for child in children]
    return round(max(int(kib) for status in stati for kib in re.findall(r"VmRSS:\s+(\d+)", status)) / 1024, 1)


def main() -> None:
    with temporary_studio() as home:
        from django.core.management import call_command

        call_command("collectstatic", interactive=False, verbosity=0)
        tree, nodes = fill(home)
        web, port, first = start_web(home)
        try:
            browser = Browser(port)
            browser.sign_in()
            listed = p50_ms(lambda n: browser.ask("GET", "/p/bench/"))
            shown = p50_ms(lambda n: browser.ask("GET", f"/p/bench/trees/{tree}/?node={n + 1}"))
            htmx = {"HX-Request": "true"}
            labelled = p50_ms(lambda n: browser.ask("POST", f"/p/bench/nodes/{nodes[n]}/label/", judgement(), **htmx))
            memory = resident_mib(web.pid)
        finally:
            web.terminate()
            web.wait(10)
        figure("pages.list_p50_ms", listed["p50"], "ms", p95=listed["p95"], problems=PROBLEMS)
        figure("pages.tree_p50_ms", shown["p50"], "ms", p95=shown["p95"], nodes=NODES)
        figure("pages.label_p50_ms", labelled["p50"], "ms", p95=labelled["p95"], bare_insert_p50_ms=bare_insert_ms())
        figure("pages.first_page_s", round(first, 2), "s", page="/login/")
        figure("pages.web_rss_mib", memory, "MiB", process="web worker")


def judgement() -> dict[str, str]:
    return {"rating": "correct", "version": "0", "key": str(uuid4()), "category": "", "note": "", "rewrite": ""}


if __name__ == "__main__":
    main()
