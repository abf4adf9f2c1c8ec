"""How long does the labelling desk make people wait?

Set-up: the studio's own web server (granian, two processes of 8 threads, DEBUG off, persistent database connections,
synchronous_commit and fsync on) on loopback, clients on the same cores, each a signed-in annotator with session, CSRF
and role check over one kept connection. Saving: one request carries the ratings of a path of ten steps, each path once;
the rate counts such requests. How the next item is measured is told in benchmarks/_desknext.py. Beside each p50 stands
that of a bare INSERT and COMMIT on the same database.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from datetime import timedelta
from pathlib import Path
from threading import Thread
from typing import Any
from uuid import uuid4

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks._desk import Bench, Wire, filled
from benchmarks._desknext import next_items
from benchmarks._studio import figure, temporary_studio
from benchmarks.pages import bare_insert_ms, start_web

ALONE, TOGETHER, CLIENTS, WARM = 400, 200, 8, 40
# One for each core: a process of Python alone uses no more than one.
PROCESSES = "2"


def main() -> None:
    os.environ["STUDIO_WEB_PROCESSES"] = PROCESSES
    with temporary_studio() as home:
        from django.core.management import call_command

        call_command("collectstatic", interactive=False, verbosity=0)
        bench = filled(items=WARM + ALONE + CLIENTS * TOGETHER, people=CLIENTS)
        web, port, _ = start_web(home)
        try:
            saves(bench, port)
            next_items(port, bench.people)
        finally:
            web.terminate()
            web.wait(10)


def saves(bench: Bench, port: int) -> None:
    wires = [Wire(port, user.username) for user in bench.people]
    acts = acts_of(bench)
    first = [wires[0].request("/p/bench/desk/acts/", {"acts": body}) for body in acts[0]]
    spent = [timed(wires[0], request) for request in first][WARM:]
    shares = [
        [wire.request("/p/bench/desk/acts/", {"acts": body}) for body in bodies]
        for wire, bodies in zip(wires, acts[1:], strict=True)
    ]
    together = at_once(wires, shares)
    alone = 1000 / statistics.mean(spent)
    bare = bare_insert_ms()
    p95 = round(sorted(spent)[int(len(spent) * 0.95)], 2)
    p50 = round(statistics.median(spent), 2)
    figure("desk.save_p50_ms", p50, "ms", p95=p95, ratings=10, bare_insert_p50_ms=bare)
    figure("desk.saves_per_s_8", round(together, 1), "1/s", ratings=10, one_client=round(alone, 1))


def timed(wire: Wire, request: bytes) -> float:
    began = time.perf_counter()
    answer = wire.send(request)
    spent = (time.perf_counter() - began) * 1000
    assert answer.count(b'"saved"') == 10, answer[:400]
    return spent


def at_once(wires: list[Wire], shares: list[list[bytes]]) -> float:
    """Let every client send its requests one after the other; return the requests answered a second."""

    def run(wire: Wire, requests: list[bytes]) -> None:
        for request in requests:
            assert wire.send(request).count(b'"saved"') == 10

    threads = [Thread(target=run, args=pair) for pair in zip(wires, shares, strict=True)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(map(len, shares)) / (time.perf_counter() - began)


def acts_of(bench: Bench) -> list[list[list[dict[str, Any]]]]:
    """Lease every item to somebody; return the acts of each path: first those of one client alone, then everybody's."""
    from django.db import connection
    from django.utils import timezone

    from annotations.models import LabelItem, LabelSession, Node

    items = list(LabelItem.objects.order_by("number"))
    nodes: dict[int, list[int]] = {}
    for tree, node in Node.objects.order_by("tree_id", "seq").values_list("tree_id", "pk"):
        nodes.setdefault(tree, []).append(node)
    owners = [0] * (WARM + ALONE) + [number for number in range(CLIENTS) for _ in range(TOGETHER)]
    until = timezone.now() + timedelta(minutes=20)
    sessions = LabelSession.objects.bulk_create(
        LabelSession(project=bench.project, item=item, queue=bench.queue, user=bench.people[owner], lease_until=until)
        for item, owner in zip(items, owners, strict=True)
    )
    LabelItem.objects.update(places=0, takers=1)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    bodies = [rated(session.pk, nodes[item.tree_id]) for session, item in zip(sessions, items, strict=True)]
    rest = bodies[WARM + ALONE :]
    return [bodies[: WARM + ALONE], *(rest[n * TOGETHER : (n + 1) * TOGETHER] for n in range(CLIENTS))]


def rated(session: int, nodes: list[int]) -> list[dict[str, Any]]:
    """Return the acts that rate a path, with all that a page says."""
    shown = {"reference": True, "evidence": True, "prelabels": "hidden"}
    said = {"kind": "rate", "session": session, "seen": 0, "rating": "correct", "category": "", "note": "",
            "rewrite": "", "flagged": False, "chosen": False, "seconds": 3.2, "shown": shown}  # fmt: skip
    return [{**said, "node": node, "key": str(uuid4())} for node in nodes]


if __name__ == "__main__":
    main()
