"""The studio's own web process for tests: on the test's database, ended by pid, started again on the same port."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from rationale_studio.supervisor.children import web_plan
from tests.workers import ROOT, until


class Web:
    """A web process that can be stopped and started again."""

    def __init__(self) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self.url = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        database = connection.settings_dict
        address = f"postgresql://{database['USER']}@/{database['NAME']}?host={database['HOST']}"
        plan = web_plan(Path(settings.STUDIO_HOME), "127.0.0.1", self.port)
        environment = {**os.environ, "DATABASE_URL": address}
        self.process = subprocess.Popen(plan.command, cwd=ROOT, env=environment, start_new_session=True)  # noqa: S603
        until(self.answers, 30, "the web process")

    def answers(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
        except OSError:
            return False
        return True

    def kill(self) -> None:
        """End it without warning."""
        if self.process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, 9)
            self.process.wait(20)
            self.process = None


@pytest.fixture
def web() -> Iterator[Web]:
    started = Web()
    started.start()
    yield started
    started.kill()
