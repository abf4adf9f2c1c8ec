"""Trees that wait for completions, verdicts and scores, and what they ask for next. Knows nothing about any method.

A tree in a round is a coroutine: it is handed what it waited for and says what it wants next. Requests are collected
for the engine; checks and scores of all trees go out in one batch.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import Any

from inference.engines.base import Completion, Request
from inference.prompts import readable
from inference.search.tree import SearchTree
from inference.search.wants import Ask, Check, Checker, Growth, Guide


@dataclass
class RoundStats:
    """What rounds of trees did. `tokens` were drawn, `kept_tokens` stand in new nodes; times are in seconds.

    `asked` of the requests were what verifiers ask a model about steps.
    """

    trees: int = 0
    nodes: int = 0
    requests: int = 0
    tokens: int = 0
    kept_tokens: int = 0
    malformed: int = 0
    merged: int = 0
    checks: int = 0
    asked: int = 0
    seconds: float = 0.0
    check_seconds: float = 0.0

    def add(self, other: RoundStats) -> None:
        """Add the figures of other rounds."""
        for figure in fields(self):
            setattr(self, figure.name, getattr(self, figure.name) + getattr(other, figure.name))

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

    Trees whose round is over are left in `ended`, which the caller empties. `pending` is what the engine is to be asked
    for. `known` returns a completion drawn before, which answers in the engine's place. With `aside` trees that want
    checks are handed to it, and come back through `checked`.
    """

    def __init__(
        self,
        checker: Checker,
        guide: Guide | None = None,
        known: Callable[[Request], Completion | None] | None = None,
        aside: Callable[[list[Growing]], None] | None = None,
    ) -> None:
        self.checker = checker
        self.aside = aside
        self.guide = guide
        self.known = known
        self.ended: list[Growing] = []
        self.stats = RoundStats()
        self._asked: dict[str, tuple[Growing, int]] = {}
        self._answered: deque[Growing] = deque()
        self.pending: list[Request] = []
        self._to_check: list[Growing] = []
        self._to_rate: list[Growing] = []

    def advance(self, growing: Growing, answer: object = None) -> None:
        """Hand a tree what it waited for and note what it wants next."""
        try:
            want = growing.growth.send(answer)
        except StopIteration:
            self.stats.tally(growing.tree, growing.before)
            self.ended.append(growing)
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
            growing.replies[slot] = readable(completion)
            growing.waiting -= 1
            if not growing.waiting:
                self.advance(growing, growing.replies)

    @property
    def serving(self) -> bool:
        """Whether any tree waits for something else than the engine."""
        return bool(self._to_check or self._to_rate or self._answered)

    def requests(self) -> list[Request]:
        """Return what the engine is asked for, once."""
        requests, self.pending = self.pending, []
        self.stats.requests += len(requests)
        return requests

    def serve(self) -> None:
        """Check and score what is wanted, all trees in one batch each, and go on with what is known already."""
        checking, self._to_check = self._to_check, []
        if self.aside is None:
            self._serve(checking, self._check)
        else:
            self.aside(checking)
        rating, self._to_rate = self._to_rate, []
        self._serve(rating, self._rate)
        for _ in range(len(self._answered)):
            growing = self._answered.popleft()
            self.advance(growing, growing.replies)

    def checked(self, growing: Growing, verdicts: Sequence[Any]) -> None:
        """Hand a tree the verdicts that it was put aside for."""
        self.stats.checks += len(verdicts)
        self.advance(growing, verdicts)

    def next_requests(self) -> list[Request]:
        """Serve until every tree waits for the engine or has ended its round; return what the engine is asked for."""
        while self.serving:
            self.serve()
        return self.requests()

    def _ask(self, growing: Growing, want: Ask) -> None:
        growing.replies = [None] * len(want.requests)
        growing.waiting = 0
        for slot, request in enumerate(want.requests):
            known = self.known(request) if self.known is not None else None
            if known is not None:
                growing.replies[slot] = known
                continue
            growing.waiting += 1
            self._asked[request.key] = (growing, slot)
            self.pending.append(request)
            self.stats.asked += want.drafts
        if not growing.waiting:
            self._answered.append(growing)

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
