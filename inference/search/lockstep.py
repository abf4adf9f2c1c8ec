"""Many trees, one round each, in one engine batch: what an engine draws is a function of the stored trees alone."""

from __future__ import annotations

import time
from collections.abc import Sequence

from inference.engines.base import Completion, Engine, Progress, Request
from inference.search.feed import Feed, Growing, RoundStats
from inference.search.methods import METHODS, finished
from inference.search.params import SearchParams
from inference.search.tree import SearchTree
from inference.search.wants import Checker, Guide


def run_round(
    trees: Sequence[SearchTree],
    engine: Engine,
    checker: Checker,
    params: SearchParams,
    progress: Progress | None = None,
    guide: Guide | None = None,
) -> RoundStats:
    """Grow every unfinished tree by one round, in place, with the requests of all trees in one batch.

    `progress` is called with the number of tokens drawn since its last call. Raises ValueError when two trees share a
    key. After an exception the trees are in mid-round: drop them and resume from what was stored.
    """
    began = time.perf_counter()
    growing = [tree for tree in trees if not finished(tree, params)]
    if len({tree.key for tree in growing}) != len(growing):
        raise ValueError("two trees of one batch have the same key")
    feed = Feed(checker, guide)
    grow = METHODS[params.method].grow
    for tree in growing:
        feed.advance(Growing(tree, grow(tree, params)))

    def more(completions: Sequence[Completion]) -> Sequence[Request]:
        feed.take(completions)
        return feed.next_requests()

    first = feed.next_requests()
    if first:
        engine.generate(first, progress=progress, more=more)
    feed.stats.seconds = time.perf_counter() - began
    return feed.stats
