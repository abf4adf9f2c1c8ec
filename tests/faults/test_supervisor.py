"""One command opens the studio; a killed part comes back; Ctrl-C ends everything in good order."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from rationale_studio import home as places
from rationale_studio.services import listening
from rationale_studio.services.postgres import Postgres
from rationale_studio.services.valkey import Valkey
from tests.studios import Terminal, opened

pytestmark = [pytest.mark.long, pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")]


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    with opened("supervisor") as started:
        yield started


def test_the_studio_opens_heals_and_closes(terminal: Terminal) -> None:
    terminal.await_words("is open at")
    assert urllib.request.urlopen(f"{terminal.address}/login/").status == 200  # noqa: S310
    assert terminal.log.read_text().count("password") >= 1

    second = subprocess.run(
        terminal.command, env=terminal.environment, cwd=places.CHECKOUT, capture_output=True, text=True, check=False
    )
    assert second.returncode == 0
    assert f"already runs at {terminal.address}" in second.stdout

    tools = next(pid for pid, command in terminal.children().items() if "-Q tools" in command)
    os.kill(tools, signal.SIGKILL)
    terminal.await_words("worker-tools started again")

    children = terminal.children()
    assert terminal.stop() == 0
    assert not [pid for pid in children if Path(f"/proc/{pid}").exists()]
    assert not Postgres(terminal.home).running() and not Valkey(terminal.home).running()
    said = terminal.log.read_text()
    order = ["stopping the web server", "stopping the workers", "stopping Valkey", "stopping PostgreSQL"]
    assert sorted(order, key=said.index) == order


def test_a_worker_of_another_machine_joins(tmp_path: Path) -> None:
    with opened("listening", LISTEN="127.0.0.1") as terminal:
        terminal.await_words("worker --join '")
        url = terminal.log.read_text().partition("worker --join '")[2].partition("'")[0]
        elsewhere = {**os.environ, "STUDIO_HOME": str(places.make_home(tmp_path / "elsewhere"))}
        command = [sys.executable, "-m", "rationale_studio.cli", "worker", "--join", url]
        joined = subprocess.Popen(command, env=elsewhere, cwd=places.CHECKOUT)
        try:
            with psycopg.connect(listening.joined(url)["DATABASE_URL"], autocommit=True) as there:
                alive = (
                    "SELECT count(*) FROM annotations_worker WHERE queue = 'gpu' AND seen_at > now() - interval '9 s'"
                )
                deadline = time.monotonic() + 60
                while there.execute(alive).fetchone() != (2,):
                    assert time.monotonic() < deadline and joined.poll() is None
                    time.sleep(0.2)
        finally:
            joined.send_signal(signal.SIGINT)
        assert joined.wait(30) == 0
