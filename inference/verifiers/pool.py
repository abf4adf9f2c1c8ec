"""A bounded pool of killable children that check steps. Knows nothing about trees, rows or what a verifier does.

A child gets a chunk of jobs and answers job by job, so that the pool always knows which one runs: one that hangs or
takes the child down is the only one that is lost, and what is left of its chunk goes to another child.
"""

from __future__ import annotations

import os
import selectors
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

from inference.types import Ending, Verdict, VerdictKind
from inference.verifiers import VERIFIERS
from inference.verifiers.figures import Figures, note_all, snapshot
from inference.verifiers.forkserver import BEGUN, FORK, KILL, PID, REAP
from inference.verifiers.params import AUTO, PoolParams, tools_for
from inference.verifiers.wire import CheckJob, Inbox, frame, jobs_out, receive, verdict_in

START_SECONDS = 60.0
MAX_STILLBORN = 20
_KEPT = ("PATH", "LANG", "LC_ALL", "STUDIO_CHILD_UID", "PYTHONDONTWRITEBYTECODE", "LD_LIBRARY_PATH")


@dataclass(slots=True)
class _Child:
    pid: int
    connection: socket.socket
    inbox: Inbox = field(default_factory=Inbox)
    waiting: deque[int] = field(default_factory=deque)
    since: float = 0.0
    begun: bool = False


class Pool:
    """Children that check steps; start-up is lazy, `close` (or leaving the `with` block) ends them all."""

    def __init__(self, params: PoolParams | None = None, *, verifiers: Mapping[str, str] = VERIFIERS) -> None:
        self.params = params or PoolParams()
        self._verifiers = dict(verifiers)
        self._lock = threading.Lock()
        self._server: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._children: list[_Child] = []
        # What the fork server imports: only what was asked for, for all of it takes it a second longer to start.
        self._wanted: set[str] = set()
        self.versions: dict[str, str] = {}
        self._figures: Figures = {}
        self._noting = threading.Lock()

    def __enter__(self) -> Pool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def check_many(self, jobs: Sequence[CheckJob], deadline: float) -> list[Verdict]:
        """Return one verdict a job, in their order.

        `deadline` is the longest that one job may run, in seconds; the child of a job that runs longer is killed and
        the job is undecided with ending "timeout". Threads may call this at once; batches then take turns. Raises
        ValueError for an unknown verifier and RuntimeError when no child can be started.
        """
        for job in jobs:
            if job.verifier not in self._verifiers:
                known = ", ".join(sorted(self._verifiers))
                raise ValueError(f"no verifier is called {job.verifier!r}; there are: {known}")
        with self._lock:
            if self._server is not None and (self._server.poll() is not None or self._lacks(jobs)):
                self._stop()
            self._wanted |= self._needed(jobs)
            try:
                verdicts = _Batch(self, jobs, deadline).run()
            except BaseException:
                self._stop()
                raise
        with self._noting:
            note_all(self._figures, verdicts)
        return verdicts

    @property
    def figures(self) -> Figures:
        """Return what each verifier has done so far; threads may ask while others check."""
        with self._noting:
            return snapshot(self._figures)

    def _needed(self, jobs: Sequence[CheckJob]) -> set[str]:
        """Return the verifiers of these jobs; comparing answers may call on those of the problem's kind."""
        pairs = {(job.verifier, job.problem.kind) for job in jobs}
        named = {name for name, _ in pairs}
        named |= {each for name, kind in pairs if name == "answer" for each in tools_for((AUTO,), kind)}
        return named & self._verifiers.keys()

    def _lacks(self, jobs: Sequence[CheckJob]) -> bool:
        return not self._needed(jobs) <= self._wanted

    def close(self) -> None:
        """End all children; the next batch would start new ones."""
        with self._lock:
            self._stop()

    def children(self, wanted: int) -> list[_Child]:
        """Return the children, started up to `wanted` and the pool's bound."""
        while len(self._children) < min(wanted, self.params.children):
            child = self._fork()
            self._children.append(child)
        return self._children

    def discard(self, child: _Child, *, kill: bool) -> int:
        """End a child; return the signal that had ended it already, 0 otherwise."""
        self._children.remove(child)
        child.connection.close()
        return self._ask((KILL if kill else REAP) + PID.pack(child.pid))

    def _fork(self) -> _Child:
        if self._server is None:
            self._start()
        ours, theirs = socket.socketpair()
        with theirs:
            child = _Child(self._ask(FORK, theirs), ours)
        ours.settimeout(START_SECONDS)
        try:
            refusal = receive(ours)
        except (OSError, EOFError):
            refusal = "it ended before it was ready"
        if refusal:
            ours.close()
            raise RuntimeError(f"a verifier's child could not be started: {refusal}")
        return child

    def _ask(self, request: bytes, descriptor: socket.socket | None = None) -> int:
        control = self._control
        if control is None:
            raise RuntimeError("the verifier pool is closed")
        try:
            if descriptor is None:
                control.sendall(request)
            else:
                socket.send_fds(control, [request], [descriptor.fileno()])
            answer = control.recv(PID.size, socket.MSG_WAITALL)
        except OSError as error:
            raise RuntimeError(f"the verifiers' fork server does not answer: {error}") from error
        if len(answer) < PID.size:
            raise RuntimeError("the verifiers' fork server ended; its messages stand above")
        (number,) = PID.unpack(answer)
        return int(number)

    def _start(self) -> None:
        self._stop()
        ours, theirs = socket.socketpair()
        ours.settimeout(START_SECONDS)
        environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
        environment["PYTHONPATH"] = os.pathsep.join(path or os.getcwd() for path in sys.path)
        named = [f"{name}={path}" for name, path in self._verifiers.items() if name in self._wanted]
        command = [sys.executable, "-P", "-m", "inference.verifiers.forkserver", str(self.params.memory_mb), *named]
        with theirs:
            self._server = subprocess.Popen(  # noqa: S603
                command, stdin=theirs.fileno(), stdout=subprocess.DEVNULL, env=environment, start_new_session=True
            )
        self._control = ours
        try:
            self.versions = dict(receive(ours))
        except (OSError, EOFError) as error:
            raise RuntimeError("the verifiers' fork server did not start; its messages stand above") from error

    def _stop(self) -> None:
        for child in self._children:
            child.connection.close()
        self._children = []
        if self._control is not None:
            self._control.close()
            self._control = None
        if self._server is not None:
            try:
                self._server.wait(timeout=2)
            except subprocess.TimeoutExpired:
                self._server.kill()
                self._server.wait()
            self._server = None


class _Batch:
    """One call of check_many: which jobs wait, which child has which, and the verdicts so far."""

    def __init__(self, pool: Pool, jobs: Sequence[CheckJob], deadline: float) -> None:
        self.pool = pool
        self.jobs = jobs
        self.deadline = deadline
        self.todo = deque(range(len(jobs)))
        self.verdicts: list[Verdict | None] = [None] * len(jobs)
        self.selector = selectors.DefaultSelector()
        self.watched: set[int] = set()
        self.stillborn = 0

    def run(self) -> list[Verdict]:
        with self.selector:
            while self.todo or any(child.waiting for child in self.pool.children(0)):
                self.hand_out()
                self.collect()
        verdicts = [verdict for verdict in self.verdicts if verdict is not None]
        if len(verdicts) != len(self.jobs):
            raise RuntimeError("a verdict is missing; this is a fault of the pool")
        return verdicts

    def hand_out(self) -> None:
        """Give every idle child a chunk, smaller ones towards the end so that all finish together."""
        for child in list(self.pool.children(len(self.todo))):
            if child.waiting or not self.todo:
                continue
            share = -(-len(self.todo) // (2 * self.pool.params.children))
            size = max(1, min(self.pool.params.chunk, share))
            child.waiting.extend(self.todo.popleft() for _ in range(min(size, len(self.todo))))
            if child.pid not in self.watched:
                self.watched.add(child.pid)
                self.selector.register(child.connection, selectors.EVENT_READ, child)
            child.since, child.begun = time.monotonic(), False
            self.send(child)

    def send(self, child: _Child) -> None:
        try:
            child.connection.sendall(frame(jobs_out([self.jobs[at] for at in child.waiting])))
        except OSError:
            self.lose(child, Ending.CRASH)

    def collect(self) -> None:
        """Wait for verdicts until the next job is overdue; take what came, end what is overdue."""
        busy = [child for child in self.pool.children(0) if child.waiting]
        if not busy:
            return
        patience = min(child.since for child in busy) + self.deadline - time.monotonic()
        for key, _ in self.selector.select(max(0.0, patience)):
            self.read(key.data)
        now = time.monotonic()
        for child in list(self.pool.children(0)):
            if child.waiting and now - child.since >= self.deadline:
                self.lose(child, Ending.TIMEOUT)

    def read(self, child: _Child) -> None:
        try:
            data = child.connection.recv(2**16)
            messages: list[Any] = list(child.inbox.feed(data)) if data else []
            for message in messages:
                if message == BEGUN:
                    child.begun = True
                    continue
                verdict = verdict_in(message)
                self.verdicts[child.waiting.popleft()] = verdict
                child.since = time.monotonic()
        except (OSError, ValueError, TypeError, IndexError):
            data = b""
        if not data:
            self.lose(child, Ending.CRASH)

    def lose(self, child: _Child, ending: Ending) -> None:
        """End a child: the job that it ran is lost, the rest of its chunk goes back to the front of the queue."""
        self.selector.unregister(child.connection)
        self.watched.discard(child.pid)
        ended_by = self.pool.discard(child, kill=ending is Ending.TIMEOUT)
        if ending is Ending.CRASH and ended_by == signal.SIGKILL:
            # Nobody here killed it: the kernel does, when the machine runs out of memory.
            ending = Ending.MEMORY
        if not child.begun and ending is not Ending.TIMEOUT:
            # It ended while it was idle: none of its jobs has run.
            self.stillborn += 1
            if self.stillborn > MAX_STILLBORN:
                raise RuntimeError("the verifiers' children end before they begin; is the machine out of memory?")
        elif child.waiting:
            at = child.waiting.popleft()
            self.verdicts[at] = self.lost(self.jobs[at], ending)
        self.todo.extendleft(reversed(child.waiting))

    def lost(self, job: CheckJob, ending: Ending) -> Verdict:
        message = {
            Ending.TIMEOUT: f"the check was stopped after {self.deadline:g} s",
            Ending.MEMORY: "the check was ended for want of memory",
        }.get(ending, "the check took its process down")
        version = self.pool.versions.get(job.verifier, "")
        millis = self.deadline * 1000 if ending is Ending.TIMEOUT else 0.0
        return Verdict(VerdictKind.UNDECIDED, job.verifier, version, (), message, ending, millis)
