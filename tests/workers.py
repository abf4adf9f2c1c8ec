"""Real Celery workers for tests: on the test's database and broker, ended by pid."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.db import connection

ROOT = Path(__file__).parents[1]
Worker = subprocess.Popen[bytes]
StartWorker = Callable[..., Worker]


@pytest.fixture
def start_worker() -> Iterator[StartWorker]:
    """Starts workers of a queue; ends at the close of the test those that still live."""
    started: list[Worker] = []

    def start(queue: str = "gpu") -> Worker:
        database = connection.settings_dict
        address = f"postgresql://{database['USER']}@/{database['NAME']}?host={database['HOST']}"
        command = [sys.executable, "-m", "celery", "-A", "rationale_studio", "worker", "-Q", queue, "--pool=solo"]
        command += ["--without-gossip", "--without-mingle", "-n", f"{queue}{len(started)}@%h"]
        environment = {**os.environ, "DATABASE_URL": address, "STUDIO_LEASE_SECONDS": "2"}
        child = subprocess.Popen(command, cwd=ROOT, env=environment, start_new_session=True)  # noqa: S603 own command
        started.append(child)
        return child

    yield start
    for child in started:
        if child.poll() is None:
            child.send_signal(signal.SIGTERM)
    for child in started:
        child.wait(20)


def until(holds: Callable[[], bool], seconds: float, what: str) -> None:
    """Wait until something holds; say what was waited for if it does not."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"waited {seconds} s in vain for {what}"
        time.sleep(0.05)
