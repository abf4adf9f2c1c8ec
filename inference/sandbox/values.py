"""What a program's result becomes as JSON, and in which words its failure is told. Knows no sandbox, imports nothing.

It runs inside the jails, on values that nobody trusts: whatever it is given, it spends at most `chars`.
"""

from __future__ import annotations

import math
from typing import Any

from inference.sandbox.base import Limits, RunEnding

EXACT_BELOW = 2**53
MAX_DEPTH = 40
MAX_ERROR_CHARS = 300
_SEQUENCES = (list, tuple, set, frozenset, range)
_MISSING = ("ModuleNotFoundError", "ImportError", "NotImplementedError")
_DENIED = ("PermissionError", "FileNotFoundError", "BlockingIOError", "OSError", "ConnectionError", "IsADirectoryError")


class TooLong(Exception):
    """The result has more characters, or is nested more deeply, than may be told."""


def to_json(value: Any, chars: int) -> Any:
    """Return a value as JSON of about `chars` characters at most, numbers as Outcome.value says; TooLong if larger."""
    return _Writer(chars).write(value, 0)


class _Writer:
    """One value on its way to JSON, with the characters that are left."""

    def __init__(self, chars: int) -> None:
        self.left = chars

    def spend(self, chars: int) -> None:
        self.left -= chars
        if self.left < 0:
            raise TooLong

    def write(self, value: Any, depth: int) -> Any:
        self.spend(1)
        if depth > MAX_DEPTH:
            raise TooLong
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, int):
            return self.whole(int(value))
        if isinstance(value, float):
            return float(value) if math.isfinite(value) else {"text": repr(float(value))}
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, _SEQUENCES):
            return [self.write(each, depth + 1) for each in _ordered(value)]
        if isinstance(value, dict):
            return {self.key(key): self.write(each, depth + 1) for key, each in value.items()}
        return self.other(value, depth)

    def key(self, key: Any) -> str:
        return self.text(key if isinstance(key, str) else str(self.write(key, MAX_DEPTH)))

    def whole(self, value: int) -> Any:
        if value.bit_length() > 4 * self.left + 64:
            raise TooLong
        if abs(value) <= EXACT_BELOW:
            self.spend(len(str(value)))
            return value
        return {"exact": self.text(str(value))}

    def text(self, text: str) -> str:
        self.spend(len(text))
        return clean(text)

    def other(self, value: Any, depth: int) -> Any:
        """Write a number of the standard library or of sympy; anything else is told as its text."""
        home = type(value).__module__.partition(".")[0]
        if home == "sympy":
            return self.symbolic(value, depth)
        text = str(value)
        number = home in ("fractions", "decimal") and any(each.isdigit() for each in text)
        return {"exact" if number else "text": self.text(text)}

    def symbolic(self, value: Any, depth: int) -> Any:
        if type(value).__name__ in ("BooleanTrue", "BooleanFalse"):
            return bool(value)
        if getattr(value, "is_Integer", False):
            return self.whole(int(value))
        if getattr(value, "is_FiniteSet", False):
            return [self.write(each, depth + 1) for each in value.args]
        if getattr(value, "is_Float", False):
            return self.write(float(value), depth)
        number = bool(getattr(value, "is_number", False)) and getattr(value, "is_finite", None) is not False
        return {"exact" if number else "text": self.text(str(value))}


def _ordered(values: Any) -> Any:
    """Return members in their order; those of a set in that of their texts, so that a run can be repeated."""
    if isinstance(values, set | frozenset):
        try:
            return sorted(values)
        except TypeError:
            return sorted(values, key=str)
    return values


def clean(text: str) -> str:
    """Return a text that every database takes: no NUL, no half of a surrogate pair."""
    return text.encode("utf-8", "replace").decode("utf-8").replace("\x00", "�")


def failure(kind: str, message: str, line: int | None, limits: Limits) -> tuple[RunEnding, str]:
    """Return ending and sentence for the exception with which a program ended: its type, message and line."""
    message = clean(message[: MAX_ERROR_CHARS + 1])
    message = message[:MAX_ERROR_CHARS] + "…" if len(message) > MAX_ERROR_CHARS else message
    what = f"{kind}: {message}" if message else kind
    if kind == "MemoryError":
        return RunEnding.MEMORY, told(RunEnding.MEMORY, limits)
    if kind in _MISSING or (kind == "AttributeError" and message.startswith("module '")):
        return RunEnding.REFUSED, f"the sandbox has not what the program uses: {what}"
    if kind in _DENIED or "is not supported in this environment" in message:
        return RunEnding.REFUSED, f"the program asked for what no sandbox gives: {what}"
    return RunEnding.ERROR, f"the program failed with {what}" + (f" (line {line})" if line else "")


def told(ending: RunEnding, limits: Limits) -> str:
    """Return the sentence for a limit that was passed or a process that was lost."""
    return {
        RunEnding.TIMEOUT: f"the program was stopped after {limits.seconds:g} s",
        RunEnding.MEMORY: f"the program asked for more than {limits.memory_mb} MB of memory",
        RunEnding.CRASH: "the program took its process down",
    }[ending]


def flooded(limits: Limits) -> str:
    return f"the program printed more than {limits.output_chars:,} characters"


def too_long(limits: Limits) -> str:
    return f"the result has more than {limits.result_chars:,} characters"


def unset(name: str) -> str:
    return f"the program ended without setting {name[:60]!r}"
