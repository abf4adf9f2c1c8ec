"""The web server's worker processes live as long as the server, and no longer."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from tests.webs import Web, web
from tests.workers import until

__all__ = ["web"]
pytestmark = pytest.mark.django_db(transaction=True)


def children_of(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def test_a_server_that_is_killed_takes_its_processes_with_it(web: Web) -> None:
    assert web.process is not None
    children = children_of(web.process.pid)
    assert children
    os.kill(web.process.pid, signal.SIGKILL)
    web.process.wait(10)
    until(lambda: not any(Path(f"/proc/{child}").exists() for child in children), 20, "the end of its processes")


@pytest.mark.long
def test_a_process_that_ends_is_replaced(web: Web) -> None:
    assert web.process is not None
    first = set(children_of(web.process.pid))
    for child in first:
        os.kill(child, signal.SIGKILL)
    server = web.process.pid
    until(lambda: bool(set(children_of(server)) - first) and web.answers(), 30, "another process")
