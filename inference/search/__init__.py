"""Tree search: grow many trees in lockstep, resume them anywhere. Knows nothing about rows."""

from __future__ import annotations

from inference.search.feed import RoundStats
from inference.search.lockstep import run_round
from inference.search.methods import finished
from inference.search.params import SearchParams
from inference.search.tree import SearchTree, resume
from inference.types import Problem, Tree

__all__ = ["RoundStats", "SearchParams", "SearchTree", "finished", "new_tree", "resume_tree", "run_round"]


def new_tree(problem: Problem, params: SearchParams, seed: int, *, key: str = "") -> SearchTree:
    """Return an empty tree with the budget of the problem's level; `key` (default: the problem's) names it."""
    budget = params.budget(problem.level)
    return SearchTree(problem, seed, key or problem.key, budget.depth, budget.rounds, trusted=params.trusted_names)


def resume_tree(tree: Tree, params: SearchParams) -> SearchTree:
    """Return a stored tree ready to grow on, exactly as if it had never stopped; ValueError on a gap in its nodes."""
    budget = params.budget(tree.problem.level)
    return resume(tree, depth=budget.depth, rounds=budget.rounds, trusted=params.trusted_names)
