"""Ends what a process has started once it is gone, however it went. Runs as a program of its own, on Linux.

vLLM's engine goes on, and keeps the device, when the process that started it is killed. `python guard.py PID` looks
every second at the descendants of PID (its parent); when that is gone, those that still are the same processes are
killed. A line on its standard input ends it.
"""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

LOOK_SECONDS = 1.0


class Guard:
    """A guard over this process, from now until `close`."""

    def __init__(self) -> None:
        command = [sys.executable, "-I", "-S", __file__, str(os.getpid())]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, start_new_session=True
        )

    def close(self) -> None:
        """Call the guard off."""
        with suppress(OSError):
            self._process.communicate(b"done\n", timeout=10)


def watch(parent: int) -> None:
    """Look at what `parent` starts until it is gone or calls us off."""
    known: dict[int, str] = {}
    while os.getppid() == parent:
        known = {child: started(child) for child in descendants(parent) if child != os.getpid()}
        ready, _, _ = select.select([sys.stdin], [], [], LOOK_SECONDS)
        if ready:
            if sys.stdin.readline():
                return
            break
    for child, since in known.items():
        if since and started(child) == since:
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)


def descendants(pid: int) -> list[int]:
    """Return the children of a process, their children and so on."""
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            for child in map(int, task.read_text().split()):
                found += [child, *descendants(child)]
    return found


def started(pid: int) -> str:
    """Return when a process was started, in the kernel's ticks; "" when there is none."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return ""


if __name__ == "__main__":
    watch(int(sys.argv[1]))
