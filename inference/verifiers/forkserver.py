"""The process from which the pool's children are forked: small, single-threaded, with the verifiers imported.

The pool starts it fresh (`python -m inference.verifiers.forkserver`), never by forking itself, for its own process
has threads and perhaps a model. It knows nothing about batches. Its standard input is a socket to the pool; when that
closes, it ends, and the kernel ends its children.

It greets with the versions of its verifiers. Requests are one byte each: F and a file descriptor forks a child that
serves it, the answer is the child's pid. K and a pid kills that child, R and a pid reaps one that closed its socket;
the answer is the signal that had ended it before, or 0.
"""

from __future__ import annotations

import gc
import os
import resource
import signal
import socket
import struct
import sys
import time
from dataclasses import replace
from typing import cast

from inference.confine import confine_child
from inference.reaping import end_child
from inference.types import Ending, Verdict, VerdictKind
from inference.verifiers import VERIFIERS, verifier
from inference.verifiers.base import Weighing
from inference.verifiers.wire import CheckJob, frame, jobs_in, receive, verdict_out

FORK, KILL, REAP = b"F", b"K", b"R"
PID = struct.Struct("!q")
REAP_SECONDS = 2.0
BEGUN = "begun"


def main() -> None:
    """Import the verifiers that the arguments name (NAME=MODULE:CLASS), then serve the pool until it is gone."""
    memory_mb, *named = sys.argv[1:]
    VERIFIERS.clear()
    for name, _, path in (argument.partition("=") for argument in named):
        VERIFIERS[name] = path
    versions = {name: verifier(name).version for name in VERIFIERS}
    gc.freeze()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    control = socket.socket(fileno=os.dup(0))
    control.sendall(frame(versions))
    serve(control, int(memory_mb))


def serve(control: socket.socket, memory_mb: int) -> None:
    """Answer the pool's requests until it closes the socket; then end the children that are left."""
    children: set[int] = set()
    while True:
        request, descriptors, _, _ = socket.recv_fds(control, 1, 1)
        if request == FORK:
            pid = os.fork()
            if pid == 0:
                _child(control, descriptors[0], memory_mb)
            os.close(descriptors[0])
            children.add(pid)
            control.sendall(PID.pack(pid))
        elif request in (KILL, REAP):
            (pid,) = PID.unpack(control.recv(PID.size, socket.MSG_WAITALL))
            children.discard(pid)
            control.sendall(PID.pack(end_child(pid, REAP_SECONDS if request == REAP else 0.0)))
        else:
            break
    for pid in children:
        end_child(pid, 0.0)


def _child(control: socket.socket, descriptor: int, memory_mb: int) -> None:
    """Live as a confined child: read chunks of jobs, answer each job with its verdict as soon as it is known."""
    try:
        control.close()
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        connection = socket.socket(fileno=descriptor)
        try:
            confine_child(memory_mb, parent=os.getppid())
        except (OSError, ValueError) as error:
            connection.sendall(frame(str(error)))
            os._exit(1)
        connection.sendall(frame(""))
        while True:
            jobs = jobs_in(receive(connection))
            connection.sendall(frame(BEGUN))
            for job in jobs:
                connection.sendall(frame(verdict_out(run(job))))
    except BaseException:  # a fork must never return into the server's loop
        os._exit(1)


def run(job: CheckJob) -> Verdict:
    """Return the verdict on one job; a verifier's error is a verdict that says how it ended."""
    started = time.perf_counter()
    tool = verifier(job.verifier)
    try:
        if hasattr(tool, "weigh"):
            verdict = cast(Weighing, tool).weigh(job)
        else:
            verdict = tool.check(job.problem, job.prefix, job.step)
    except MemoryError:
        verdict = _failed(job, tool.version, Ending.MEMORY, "the check needed more memory than it may use")
    except Exception as error:
        verdict = _failed(job, tool.version, Ending.CRASH, f"the check failed: {type(error).__name__}")
    return replace(verdict, millis=(time.perf_counter() - started) * 1000)


def _failed(job: CheckJob, version: str, ending: Ending, message: str) -> Verdict:
    return Verdict(VerdictKind.UNDECIDED, job.verifier, version, (), message, ending)


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    main()
