"""Which node a round grows. Knows nothing about engines or tools."""

from __future__ import annotations

from math import log, sqrt

from inference.search.params import SearchParams
from inference.search.tree import SearchNode, SearchTree


def step_value(node: SearchNode, policy: str) -> int:
    """Return v of a step under the verdict policy: refuted -1; supported +1 only under "paper"; else 0."""
    return node.support if policy == "paper" else min(node.support, 0)


def uct(parent: SearchNode, child: SearchNode, sign: int, params: SearchParams) -> float:
    """Score a child by `sign * Q + c * sqrt(ln(N_parent + 1) / (N_child + 1))` (GroundedPRM).

    Q is the mean (or the sum) of the child's values; a child that was never visited counts as its own verdict.
    """
    if not child.visits:
        value: float = step_value(child, params.policy)
    elif params.uct_value == "sum":
        value = child.value_sum
    else:
        value = child.value_sum / child.visits
    return sign * value + params.c * sqrt(log(parent.visits + 1) / (child.visits + 1))


def sign_of(tree: SearchTree, params: SearchParams) -> int:
    """Return +1 while correct paths are wanted, -1 once there are enough and wrong ones are looked for."""
    return -1 if tree.correct >= params.max_correct else 1


def select(tree: SearchTree, params: SearchParams) -> SearchNode:
    """Walk down by the highest UCT (ties: the older child), past exhausted children, to a node without an expansion."""
    sign = sign_of(tree, params)
    node = tree.root
    while node.expanded:
        parent = node
        node = max(
            (child for child in parent.children if not child.exhausted),
            key=lambda child: uct(parent, child, sign, params),
        )
    return node


def finished(tree: SearchTree, params: SearchParams) -> bool:
    """Return whether the tree has used its rounds, has enough paths of both kinds, or has nothing left to select."""
    enough = params.early_stop and tree.correct >= params.max_correct and tree.wrong >= params.max_wrong
    return enough or tree.counts.rounds_done >= tree.rounds or tree.root.exhausted
