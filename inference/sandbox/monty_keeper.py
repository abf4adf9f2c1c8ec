"""The process that keeps monty's workers: small, unprivileged, and all that they may talk to.

Started fresh (`python -m inference.sandbox.monty_keeper`) by MontySandbox, with a socket as its standard input. It
greets with the version, then answers each line [number, code, result, seconds, memory, printed, result characters]
by a line [number, ending, value, printed, error, milliseconds], in the order in which they end. When the socket
closes it ends, and so do monty's workers.
"""

from __future__ import annotations

import importlib
import json
import os
import queue
import resource
import socket
import sys
import threading
import time
from typing import Any

import pydantic_monty
from pydantic_monty._binary import find_monty_binary

from inference.confine import confine_child, set_traceable
from inference.sandbox.base import Limits, RunEnding
from inference.sandbox.values import MAX_ERROR_CHARS, TooLong, failure, flooded, to_json, told, too_long, unset

# What monty's values become is imported now: the unprivileged user may not be able to read this Python.
for _name in ("collections", "dataclasses", "datetime", "decimal", "pathlib", "random", "re", "typing", "zoneinfo"):
    importlib.import_module(_name)

MEMORY_MB = 768
MAX_RECURSION = 500
MAX_ASKED = 50
GRACE_SECONDS = 0.5
LONGEST_SECONDS = 60.0
RECYCLED_AFTER = 2000
# Monty 1.4 rounds the product with a power of ten (2.675 becomes 2.68), Python the number itself (2.67), as `format`
# does in both. One line before the program; lines are told without it.
ROUND = (
    "round = (lambda plain: lambda number, ndigits=None:"
    " plain(number) if ndigits is None else float(f'{number:.{ndigits}f}')"
    " if isinstance(number, float) and isinstance(ndigits, int) and 0 <= ndigits < 18 and abs(number) < 1e15"
    " else plain(number, ndigits))(round)\n"
)


class Flooded(Exception):
    """The program prints more than it may."""


class Printed:
    """What a program prints, up to a bound; more ends the program."""

    def __init__(self, chars: int) -> None:
        self.left = chars
        self.parts: list[str] = []

    def __call__(self, stream: str, text: str) -> None:
        self.parts.append(text[: max(0, self.left)])
        self.left -= len(text)
        if self.left < 0:
            raise Flooded

    def text(self) -> str:
        return "".join(self.parts)


def main() -> None:
    """Confine this process, start monty's workers, then answer until the socket closes."""
    children, parent = int(sys.argv[1]), int(sys.argv[2])
    binary = os.open(find_monty_binary(), os.O_RDONLY)
    os.set_inheritable(binary, True)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    confine_child(MEMORY_MB, parent=parent)
    set_traceable(True)
    sys.set_int_max_str_digits(0)
    connection = socket.socket(fileno=os.dup(0))
    # By descriptor: the binary may lie under a home that the unprivileged user cannot enter.
    with pydantic_monty.Monty(
        binary_path=f"/proc/self/fd/{binary}", min_processes=children, max_processes=children,
        request_timeout=LONGEST_SECONDS, feed_duration_limit_grace=GRACE_SECONDS,
        max_checkouts_per_worker=RECYCLED_AFTER,
    ) as pool:  # fmt: skip
        connection.sendall(_line({"version": pydantic_monty.__version__}))
        Keeper(pool, connection, children).serve()
    os._exit(0)


class Keeper:
    """Threads that feed one monty worker each, and the lines that come and go."""

    def __init__(self, pool: pydantic_monty.Monty, connection: socket.socket, children: int) -> None:
        self.pool = pool
        self.connection = connection
        self.jobs: queue.SimpleQueue[list[Any]] = queue.SimpleQueue()
        self.sending = threading.Lock()
        for _ in range(children):
            threading.Thread(target=self._work, daemon=True).start()

    def serve(self) -> None:
        for line in self.connection.makefile("rb"):
            self.jobs.put(json.loads(line))
        os._exit(0)

    def _work(self) -> None:
        while True:
            number, code, result, *bounds = self.jobs.get()
            started = time.perf_counter()
            try:
                answer = run(self.pool, code, result, Limits(*bounds))
            except BaseException as error:  # a panic of the interpreter is no Exception, and this thread must go on
                answer = (RunEnding.CRASH.value, None, "", f"the sandbox failed with {type(error).__name__}")
            line = _line([number, *answer, (time.perf_counter() - started) * 1000])
            with self.sending:
                self.connection.sendall(line)


def run(pool: pydantic_monty.Monty, code: str, result: str, limits: Limits) -> tuple[str, Any, str, str]:
    """Return ending, value, what was printed, and a sentence about what went wrong."""
    printed = Printed(limits.output_chars)
    value = None
    try:
        value = to_json(_value(pool, code, result, limits, printed), limits.result_chars)
        ending, error = RunEnding.OK, ""
    except TooLong:
        ending, error = RunEnding.OUTPUT, too_long(limits)
    except pydantic_monty.MontyCrashedError as lost:
        ending = RunEnding.TIMEOUT if lost.timed_out else RunEnding.CRASH
        error = told(ending, limits)
    except (pydantic_monty.MontyError, RecursionError, ValueError, MemoryError) as fault:
        ending, error = _fault(fault, code, result, limits)
    if printed.left < 0:
        value, ending, error = None, RunEnding.OUTPUT, flooded(limits)
    return ending.value, value, printed.text(), error


def _value(pool: pydantic_monty.Monty, code: str, result: str, limits: Limits, printed: Printed) -> Any:
    """Run a program in a fresh session and return its result; one trip, the result being its last expression."""
    bounds: pydantic_monty.ResourceLimits = {
        "max_feed_duration_secs": limits.seconds,
        "max_memory": limits.memory_mb * 2**20,
        "max_recursion_depth": MAX_RECURSION,
        "max_suspensions": MAX_ASKED,
        "max_total_sleep_secs": 0.0,
    }
    with pool.checkout(limits=bounds, os_policy={"random_start": {"seed": 0}}) as session:
        return session.feed_run(f"{_prelude(code)}{code}\n{result}", print_callback=printed)


def _prelude(code: str) -> str:
    return ROUND if "round" in code else ""


def _fault(fault: Exception, code: str, result: str, limits: Limits) -> tuple[RunEnding, str]:
    if not isinstance(fault, pydantic_monty.MontyRuntimeError | pydantic_monty.MontySyntaxError):
        return failure(type(fault).__name__, str(fault), None, limits)
    inner = fault.exception()
    kind, message = type(inner).__name__, fault.display("msg")[: MAX_ERROR_CHARS + 1]
    if kind == "TimeoutError":
        slept = message.startswith("sleep limit")
        return RunEnding.TIMEOUT, "the program waits; a check may not" if slept else told(RunEnding.TIMEOUT, limits)
    if kind == "NameError" and message == f"name '{result}' is not defined":
        return RunEnding.ERROR, unset(result)
    frames = fault.traceback()
    line = frames[-1].line - _prelude(code).count("\n") if frames else None
    return failure(kind, message, line, limits)


def _line(message: Any) -> bytes:
    return json.dumps(message, ensure_ascii=True, separators=(",", ":")).encode("ascii") + b"\n"


if __name__ == "__main__":
    main()
