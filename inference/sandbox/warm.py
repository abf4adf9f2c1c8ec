"""The process inside the jail: sympy and Python's mathematics imported once, a confined child forked per program.

Started by BubblewrapSandbox (`python -m inference.sandbox.warm UID`) with a socket of messages as its standard input.
It greets with sympy's version. A request is F with a descriptor (fork a child that serves it; the answer is its pid),
or K or R with a pid (kill, or reap: the answer is the signal that had ended it, or 0). Programs never pass through
here: a child reads its own from its own socket, so that no program finds another's text in its memory.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import mmap
import os
import resource
import signal
import socket
import struct
import sys
from collections.abc import Iterable

from inference.confine import set_traceable
from inference.reaping import end_child
from inference.sandbox.jailed import live
from inference.sandbox.seccomp import Filter

FORK, KILL, REAP = b"F", b"K", b"R"
PID = struct.Struct("!q")
REAP_SECONDS = 1.0
MODULES = (
    "sympy", "sympy.abc", "sympy.stats", "mpmath", "fractions", "decimal", "statistics", "math", "cmath", "itertools",
    "functools", "collections", "random", "re", "json", "operator", "string", "heapq", "bisect", "datetime",
    "calendar", "numbers", "typing", "dataclasses", "enum", "copy", "textwrap", "time", "io", "os", "sys",
    "encodings.ascii", "encodings.idna",
)  # fmt: skip
# What sympy only loads or computes at its first use of a kind.
WARM_UP = """
from sympy import *
x, y, n = symbols("x y n")
solve(x**2 - 5*x + 6, x); solve([x + y - 3, x - y - 1], [x, y]); simplify(sin(x)**2 + cos(x)**2)
integrate(x**2, (x, 0, 1)); diff(x**3, x); limit(sin(x)/x, x, 0); summation(n, (n, 1, 10)); factorint(360)
expand((x + 1)**3); factor(x**2 - 1); Rational(1, 3) + sqrt(2); N(pi, 20); sympify("2*x + 1")
Matrix([[1, 2], [3, 4]]).det(); binomial(10, 3); gcd(12, 18); isprime(97); nsimplify("0.5")
str(solveset(x**2 - 4, x)); Eq(x, 1)
"""
MIB = 2**20


def main() -> None:
    """Import, warm up, greet, then serve until the socket closes; the kernel then ends what is left in the jail."""
    for name in MODULES:
        importlib.import_module(name)
    exec(WARM_UP, {})  # noqa: S102
    sys.set_int_max_str_digits(0)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    set_traceable(False)
    gc.collect()
    gc.freeze()
    control = socket.socket(fileno=os.dup(0))
    control.send(sys.modules["sympy"].__version__.encode("ascii"))
    Warm(control, int(sys.argv[1])).serve()


class Warm:
    """The loop that forks, kills and reaps."""

    def __init__(self, control: socket.socket, uid: int) -> None:
        self.control = control
        self.uid = uid
        self.filter = Filter()
        self.mapped = mapped_bytes()
        self.children: set[int] = set()

    def serve(self) -> None:
        while True:
            request, descriptors, _, _ = socket.recv_fds(self.control, 1 + PID.size, 1)
            if request[:1] == FORK:
                answer = self.fork(descriptors)
            elif request[:1] in (KILL, REAP):
                (pid,) = PID.unpack(request[1:])
                answer = self.end(pid, REAP_SECONDS if request[:1] == REAP else 0.0)
            else:
                return
            self.control.send(PID.pack(answer))

    def fork(self, descriptors: Iterable[int]) -> int:
        (descriptor,) = descriptors
        pid = os.fork()
        if pid == 0:
            try:
                live(descriptor, self.filter, self.mapped, self.uid)
            finally:
                os._exit(1)
        os.close(descriptor)
        self.children.add(pid)
        return pid

    def end(self, pid: int, patience: float) -> int:
        """Reap a child of ours, killed when it has not ended within `patience` seconds."""
        if pid not in self.children:
            return 0
        self.children.discard(pid)
        return end_child(pid, patience)


def mapped_bytes() -> int:
    """Return about how much address space this process has, found by trying limits: the jail has no /proc to ask."""
    low, high = 0, 2**20
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    while high - low > 1:
        middle = (low + high) // 2
        resource.setrlimit(resource.RLIMIT_AS, (middle * MIB, hard))
        fits = False
        with contextlib.suppress(OSError, MemoryError):
            mmap.mmap(-1, MIB).close()
            fits = True
        low, high = (low, middle) if fits else (middle, high)
    resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
    return high * MIB


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    main()
