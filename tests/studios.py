"""A whole studio in a folder of its own for tests: started as people start it, ended by SIGINT to its pid."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rationale_studio import home as places


class Terminal:
    """A running supervisor and what it has said so far."""

    def __init__(self, home: Path, port: int, **environment: str) -> None:
        self.home, self.address, self.log = home, f"http://127.0.0.1:{port}", home / "said"
        self.environment = {**os.environ, "STUDIO_HOME": str(home), "PORT": str(port), **environment}
        self.command = [sys.executable, "-m", "rationale_studio.supervisor"]
        with self.log.open("ab") as said:
            self.process = subprocess.Popen(
                self.command, env=self.environment, cwd=places.CHECKOUT, stdout=said, stderr=said
            )

    def await_words(self, words: str, seconds: float = 120) -> None:
        deadline = time.monotonic() + seconds
        while words not in self.log.read_text():
            assert time.monotonic() < deadline and self.process.poll() is None, self.log.read_text()
            time.sleep(0.1)

    def children(self) -> dict[int, str]:
        listed = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return {int(pid): Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ") for pid in listed}

    def password(self) -> str:
        """Return the password of the first admin, which it said once."""
        return self.log.read_text().partition("name admin")[2].partition("password")[2].split()[0]

    def stop(self) -> int:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        return self.process.wait(60)


@contextmanager
def opened(name: str, **environment: str) -> Iterator[Terminal]:
    home = places.RUNTIME_PARENT / f"rs-{name}-{os.getpid()}"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    started = Terminal(places.make_home(home), port, **environment)
    try:
        yield started
    finally:
        started.stop()
        shutil.rmtree(places.runtime_folder(home), ignore_errors=True)
        shutil.rmtree(home)
