"""The ways to grow trees, by name: each is one file. Knows nothing about engines or batches."""

from __future__ import annotations

from inference.search import beam, best_of_n, mcts, omega, vote
from inference.search.params import SearchParams
from inference.search.tree import SearchTree
from inference.search.wants import Method

METHODS: dict[str, Method] = {
    "mcts": mcts.METHOD,
    "omega": omega.METHOD,
    "beam": beam.METHOD,
    "best_of_n": best_of_n.METHOD,
    "vote": vote.METHOD,
}


def finished(tree: SearchTree, params: SearchParams) -> bool:
    """Return whether the tree's method has nothing left to do with it."""
    return METHODS[params.method].finished(tree, params)
