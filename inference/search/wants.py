"""What a method asks of the driver, and the checker that answers for tools. Knows nothing about any one method."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from typing import Any, NamedTuple

from inference.engines.base import Request
from inference.types import Verdict
from inference.verifiers.wire import CheckJob

__all__ = ["Ask", "Check", "CheckJob", "Checker", "Growth"]


class Ask(NamedTuple):
    """The method wants these completions; it is sent a list of Completion in the same order."""

    requests: list[Request]


class Check(NamedTuple):
    """The method wants these verdicts; it is sent a list of Verdict in the same order."""

    jobs: list[CheckJob]


Checker = Callable[[Sequence[CheckJob]], Sequence[Verdict]]
"""Answers for tools: one verdict a job, in the order asked (`Pool.check_many` with a deadline)."""
Growth = Generator[Ask | Check, Any, None]
"""One round of one tree: yields what it wants, is sent the answers, ends when the round has ended."""
