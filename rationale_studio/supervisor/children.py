"""The programs that the supervisor keeps alive, and the waiting time before it starts a dead one again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from rationale_studio import home as places
from rationale_studio.services.process import spawn

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0
STEADY_SECONDS = 60.0
LARGEST_LOG = 10 * 1024 * 1024
POOLS = {"gpu": ["--pool=solo"], "tools": ["--pool=solo"], "light": ["--pool=threads", "--concurrency=4"]}


@dataclass(frozen=True)
class Plan:
    """What one child runs, and how long it gets to end in good order."""

    name: str
    command: tuple[str, ...]
    log: Path
    grace_seconds: float
    # What the kernel sends if the supervisor is killed; workers hold nothing that the database does not know.
    death_signal: signal.Signals


@dataclass
class Child:
    """One planned program, running or waiting to be started again."""

    plan: Plan
    environment: Mapping[str, str]
    process: subprocess.Popen[bytes] | None = None
    began: float = 0.0
    pause: float = FIRST_PAUSE
    again_at: float = field(default=0.0)

    def start(self) -> None:
        rotate(self.plan.log)
        self.began = time.monotonic()
        self.process = spawn(
            self.plan.command,
            log=self.plan.log,
            cwd=places.CHECKOUT,
            environment=self.environment,
            death_signal=self.plan.death_signal,
        )

    def watch(self) -> str | None:
        """Look once; start again what has waited long enough. Return a line to tell, if something happened."""
        now = time.monotonic()
        if self.process is None:
            if now < self.again_at:
                return None
            self.start()
            return f"{self.plan.name} started again"
        code = self.process.poll()
        if code is None:
            return None
        if now - self.began > STEADY_SECONDS:
            self.pause = FIRST_PAUSE
        self.process, self.again_at, pause = None, now + self.pause, self.pause
        self.pause = min(self.pause * 2, LONGEST_PAUSE)
        return (
            f"{self.plan.name} ended ({ending(code)}); starting it again in {pause:.0f} s; its log is {self.plan.log}"
        )

    def ask_to_end(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.terminate()

    def await_end(self, deadline: float) -> bool:
        """Wait until the deadline, then kill; say whether it ended by itself."""
        if self.process is None:
            return True
        try:
            self.process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            return False
        return True


def ending(code: int) -> str:
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"code {code}"


def rotate(log: Path) -> None:
    """Keep one earlier log, so that a studio that runs for months does not fill its disk."""
    log.parent.mkdir(exist_ok=True)
    if log.exists() and log.stat().st_size > LARGEST_LOG:
        log.replace(log.with_suffix(".log.1"))


def web_plan(home: Path, host: str, port: int) -> Plan:
    command = (sys.executable, "-m", "rationale_studio.web_server", "--bind", f"{host}:{port}")
    return Plan("web", command, home / "logs" / "web.log", 8.0, signal.SIGTERM)


def worker_plan(home: Path, queue: str) -> Plan:
    command = (
        sys.executable, "-m", "celery", "-A", "rationale_studio", "worker", "-Q", queue, *POOLS[queue],
        "-n", f"{queue}@%h", "--loglevel=INFO", "--without-gossip", "--without-mingle", "--without-heartbeat",
    )  # fmt: skip
    return Plan(f"worker-{queue}", command, home / "logs" / f"worker-{queue}.log", 10.0, signal.SIGKILL)


def children_environment(home: Path) -> dict[str, str]:
    return {**os.environ, "STUDIO_HOME": str(home), "DJANGO_SETTINGS_MODULE": "rationale_studio.settings"}
