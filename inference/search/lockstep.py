"""Many trees, one engine batch and one batch of checks. Knows nothing about what any method wants them for."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from inference.engines.base import Completion, Engine, Progress, Request
from inference.search import mcts
from inference.search.params import SearchParams
from inference.search.select import finished
from inference.search.tree import SearchTree
from inference.search.wants import Ask, Check, Checker, CheckJob, Growth

METHODS: dict[str, Callable[[SearchTree, SearchParams], Growth]] = {"mcts": mcts.grow_round}


@dataclass
class RoundStats:
    """What one round of a batch did. `tokens` were drawn, `kept_tokens` stand in new nodes; times are in seconds."""

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


class _Growing:
    """One tree in a round: its coroutine, what it waits for and what has come."""

    __slots__ = ("growth", "waiting", "replies", "jobs")

    def __init__(self, growth: Growth) -> None:
        self.growth = growth
        self.waiting = 0
        self.replies: list[Completion | None] = []
        self.jobs: list[CheckJob] = []


class _Round:
    """The trees of one round, fed with completions and verdicts until none wants more."""

    def __init__(self, checker: Checker) -> None:
        self.checker = checker
        self.asked: dict[str, tuple[_Growing, int]] = {}
        self.requests: list[Request] = []
        self.to_check: list[_Growing] = []
        self.stats = RoundStats()

    def advance(self, growing: _Growing, answer: object) -> None:
        """Hand a tree what it waited for and note what it wants next."""
        try:
            want = growing.growth.send(answer)
        except StopIteration:
            return
        if isinstance(want, Check):
            growing.jobs = want.jobs
            self.to_check.append(growing)
        else:
            self._ask(growing, want)

    def _ask(self, growing: _Growing, want: Ask) -> None:
        growing.waiting = len(want.requests)
        growing.replies = [None] * growing.waiting
        for slot, request in enumerate(want.requests):
            self.asked[request.key] = (growing, slot)
        self.requests += want.requests

    def more(self, completions: Sequence[Completion]) -> Sequence[Request]:
        """Take completions that have ended, run the checks they lead to, and return the requests that follow."""
        for completion in completions:
            growing, slot = self.asked.pop(completion.key)
            growing.replies[slot] = completion
            growing.waiting -= 1
            if not growing.waiting:
                self.advance(growing, growing.replies)
        return self.next_requests()

    def next_requests(self) -> list[Request]:
        """Run the checks wanted, all trees in one batch, until every tree waits for the engine or has ended."""
        while self.to_check:
            self._check(self.to_check)
        requests, self.requests = self.requests, []
        self.stats.requests += len(requests)
        return requests

    def _check(self, waiting: list[_Growing]) -> None:
        jobs = [job for growing in waiting for job in growing.jobs]
        began = time.perf_counter()
        verdicts = self.checker(jobs)
        self.stats.check_seconds += time.perf_counter() - began
        self.stats.checks += len(jobs)
        if len(verdicts) != len(jobs):
            raise ValueError(f"the checker gave {len(verdicts)} verdicts for {len(jobs)} steps")
        self.to_check = []
        start = 0
        for growing in waiting:
            end = start + len(growing.jobs)
            self.advance(growing, verdicts[start:end])
            start = end


def run_round(
    trees: Sequence[SearchTree],
    engine: Engine,
    checker: Checker,
    params: SearchParams,
    progress: Progress | None = None,
) -> RoundStats:
    """Grow every unfinished tree by one round, in place, with the requests of all trees in one batch.

    `progress` is called with the number of tokens drawn since its last call. Raises ValueError when two trees share a
    key. After an exception the trees are in mid-round: drop them and resume from what was stored.
    """
    began = time.perf_counter()
    growing = [tree for tree in trees if not finished(tree, params)]
    if len({tree.key for tree in growing}) != len(growing):
        raise ValueError("two trees of one batch have the same key")
    before = [(len(tree.nodes), _counts(tree)) for tree in growing]
    batch = _Round(checker)
    for tree in growing:
        batch.advance(_Growing(METHODS[params.method](tree, params)), None)
    first = batch.next_requests()
    if first:
        engine.generate(first, progress=progress, more=batch.more)
    for tree, (nodes, counts) in zip(growing, before, strict=True):
        _tally(batch.stats, tree, nodes, counts)
    batch.stats.seconds = time.perf_counter() - began
    return batch.stats


def _counts(tree: SearchTree) -> tuple[int, int, int]:
    return tree.counts.tokens, tree.counts.malformed, tree.counts.merged


def _tally(stats: RoundStats, tree: SearchTree, nodes_before: int, before: tuple[int, int, int]) -> None:
    fresh = tree.nodes[nodes_before:]
    stats.trees += 1
    stats.nodes += len(fresh)
    stats.kept_tokens += sum([node.tokens for node in fresh])
    tokens, malformed, merged = _counts(tree)
    stats.tokens += tokens - before[0]
    stats.malformed += malformed - before[1]
    stats.merged += merged - before[2]
