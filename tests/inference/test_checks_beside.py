"""Checks in a thread of their own: trees come back in order, faults reach the caller, and what waits is bounded."""

from __future__ import annotations

import time
from collections.abc import Sequence

import pytest

from inference.engines.base import Completion, Request
from inference.engines.paced import PacedEngine
from inference.search import RoundStats, SearchParams, SearchTree, finished, new_tree
from inference.search.flow import Flow
from inference.types import Problem, Verdict, VerdictKind
from inference.verifiers.wire import CheckJob

PLACES, TREES = 2, 40
PARAMS = SearchParams(rounds=2, depth=3)


class Trees:
    """A ledger in memory: so many trees, one after the other, each grown to its end."""

    def __init__(self, count: int = TREES) -> None:
        self.left = [new_tree(Problem(str(n), f"Lena has {n} pens. How many?"), PARAMS, 3) for n in range(count)]
        self.opened = 0
        self.done: list[SearchTree] = []

    def next_tree(self) -> SearchTree | None:
        self.opened += bool(self.left)
        return self.left.pop(0) if self.left else None

    def known(self, request: Request) -> Completion | None:
        return None

    def keep(self, drawn: Sequence[Completion], asked: Sequence[Request]) -> None:
        pass

    def ended(self, tree: SearchTree) -> bool:
        if finished(tree, PARAMS):
            self.done.append(tree)
        return not finished(tree, PARAMS)

    def store(self, stats: RoundStats) -> None:
        pass

    def close(self) -> None:
        pass


def undecided(jobs: Sequence[CheckJob]) -> list[Verdict]:
    return [Verdict(VerdictKind.UNDECIDED, job.verifier, "1", (), job.step) for job in jobs]


def engine() -> PacedEngine:
    return PacedEngine(places=PLACES, latency=0.001)


def test_every_step_gets_its_own_verdict() -> None:
    trees = Trees()
    Flow(trees, undecided, PARAMS, PLACES).run(engine())
    assert len(trees.done) == TREES
    assert all(node.verdicts[0].message == node.text for tree in trees.done for node in tree.nodes)


def test_what_goes_wrong_in_a_check_reaches_whoever_asked_for_the_trees() -> None:
    calls = iter(range(9))

    def breaks(jobs: Sequence[CheckJob]) -> list[Verdict]:
        if next(calls) == 3:
            raise RuntimeError("the children are gone")
        return undecided(jobs)

    with pytest.raises(RuntimeError, match="the children are gone"):
        Flow(Trees(), breaks, PARAMS, PLACES).run(engine())
    with pytest.raises(ValueError, match="0 answers came"):
        Flow(Trees(), lambda jobs: [], PARAMS, PLACES).run(engine())


def test_no_tree_is_opened_while_too_many_checks_wait() -> None:
    trees, opened = Trees(), [0]

    def late(jobs: Sequence[CheckJob]) -> list[Verdict]:
        if opened == [0]:
            # Nothing is opened any more once the requests under way have ended.
            while opened[-1] != trees.opened or len(opened) < 20:
                opened.append(trees.opened)
                time.sleep(0.01)
        return undecided(jobs)

    flow = Flow(trees, late, PARAMS, PLACES)
    flow.run(engine())
    assert opened[-1] < flow.most_open, "the backlog is full before that many trees are open"
    assert len(trees.done) == TREES
