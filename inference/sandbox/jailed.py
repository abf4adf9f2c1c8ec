"""One child in the jail: it reads one program from its socket, gives up every right, runs it, tells, ends."""

from __future__ import annotations

import builtins
import io
import json
import math
import os
import random
import resource
import sys
import time
import traceback
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from inference.confine import drop_privileges, no_new_privs, set_traceable
from inference.sandbox.base import Limits, RunEnding
from inference.sandbox.values import TooLong, clean, failure, flooded, to_json, too_long, unset

if TYPE_CHECKING:
    from inference.sandbox.seccomp import Filter

PROGRAM = "<program>"
OPEN_FILES = 16
NO_CPU_LIMIT_BEYOND = 3600


class Printed(io.TextIOBase):
    """Standard output and error of a program, up to a bound; beyond it `flooded` is called, which does not return."""

    def __init__(self, chars: int, flooded: Callable[[str], None]) -> None:
        self.left = chars
        self.parts: list[str] = []
        self.flooded = flooded

    def write(self, text: str) -> int:
        self.parts.append(text[: max(0, self.left)])
        self.left -= len(text)
        if self.left < 0:
            self.flooded(self.text())
        return len(text)

    def writable(self) -> bool:
        return True

    def text(self) -> str:
        return clean("".join(self.parts))


def live(descriptor: int, calls: Filter, mapped: int, uid: int) -> None:
    """Serve the one program that comes through `descriptor`; `mapped` is the address space taken already, in bytes."""
    os.dup2(descriptor, 0)
    os.closerange(1, 4096)
    job = json.loads(_read_all(0))
    code, result, *bounds = job
    limits = Limits(*bounds)
    confine(calls, mapped + limits.memory_mb * 2**20, limits.seconds, uid)
    started = time.perf_counter()

    def tell(ending: RunEnding, value: Any, printed: str, error: str) -> None:
        """Send the one answer and end; a program that floods its output comes here from within `print`."""
        answer = [ending.value, value, printed, error, (time.perf_counter() - started) * 1000]
        _write_all(0, json.dumps(answer).encode("ascii"))
        os._exit(0)

    printed = Printed(limits.output_chars, lambda text: tell(RunEnding.OUTPUT, None, text, flooded(limits)))
    tell(*run(code, result, limits, printed))


def confine(calls: Filter, address_space: int, seconds: float, uid: int) -> None:
    """Give up for good what a program needs not: the user, new processes, files, memory, time, system calls."""
    cpu = min(NO_CPU_LIMIT_BEYOND, math.ceil(seconds) + 1)
    drop_privileges(uid)
    for limit, value in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
        (resource.RLIMIT_NPROC, 1),
        (resource.RLIMIT_CPU, cpu),
        (resource.RLIMIT_AS, address_space),
    ):
        resource.setrlimit(limit, (value, value))
    no_new_privs()
    set_traceable(False)
    calls.install()


def run(code: str, result: str, limits: Limits, printed: Printed) -> tuple[RunEnding, Any, str, str]:
    """Return ending, value, what was printed, and a sentence about what went wrong."""
    sys.stdin, sys.stdout, sys.stderr = io.StringIO(""), printed, printed
    sys.argv[:] = ["program"]
    os.environ.clear()
    random.seed(0)
    value = None
    try:
        value = to_json(_value(code, result), limits.result_chars)
        ending, error = RunEnding.OK, ""
    except TooLong:
        ending, error = RunEnding.OUTPUT, too_long(limits)
    except _Unset:
        ending, error = RunEnding.ERROR, unset(result)
    except BaseException as fault:  # whatever a program raises, SystemExit and its own kinds too
        ending, error = _fault(fault, limits)
    return ending, value, printed.text(), error


class _Unset(Exception):
    """The program set no variable of the name asked for."""


def _value(code: str, result: str) -> Any:
    names: dict[str, Any] = {"__name__": "__main__", "__builtins__": builtins}
    exec(compile(code, PROGRAM, "exec"), names)  # noqa: S102
    if result not in names:
        raise _Unset
    return names[result]


def _fault(fault: BaseException, limits: Limits) -> tuple[RunEnding, str]:
    kind = "OSError" if isinstance(fault, OSError) else type(fault).__name__
    kind = "MemoryError" if isinstance(fault, MemoryError) else kind
    try:
        message = str(fault)
    except BaseException:  # the message may be code of the program's
        message = ""
    return failure(kind, message, _line(fault), limits)


def _line(fault: BaseException) -> int | None:
    if isinstance(fault, SyntaxError):
        return fault.lineno
    lines = [line for frame, line in traceback.walk_tb(fault.__traceback__) if frame.f_code.co_filename == PROGRAM]
    return lines[-1] if lines else None


def _read_all(descriptor: int) -> bytes:
    parts = []
    while part := os.read(descriptor, 2**16):
        parts.append(part)
    return b"".join(parts)


def _write_all(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]
