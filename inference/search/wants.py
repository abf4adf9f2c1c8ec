"""What a method asks of the driver, and who answers for tools and scorers. Knows nothing about any one method."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from inference.engines.base import Request
from inference.types import Problem, Verdict
from inference.verifiers.wire import CheckJob

if TYPE_CHECKING:
    from inference.search.params import SearchParams
    from inference.search.tree import SearchTree

__all__ = ["Ask", "Check", "CheckJob", "Checker", "Growth", "Guide", "Method", "Rate", "RateJob"]


class Ask(NamedTuple):
    """The method wants these completions; it is sent a list of Completion in the same order.

    `drafts`: they are what a verifier asks a model about steps, not steps.
    """

    requests: list[Request]
    drafts: bool = False


class Check(NamedTuple):
    """The method wants these verdicts; it is sent a list of Verdict in the same order."""

    jobs: list[CheckJob]


class RateJob(NamedTuple):
    """A path to be scored in one pass: the problem and its steps from the first on."""

    problem: Problem
    steps: tuple[str, ...]


class Rate(NamedTuple):
    """The method wants these paths scored; it is sent a list, each item one number in [0, 1] for every step."""

    jobs: list[RateJob]


Checker = Callable[[Sequence[CheckJob]], Sequence[Verdict]]
"""Answers for tools: one verdict a job, in the order asked (`Pool.check_many` with a deadline)."""
Guide = Callable[[Sequence[RateJob]], Sequence[Sequence[float]]]
"""Answers for a scorer (a PRM, deducibility): p(the step is right) for every step of every path, in the order asked."""
Growth = Generator[Ask | Check | Rate, Any, None]
"""One round of one tree: yields what it wants, is sent the answers, ends when the round has ended."""


class Method(NamedTuple):
    """A way to grow trees. `finished` looks at the tree alone, so that a stored tree goes on as if never stopped."""

    grow: Callable[[SearchTree, SearchParams], Growth]
    finished: Callable[[SearchTree, SearchParams], bool]
