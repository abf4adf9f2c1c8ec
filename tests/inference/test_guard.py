"""The guard over vLLM's processes: they end with the process that started them, and only then."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable

from inference.engines.guard import started
from rationale_studio.home import CHECKOUT

OWNER = """
import subprocess, sys, time
from inference.engines.guard import Guard

guard = Guard()
child = subprocess.Popen(["sh", "-c", "sleep 60 & echo $!; wait"], stdout=subprocess.PIPE, start_new_session=True)
print(child.pid, int(child.stdout.readline()), flush=True)
if sys.argv[1] == "close":
    time.sleep(1.5)
    guard.close()
    print("closed", flush=True)
time.sleep(60)
"""


def owner(way: str) -> tuple[subprocess.Popen[str], list[int]]:
    """Start a process with a guard, a child and a grandchild; return it and their numbers."""
    process = subprocess.Popen(
        [sys.executable, "-c", OWNER, way], cwd=CHECKOUT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    return process, list(map(int, process.stdout.readline().split()))


def soon(condition: Callable[[], bool]) -> bool:
    return any(condition() or time.sleep(0.05) for _ in range(200))


def test_what_a_killed_process_started_is_ended() -> None:
    process, started_by_it = owner("be killed")
    time.sleep(1.5)
    process.kill()
    process.wait()
    assert soon(lambda: not any(alive(pid) for pid in started_by_it))


def test_a_guard_that_was_called_off_ends_nothing() -> None:
    process, started_by_it = owner("close")
    assert process.stdout is not None and process.stdout.readline() == "closed\n"
    process.kill()
    process.wait()
    time.sleep(1.5)
    try:
        assert all(alive(pid) for pid in started_by_it)
    finally:
        for pid in started_by_it:
            os.kill(pid, signal.SIGKILL)


def alive(pid: int) -> bool:
    """A process that has ended and was not waited for is not alive."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            return bool(started(pid)) and file.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
