"""Programs in pydantic-monty, an interpreter of a part of Python that has neither files nor network nor processes.

What it runs cannot name anything outside; beyond that its workers are processes without privileges, bounded in time
and memory from inside and outside. `time.sleep` and an endless native operation escape its own limits, so that a
clock runs here too.
"""

from __future__ import annotations

import json
import os
import socket
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from inference.sandbox.base import Limits, Outcome, Program, RunEnding
from inference.sandbox.outcomes import all_of, outcome_of
from inference.sandbox.process import SandboxDown, Served
from inference.sandbox.values import told

PATIENCE_SECONDS = 2.0
CHILDREN = max(1, min(4, os.cpu_count() or 1))
MAX_LINE = 4 * 2**20
# Programs that wait at the keeper for each child, so that no child waits for us.
AHEAD = 16
_KEPT = ("PATH", "LANG", "LC_ALL", "STUDIO_CHILD_UID", "LD_LIBRARY_PATH")


def monty_version() -> str:
    """Return the installed version of pydantic-monty, "" where it is missing."""
    try:
        return version("pydantic-monty")
    except PackageNotFoundError:
        return ""


class MontySandbox:
    """A keeper process and its workers; they start with the first program. Threads take turns."""

    def __init__(self, children: int = CHILDREN) -> None:
        self.children = children
        self.name = f"pydantic-monty {monty_version()}".strip()
        self._lock = threading.Lock()
        self._keeper: Served | None = None

    def run_many(self, programs: Sequence[Program], limits: Limits = Limits()) -> list[Outcome]:  # noqa: B008
        """Return one outcome a program, in their order. A program that takes the keeper down is the only one lost."""
        with self._lock:
            batch = _Batch(self, programs, limits)
            try:
                return batch.run()
            except SandboxDown as error:
                return all_of(batch.outcomes, str(error))
            except BaseException:
                self.stop()
                raise

    def close(self) -> None:
        with self._lock:
            self.stop()

    def keeper(self) -> Served:
        """Return the keeper, started if there is none."""
        if self._keeper is None or self._keeper.process.poll() is not None:
            self.stop()
            self._keeper = self._start()
        return self._keeper

    def stop(self) -> None:
        if self._keeper is not None:
            self._keeper.close()
            self._keeper = None

    def _start(self) -> Served:
        if not monty_version():
            raise SandboxDown("pydantic-monty is not installed")
        environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
        environment["PYTHONPATH"] = os.pathsep.join(path or os.getcwd() for path in sys.path)
        command = [
            sys.executable, "-P", "-B", "-m", "inference.sandbox.monty_keeper", str(self.children), str(os.getpid()),
        ]  # fmt: skip
        keeper = Served(command, environment, socket.SOCK_STREAM)
        try:
            greeting = keeper.connection.recv(200)
        except OSError:
            greeting = b""
        if not greeting.endswith(b"\n"):
            complaint = keeper.complaint()
            keeper.close()
            raise SandboxDown(f"pydantic-monty does not start: {complaint}")
        return keeper


class _Batch:
    """One call of run_many: what waits, what is with the keeper, what came back."""

    def __init__(self, sandbox: MontySandbox, programs: Sequence[Program], limits: Limits) -> None:
        self.sandbox = sandbox
        self.programs = programs
        self.limits = limits
        self.outcomes: list[Outcome | None] = [None] * len(programs)
        self.todo = deque(range(len(programs)))
        self.suspects: deque[int] = deque()
        self.flying: set[int] = set()
        self.buffer = bytearray()
        self.heard = time.monotonic()

    def run(self) -> list[Outcome]:
        for at, program in enumerate(self.programs):
            if not program.result.isidentifier():
                self.outcomes[at] = Outcome(RunEnding.ERROR, error="the result must be the name of a variable")
        self.todo = deque(at for at in self.todo if self.outcomes[at] is None)
        while self.todo or self.suspects or self.flying:
            try:
                self.send()
                self.collect()
            except (OSError, EOFError, ValueError, TypeError, IndexError):
                self.lose(RunEnding.CRASH)
        return all_of(self.outcomes)

    def send(self) -> None:
        """Keep the keeper busy; the programs that were with it when it was lost run again, each by itself."""
        keeper = self.sandbox.keeper()
        lines = []
        while len(self.flying) < AHEAD * self.sandbox.children and (self.todo or self.suspects):
            if self.suspects and self.flying:
                break
            alone = bool(self.suspects)
            at = (self.suspects or self.todo).popleft()
            if not self.flying:
                self.heard = time.monotonic()
            self.flying.add(at)
            lines.append(self.line(at))
            if alone:
                break
        if lines:
            keeper.connection.settimeout(PATIENCE_SECONDS)
            keeper.connection.sendall(b"".join(lines))

    def line(self, at: int) -> bytes:
        program, limits = self.programs[at], self.limits
        job = [
            at, program.code, program.result,
            limits.seconds, limits.memory_mb, limits.output_chars, limits.result_chars,
        ]  # fmt: skip
        return json.dumps(job, ensure_ascii=True).encode("ascii") + b"\n"

    def collect(self) -> None:
        """Take what has come; when nothing has come for longer than a program may run, the keeper is ended."""
        connection = self.sandbox.keeper().connection
        patience = self.heard + self.limits.seconds + PATIENCE_SECONDS - time.monotonic()
        connection.settimeout(max(0.001, patience))
        try:
            data = connection.recv(2**18)
        except TimeoutError:
            self.lose(RunEnding.TIMEOUT)
            return
        if not data:
            raise EOFError
        self.heard = time.monotonic()
        for number, *rest in self.lines(data):
            self.flying.remove(number)
            self.outcomes[number] = outcome_of(rest, self.limits, self.sandbox.name)

    def lines(self, data: bytes) -> Iterator[list[Any]]:
        self.buffer += data
        *whole, rest = self.buffer.split(b"\n")
        self.buffer = bytearray(rest)
        if len(rest) > MAX_LINE:
            raise ValueError("a line is too long")
        for line in whole:
            yield json.loads(line)

    def lose(self, ending: RunEnding) -> None:
        """End the keeper. A program that was alone with it is lost; several run again, each by itself."""
        self.sandbox.stop()
        self.buffer.clear()
        if len(self.flying) == 1:
            (at,) = self.flying
            self.outcomes[at] = Outcome(ending, error=told(ending, self.limits), sandbox=self.sandbox.name)
        else:
            self.suspects.extend(sorted(self.flying))
        self.flying.clear()
