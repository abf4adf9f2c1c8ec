"""Verifiers that misbehave, for the pool's tests; every one is run in a confined child only."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Sequence
from pathlib import Path

from inference.types import Problem, Verdict, VerdictKind


class Obedient:
    """Does what the step says."""

    id, version, title = "obedient", "7", "Does as it is told"
    params: dict[str, object] = {}

    def applies(self, problem: Problem) -> bool:
        return True

    def check(self, problem: Problem, prefix: Sequence[str], step: str) -> Verdict:
        message = step
        if step == "hang":
            time.sleep(600)
        elif step == "allocate":
            bytearray(300 * 2**20)
        elif step == "die":
            os._exit(3)
        elif step == "killed":
            os.kill(os.getpid(), signal.SIGKILL)
        elif step == "raise":
            raise KeyError(step)
        elif step == "identity":
            message = f"{os.getpid()} {os.getuid()} {os.getgid()} {len(os.getgroups())} {_no_new_privs()}"
        elif step == "own source":
            message = _readable(__file__)
        return Verdict(VerdictKind.SUPPORTED, self.id, self.version, (), message)


def _no_new_privs() -> str:
    try:
        status = Path("/proc/self/status").read_text(encoding="utf-8")
    except FileNotFoundError:
        return "1"
    return next(line.split()[1] for line in status.splitlines() if line.startswith("NoNewPrivs"))


def _readable(path: str) -> str:
    try:
        return f"readable, {len(Path(path).read_text(encoding='utf-8'))} characters"
    except PermissionError:
        return "not readable"
