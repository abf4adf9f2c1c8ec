"""What a sandbox's process says of a program, made an outcome: whatever it says, within bounds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from inference.sandbox.base import Limits, Outcome, RunEnding
from inference.sandbox.values import clean

MAX_ERROR_CHARS = 600


def outcome_of(said: Sequence[Any], limits: Limits, sandbox: str) -> Outcome:
    """Return the outcome that [ending, value, printed, error, milliseconds] tells; ValueError when it is none."""
    ending, value, printed, error, millis = said
    return Outcome(
        ending=RunEnding(ending),
        value=value,
        printed=clean(str(printed)[: limits.output_chars]),
        error=clean(str(error)[:MAX_ERROR_CHARS]),
        millis=float(millis),
        sandbox=sandbox,
    )


def unavailable(reason: str) -> Outcome:
    return Outcome(RunEnding.UNAVAILABLE, error=reason)


def all_of(outcomes: Sequence[Outcome | None], reason: str = "") -> list[Outcome]:
    """Return the outcomes of a batch; a program that has none was not run, for this reason."""
    return [each or unavailable(reason) for each in outcomes]
