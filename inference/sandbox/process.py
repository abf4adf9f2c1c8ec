"""Starting and ending a sandbox's own process: a socket as its standard input, and it dies with its parent."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

START_SECONDS = 60.0
STOP_SECONDS = 2.0
MAX_COMPLAINT_CHARS = 300

# A process that dies with its parent dies with the thread that started it: this one lives as long as we do.
_LAUNCHER = ThreadPoolExecutor(max_workers=1, thread_name_prefix="sandbox-launcher")


class SandboxDown(Exception):
    """The sandbox's process does not start or is gone; the text says why, for people."""


class Served:
    """A process of the sandbox's and our end of the socket to it."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], kind: socket.SocketKind) -> None:
        self.complaints = tempfile.TemporaryFile()  # noqa: SIM115
        self.connection, theirs = socket.socketpair(type=kind)
        self.connection.settimeout(START_SECONDS)
        with theirs:
            try:
                self.process = _LAUNCHER.submit(
                    subprocess.Popen, command, stdin=theirs.fileno(), stdout=subprocess.DEVNULL,
                    stderr=self.complaints, env=dict(environment), start_new_session=True,
                ).result()  # fmt: skip
            except OSError as error:
                self.connection.close()
                self.complaints.close()
                raise SandboxDown(f"{command[0]} cannot be started: {error.strerror}") from error

    def complaint(self) -> str:
        """Return the end of what the process wrote to its standard error: after a failed start, the reason."""
        self.complaints.seek(max(0, self.complaints.seek(0, os.SEEK_END) - MAX_COMPLAINT_CHARS))
        lines = self.complaints.read().decode("utf-8", "replace").strip().splitlines()
        return lines[-1] if lines else "it ended without a word"

    def close(self) -> None:
        """End the process and those that it started."""
        self.connection.close()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(STOP_SECONDS)
        self.complaints.close()
