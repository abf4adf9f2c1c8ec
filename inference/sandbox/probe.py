"""Proof that a sandbox holds, given before it is used: it computes what it should, and an attempt at everything fails.

The attempts are one small program that takes nothing and harms nothing where a jail does not hold.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from inference.sandbox.base import Limits, Outcome, Program, RunEnding, Sandbox

SECONDS = 10.0
ARITHMETIC = Program("a = 6\nb = 7\nresult = a * b")
SYMPY = Program("from sympy import *\nx = symbols('x')\nresult = solve(x**2 - 4, x)", modules=("sympy",))
OPENING = Program("result = open('/etc/passwd').read(1)")
# What each attempt is called when it is told that it came through.
ATTEMPTS = """
import os, socket
result = []
def attempt(name, action):
    try:
        if action() not in (False, None, [], {{}}):
            result.append(name)
    except BaseException:
        pass
def forked():
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    return True
def connected():
    socket.create_connection(("127.0.0.1", {port}), 2).close()
    return True
def written(path):
    open(path, "w").close()
    return True
def heard():
    os.kill(os.getppid(), 0)
    return True
attempt("be the superuser", lambda: os.getuid() == 0)
attempt("read /etc/passwd", lambda: open("/etc/passwd").read(1))
attempt("list the home", lambda: os.listdir({home!r}) or True)
attempt("read the studio's code", lambda: open({code!r}).read(1))
attempt("read /proc", lambda: os.listdir("/proc"))
attempt("write a file", lambda: written("/probe"))
attempt("write to /tmp", lambda: written("/tmp/probe"))
attempt("connect to this machine", connected)
attempt("see the environment", lambda: dict(os.environ))
attempt("start a process", forked)
attempt("signal its parent", heard)
attempt("use what its parent has open", lambda: [fd for fd in range(1, 16) if os.fstat(fd)])
"""


class NotProven(Exception):
    """The sandbox did not do what it must, or did what it must not; the text says which."""


def prove_light(sandbox: Sandbox) -> None:
    """Return if the sandbox computes and opens no file; NotProven otherwise."""
    computed, opened = sandbox.run_many([ARITHMETIC, OPENING], Limits(SECONDS))
    _computed(computed, 42)
    if opened.ending is RunEnding.OK:
        raise NotProven("the probe failed: a program could read /etc/passwd")


def prove_heavy(sandbox: Sandbox) -> None:
    """Return if the sandbox solves an equation with sympy and all attempts of the probe fail; NotProven otherwise."""
    with _listening() as port:
        code = ATTEMPTS.format(port=port, home=str(Path.home()), code=__file__)
        solved, tried = sandbox.run_many([SYMPY, Program(code)], Limits(SECONDS))
    _computed(solved, [-2, 2])
    if tried.ending is not RunEnding.OK or not isinstance(tried.value, list):
        raise NotProven(f"the probe failed: {tried.error or 'its attempts did not end'}")
    if tried.value:
        raise NotProven(f"the probe failed: a program could {_named(tried.value)}")


def _computed(outcome: Outcome, expected: object) -> None:
    if outcome.ending is RunEnding.UNAVAILABLE:
        raise NotProven(outcome.error)
    if outcome.value != expected:
        raise NotProven(f"the probe failed: {outcome.error or f'a program gave {outcome.value!r}, not {expected!r}'}")


def _named(names: Sequence[object]) -> str:
    return ", ".join(str(name)[:40] for name in names[:5])


@contextmanager
def _listening() -> Iterator[int]:
    """Listen on this machine, so that an attempt to connect would succeed."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]
