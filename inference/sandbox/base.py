"""What is run in a sandbox and what comes of it. Knows nothing about which sandboxes exist."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol


class RunEnding(StrEnum):
    """How a program ended. `refused`: it asked for something that no sandbox gives; `unavailable`: it was not run."""

    OK = "ok"
    ERROR = "error"
    TIMEOUT = "timeout"
    MEMORY = "memory"
    OUTPUT = "output"
    REFUSED = "refused"
    CRASH = "crash"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True, slots=True)
class Program:
    """Python written by a model (or made from its text). After it has run, `result` names the variable that is asked
    for. `modules` are what it imports beside the standard maths modules, such as ("sympy",).
    """

    code: str
    result: str = "result"
    modules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Limits:
    """What one program may use: wall clock in seconds, memory in MiB, printed characters, size of the result."""

    seconds: float = 2.0
    memory_mb: int = 128
    output_chars: int = 10_000
    result_chars: int = 20_000


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a program.

    `value` is the result as JSON: numbers that JSON cannot hold exactly (big integers, fractions, sympy's) are
    {"exact": text}, anything unreadable is {"text": text}. `error` is a sentence for people, "" when it went well.
    `sandbox` names who ran it, with the version.
    """

    ending: RunEnding
    value: Any = None
    printed: str = ""
    error: str = ""
    millis: float = 0.0
    sandbox: str = ""


class Sandbox(Protocol):
    """Runs programs that nobody trusts. A program's fault is an outcome, never an exception."""

    name: str

    def run_many(self, programs: Sequence[Program], limits: Limits = Limits()) -> list[Outcome]:
        """Return one outcome a program, in their order."""
        ...

    def close(self) -> None:
        """End its processes; the next call would start new ones."""
        ...
