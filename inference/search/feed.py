"""Trees that wait for completions, verdicts and scores, and what they ask for next. Knows nothing about any method.

A tree in a round is a coroutine: it is handed what it waited for and says what it wants next. Requests are collected
for the engine; checks and scores of all trees go out in one batch.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from inference.engines.base import Completion, Request
from inference.search.tree import SearchTree
from inference.search.wants import Ask, Check, Checker, Growth, Guide


@dataclass
class RoundStats:
    """What rounds of trees did. `tokens` were drawn, `kept_tokens` stand in new nodes; times are in seconds."""

    trees: int = 0
    nodes: int = 0
    requests: int = 0
    tokens: int = 0
    kept_tokens: int = 0
    malformed: int = 0
    merged: int = 0
    checks: int = 0
    seconds: float = 0.0
    check_seconds: float = 0.0

    def tally(self, tree: SearchTree, before: Before) -> None:
        """Add what a tree has got since `before`."""
        fresh = tree.nodes[before.nodes :]
        self.trees += 1
        self.nodes += len(fresh)
        self.kept_tokens += sum([node.tokens for node in fresh])
        self.tokens += tree.counts.tokens - before.tokens
        self.malformed += tree.counts.malformed - before.malformed
        self.merged += tree.counts.merged - before.merged


class Before:
    """The counts of a tree at the start of a round."""

    __slots__ = ("nodes", "tokens", "malformed", "merged")

    def __init__(self, tree: SearchTree) -> None:
        self.nodes = len(tree.nodes)
        self.tokens, self.malformed = tree.counts.tokens, tree.counts.malformed
        self.merged = tree.counts.merged


class Growing:
    """One tree in a round: its coroutine, what it waits for and what has come."""

    __slots__ = ("tree", "growth", "waiting", "replies", "jobs", "before")

    def __init__(self, tree: SearchTree, growth: Growth) -> None:
        self.tree = tree
        self.growth = growth
        self.waiting = 0
        self.replies: list[Completion | None] = []
        self.jobs: list[Any] = []
        self.before = Before(tree)


class Feed:
    """Growing trees, fed with completions, verdicts and scores until each waits for the engine or has ended its round.

    `ended` is called with each tree whose round is over.
    """

    def __init__(self, checker: Checker, guide: Guide | None, ended: Callable[[Growing], None]) -> None:
        self.checker = checker
        self.guide = guide
        self.ended = ended
        self.stats = RoundStats()
        self._asked: dict[str, tuple[Growing, int]] = {}
        self._requests: list[Request] = []
        self._to_check: list[Growing] = []
        self._to_rate: list[Growing] = []

    def advance(self, growing: Growing, answer: object = None) -> None:
        """Hand a tree what it waited for and note what it wants next."""
        try:
            want = growing.growth.send(answer)
        except StopIteration:
            self.stats.tally(growing.tree, growing.before)
            self.ended(growing)
            return
        if isinstance(want, Ask):
            self._ask(growing, want)
            return
        growing.jobs = want.jobs
        (self._to_check if isinstance(want, Check) else self._to_rate).append(growing)

    def take(self, completions: Sequence[Completion]) -> None:
        """Hand over completions; a tree goes on when all that it asked for have come."""
        for completion in completions:
            growing, slot = self._asked.pop(completion.key)
            growing.replies[slot] = completion
            growing.waiting -= 1
            if not growing.waiting:
                self.advance(growing, growing.replies)

    def next_requests(self) -> list[Request]:
        """Check and score what is wanted, all trees in one batch, until every tree waits for the engine or ended."""
        while self._to_check or self._to_rate:
            checking, self._to_check = self._to_check, []
            self._serve(checking, self._check)
            rating, self._to_rate = self._to_rate, []
            self._serve(rating, self._rate)
        requests, self._requests = self._requests, []
        self.stats.requests += len(requests)
        return requests

    def _ask(self, growing: Growing, want: Ask) -> None:
        growing.waiting = len(want.requests)
        growing.replies = [None] * growing.waiting
        for slot, request in enumerate(want.requests):
            self._asked[request.key] = (growing, slot)
        self._requests += want.requests

    def _serve(self, waiting: list[Growing], answer: Callable[[list[Any]], Sequence[Any]]) -> None:
        """Answer the jobs of all trees in one call and hand each its share."""
        if not waiting:
            return
        jobs = [job for growing in waiting for job in growing.jobs]
        answers = answer(jobs)
        if len(answers) != len(jobs):
            raise ValueError(f"{len(answers)} answers came for {len(jobs)} jobs")
        start = 0
        for growing in waiting:
            end = start + len(growing.jobs)
            self.advance(growing, answers[start:end])
            start = end

    def _check(self, jobs: list[Any]) -> Sequence[Any]:
        began = time.perf_counter()
        verdicts = self.checker(jobs)
        self.stats.check_seconds += time.perf_counter() - began
        self.stats.checks += len(jobs)
        return verdicts

    def _rate(self, jobs: list[Any]) -> Sequence[Any]:
        if self.guide is None:
            raise ValueError("this search needs a scorer and was given none")
        return self.guide(jobs)
