"""How a process that forks children ends one of them. Imports nothing of ours: it also stands in the jail."""

from __future__ import annotations

import os
import signal
import time


def end_child(pid: int, patience: float) -> int:
    """Reap a child of this process, killed when it has not ended by itself within `patience` seconds.

    A process closes its sockets a moment before it can be reaped. Return the signal that had ended it, or 0.
    """
    until = time.monotonic() + patience
    done, status = os.waitpid(pid, os.WNOHANG)
    while not done and time.monotonic() < until:
        time.sleep(0.001)
        done, status = os.waitpid(pid, os.WNOHANG)
    if done:
        return os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return 0
