"""Processes that log while the server is killed and started again: everything arrives, once."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.db.models import Count
from rest_framework.authtoken.models import Token

from annotations.models import Node, Score, Tree
from rationale_client import spool
from rationale_client.spool import Spool
from tests.factories import cast
from tests.webs import Web, web
from tests.workers import ROOT

__all__ = ["web"]
# A search that logs `nodes` steps over about `seconds`, three wide, then waits for them.
SEARCH = """
import sys, time
from rationale_client import TreeLogger
url, token, spool, name, nodes, seconds = sys.argv[1:5] + [int(sys.argv[5]), float(sys.argv[6])]
log = TreeLogger("words", problem=f"Problem of {name}", url=url, token=token, spool=spool)
for number in range(1, nodes + 1):
    log.node((number + 1) // 3 or None, f"{name} says {number} + 1 = {number + 1}", score=0.5, value=0.25)
    if number % 100 == 0:
        time.sleep(seconds * 100 / nodes)
sys.exit(0 if log.done(timeout=120) else 1)
"""


def searches(
    web: Web, token: str, spool: Path, *, processes: int, nodes: int, seconds: float
) -> list[subprocess.Popen[bytes]]:
    return [
        subprocess.Popen(  # noqa: S603 own command
            [sys.executable, "-c", SEARCH, web.url, token, str(spool), f"search {n}", str(nodes), str(seconds)],
            cwd=ROOT,
        )
        for n in range(processes)
    ]


def logged_through(web: Web, spool: Path, *, processes: int, nodes: int, seconds: float, restarts: int) -> None:
    team = cast()
    token = Token.objects.create(user=team.bo).key
    children = searches(web, token, spool, processes=processes, nodes=nodes, seconds=seconds)
    for _ in range(restarts):
        time.sleep(seconds / (restarts + 1))
        web.kill()
        time.sleep(min(1.0, seconds / 4))
        web.start()
    assert [child.wait(150) for child in children] == [0] * processes
    assert Node.objects.count() == processes * nodes
    assert Score.objects.count() == processes * nodes
    trees = Tree.objects.annotate(held=Count("nodes")).values_list("state", "node_count", "held")
    assert list(trees) == [("done", nodes, nodes)] * processes
    assert not list(spool.rglob("*.json"))


@pytest.mark.django_db(transaction=True)
def test_two_processes_log_through_a_killed_server(web: Web, tmp_path: Path) -> None:
    logged_through(web, tmp_path, processes=2, nodes=1500, seconds=2.0, restarts=1)


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_four_processes_log_a_hundred_thousand_nodes_through_two_killed_servers(web: Web, tmp_path: Path) -> None:
    logged_through(web, tmp_path, processes=4, nodes=25_000, seconds=20.0, restarts=2)


@pytest.mark.django_db(transaction=True)
def test_what_an_ended_process_left_is_sent_by_the_next(web: Web, tmp_path: Path) -> None:
    team = cast()
    token = Token.objects.create(user=team.bo).key
    web.kill()
    (child,) = searches(web, token, tmp_path, processes=1, nodes=200, seconds=0)
    time.sleep(1.5)
    child.kill()
    child.wait(10)
    assert list(tmp_path.rglob("*.json"))
    web.start()
    assert searches(web, token, tmp_path, processes=1, nodes=10, seconds=0)[0].wait(60) == 0
    assert Node.objects.count() == 210


def test_a_process_that_starts_beside_another_keeps_its_own_logs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    beside = Spool(tmp_path)
    lock = spool._taken

    def slowly(folder: Path) -> int | None:
        monkeypatch.setattr(spool, "_taken", lock)
        beside.adopt()
        return lock(folder)

    monkeypatch.setattr(spool, "_taken", slowly)
    ours = Spool(tmp_path)
    ours.put(b"{}")
    beside.adopt()
    assert (len(ours.waiting()), beside.waiting()) == (1, [])
