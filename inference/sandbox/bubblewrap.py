"""Programs in a jail of the kernel's: bubblewrap's namespaces, and in them a warm process that forks a child each.

What is in the jail: Python and its library, sympy and mpmath, the system's shared libraries, all read-only; no /proc,
no /dev, no /tmp, no home, no network, no environment, no process but its own. A child has a user without rights (where
the studio is root), bounded memory and time, and a short list of system calls.
"""

from __future__ import annotations

import json
import os
import selectors
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version

from inference.sandbox.base import Limits, Outcome, Program, RunEnding
from inference.sandbox.cell import command
from inference.sandbox.outcomes import all_of, outcome_of
from inference.sandbox.process import SandboxDown, Served
from inference.sandbox.values import told
from inference.sandbox.warm import FORK, KILL, PID, REAP

CHILDREN = max(1, min(4, os.cpu_count() or 1))
ANSWER_SECONDS = 10.0
MAX_ANSWER = 4 * 2**20
MAX_RESTARTS = 3
REFUSED_NAMESPACES = "the kernel or the container refuses namespaces: "


def bubblewrap_version() -> str:
    """Return the version of the installed bubblewrap, "" where there is none."""
    path = shutil.which("bwrap")
    if path is None:
        return ""
    try:
        said = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=10, check=True).stdout  # noqa: S603
    except (OSError, subprocess.SubprocessError):
        return ""
    return said.strip().rpartition(" ")[2]


def sympy_version() -> str:
    """Return the installed version of sympy, "" where it is missing; it is imported in the jail only."""
    try:
        return version("sympy")
    except PackageNotFoundError:
        return ""


@dataclass(slots=True)
class _Running:
    """A child with one program."""

    at: int
    pid: int
    connection: socket.socket
    since: float
    said: bytearray = field(default_factory=bytearray)


class BubblewrapSandbox:
    """The jail, started with the first program; threads take turns."""

    def __init__(self, children: int = CHILDREN) -> None:
        self.children = children
        self.name = f"bubblewrap {bubblewrap_version()} with sympy {sympy_version()}"
        self._lock = threading.Lock()
        self._warm: Served | None = None

    def run_many(self, programs: Sequence[Program], limits: Limits = Limits()) -> list[Outcome]:  # noqa: B008
        """Return one outcome a program, in their order. Clocks run here, outside of the jail."""
        with self._lock:
            batch = _Batch(self, programs, limits)
            try:
                return batch.run()
            except SandboxDown as error:
                self.stop()
                return all_of(batch.outcomes, str(error))
            except BaseException:
                self.stop()
                raise

    def close(self) -> None:
        with self._lock:
            self.stop()

    def start(self) -> None:
        """Start the jail if it does not run; SandboxDown says why it cannot."""
        if self._warm is not None and self._warm.process.poll() is None:
            return
        self.stop()
        warm = Served(command(), {}, socket.SOCK_SEQPACKET)
        try:
            greeting = warm.connection.recv(100)
        except OSError:
            greeting = b""
        if not greeting:
            complaint = warm.complaint()
            warm.close()
            refused = "namespace" in complaint or "uid map" in complaint
            raise SandboxDown((REFUSED_NAMESPACES if refused else "the jail does not start: ") + complaint)
        warm.connection.settimeout(ANSWER_SECONDS)
        self._warm = warm

    def stop(self) -> None:
        if self._warm is not None:
            self._warm.close()
            self._warm = None

    def fork(self, theirs: socket.socket) -> int:
        return self._ask(FORK, theirs)

    def end(self, pid: int, *, kill: bool) -> int:
        """Kill a child, or reap one that has closed its socket; return the signal that had ended it, or 0."""
        return self._ask((KILL if kill else REAP) + PID.pack(pid))

    def _ask(self, request: bytes, descriptor: socket.socket | None = None) -> int:
        if self._warm is None:
            raise JailEnded
        control = self._warm.connection
        try:
            if descriptor is None:
                control.send(request)
            else:
                socket.send_fds(control, [request], [descriptor.fileno()])
            answer = control.recv(PID.size)
        except OSError as error:
            raise JailEnded from error
        if len(answer) < PID.size:
            raise JailEnded
        return int(PID.unpack(answer)[0])


class JailEnded(Exception):
    """The warm process is gone in the middle of its work."""


class _Batch:
    """One call of run_many: what waits, which children run, and the outcomes so far."""

    def __init__(self, sandbox: BubblewrapSandbox, programs: Sequence[Program], limits: Limits) -> None:
        self.sandbox = sandbox
        self.programs = programs
        self.limits = limits
        self.outcomes: list[Outcome | None] = [None] * len(programs)
        self.todo = deque(range(len(programs)))
        self.running: list[_Running] = []
        self.selector = selectors.DefaultSelector()

    def run(self) -> list[Outcome]:
        """Run all; when the jail ends, what ran in it is lost and the rest goes on in a new one."""
        restarts = 0
        with self.selector:
            while self.todo or self.running:
                self.sandbox.start()
                try:
                    self.begin()
                    self.collect()
                except JailEnded:
                    self.sandbox.stop()
                    self.forget()
                    restarts += 1
                    if restarts > MAX_RESTARTS:
                        raise SandboxDown("the jail ends again and again; is the machine out of memory?") from None
        return all_of(self.outcomes)

    def forget(self) -> None:
        for child in self.running:
            self.selector.unregister(child.connection)
            child.connection.close()
            self.settle(child, RunEnding.CRASH)
        self.running.clear()

    def begin(self) -> None:
        while self.todo and len(self.running) < self.sandbox.children:
            ours, theirs = socket.socketpair()
            with theirs:
                pid = self.sandbox.fork(theirs)
            at = self.todo.popleft()
            child = _Running(at, pid, ours, time.monotonic())
            self.running.append(child)
            self.selector.register(ours, selectors.EVENT_READ, child)
            self.hand_over(child)

    def hand_over(self, child: _Running) -> None:
        program, limits = self.programs[child.at], self.limits
        bounds = [limits.seconds, limits.memory_mb, limits.output_chars, limits.result_chars]
        child.connection.settimeout(limits.seconds)
        try:
            child.connection.sendall(json.dumps([program.code, program.result, *bounds]).encode("ascii"))
            child.connection.shutdown(socket.SHUT_WR)
        except OSError:
            self.lost(child)

    def collect(self) -> None:
        """Wait until a child says something or is overdue; take what came, end what is overdue."""
        if not self.running:
            return
        patience = min(child.since for child in self.running) + self.limits.seconds - time.monotonic()
        for key, _ in self.selector.select(max(0.0, patience)):
            self.read(key.data)
        now = time.monotonic()
        for child in [each for each in self.running if now - each.since >= self.limits.seconds]:
            self.drop(child, kill=True)
            self.settle(child, RunEnding.TIMEOUT)

    def read(self, child: _Running) -> None:
        try:
            data = child.connection.recv(2**16)
        except OSError:
            data = b""
        child.said += data
        if len(child.said) > MAX_ANSWER:
            self.drop(child, kill=True)
            self.settle(child, RunEnding.CRASH)
        elif not data:
            self.lost(child)

    def lost(self, child: _Running) -> None:
        """Take the outcome of a child that has closed its socket, or say how it ended without one."""
        ended_by = self.drop(child, kill=False)
        if not child.said:
            out_of_time = ended_by in (signal.SIGXCPU, signal.SIGKILL)
            self.settle(child, RunEnding.TIMEOUT if out_of_time else RunEnding.CRASH)
            return
        try:
            self.outcomes[child.at] = outcome_of(json.loads(child.said), self.limits, self.sandbox.name)
        except (ValueError, TypeError, RecursionError):
            self.settle(child, RunEnding.CRASH)

    def drop(self, child: _Running, *, kill: bool) -> int:
        ended_by = self.sandbox.end(child.pid, kill=kill)
        self.selector.unregister(child.connection)
        self.running.remove(child)
        child.connection.close()
        return ended_by

    def settle(self, child: _Running, ending: RunEnding) -> None:
        millis = (time.monotonic() - child.since) * 1000
        sentence = told(ending, self.limits)
        self.outcomes[child.at] = Outcome(ending, error=sentence, millis=millis, sandbox=self.sandbox.name)
