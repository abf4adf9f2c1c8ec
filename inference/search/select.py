"""Which node a round of the tree search grows, and by how many draws. Knows nothing about engines or tools."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, exp, log, sqrt

from inference.search.params import SearchParams
from inference.search.tree import SearchNode, SearchTree


def step_value(node: SearchNode, policy: str) -> int:
    """Return v of a step under the verdict policy: refuted -1; supported +1 only under "paper"; else 0."""
    return node.support if policy == "paper" else min(node.support, 0)


def value_of(child: SearchNode, params: SearchParams) -> float:
    """Return Q: the mean (or the sum) of a child's values; one never visited counts as its own verdict."""
    if not child.visits:
        return step_value(child, params.policy)
    return child.value_sum if params.uct_value == "sum" else child.value_sum / child.visits


def uct(parent: SearchNode, child: SearchNode, sign: int, params: SearchParams) -> float:
    """Score a child by `sign * Q + c * sqrt(ln(N_parent + 1) / (N_child + 1))` (GroundedPRM)."""
    return sign * value_of(child, params) + params.c * sqrt(log(parent.visits + 1) / (child.visits + 1))


def priors(siblings: Sequence[SearchNode]) -> list[float]:
    """Return P(step | the path before it) among siblings: the softmax of their total log-probabilities, summing to 1.

    The total and not the mean that the `prior` column holds: the total is the policy's own probability of the whole
    step, as AlphaZero's prior is that of the move; a softmax over means of tokens would be all but uniform.
    """
    highest = max(node.logprob for node in siblings)
    weights = [exp(node.logprob - highest) for node in siblings]
    total = sum(weights)
    return [weight / total for weight in weights]


def puct(parent: SearchNode, child: SearchNode, prior: float, sign: int, params: SearchParams) -> float:
    """Score a child by `sign * Q + c * P * sqrt(N_parent) / (1 + N_child)` (AlphaZero, Silver et al. 2018)."""
    return sign * value_of(child, params) + params.c * prior * sqrt(parent.visits) / (1 + child.visits)


def sign_of(tree: SearchTree, params: SearchParams) -> int:
    """Return +1 while correct paths are wanted, -1 once there are enough and wrong ones are looked for."""
    return -1 if tree.correct >= params.max_correct else 1


def select(tree: SearchTree, params: SearchParams) -> SearchNode:
    """Walk down by the highest score (ties: the older child), past exhausted children, to a node to draw steps below.

    That is one without an expansion or, with progressive widening, the first that may have more children.
    """
    sign = sign_of(tree, params)
    node = tree.root
    while not to_draw(tree, node, params) if params.widen else node.expanded:
        node = _best_child(node, sign, params)
    return node


def _best_child(parent: SearchNode, sign: int, params: SearchParams) -> SearchNode:
    if params.select == "uct":
        return max(
            (child for child in parent.children if not child.exhausted),
            key=lambda child: uct(parent, child, sign, params),
        )
    shares = zip(parent.children, priors(parent.children), strict=True)
    return max(
        ((child, prior) for child, prior in shares if not child.exhausted),
        key=lambda pair: puct(parent, pair[0], pair[1], sign, params),
    )[0]


def to_draw(tree: SearchTree, node: SearchNode, params: SearchParams) -> int:
    """Return how many steps are to be drawn below `node` now.

    Without widening `children`. With it, up to `children` of the `ceil(widen * N ** widen_power)` that the node may
    have at its N-th visit (Couetoux et al. 2011) and has not had; a draw that repeated a step counts as had, else a
    node whose draws are all alike would never be passed. At least one where nothing below it is left to select.
    """
    if not params.widen:
        return params.children
    drawn: dict[str, int] = tree.counts.memo.get("drawn", {})
    had = max(len(node.children), drawn.get(str(node.seq), 0))
    may_have = ceil(params.widen * exp(params.widen_power * log(node.visits + 1)) - 1e-9)
    least = int(all(child.exhausted for child in node.children))
    return min(params.children, max(may_have - had, least))


def note_draws(tree: SearchTree, node: SearchNode, count: int, params: SearchParams) -> None:
    """Remember with the tree how often steps were drawn below `node`, where widening has to know."""
    if params.widen:
        drawn = tree.counts.memo.setdefault("drawn", {})
        drawn[str(node.seq)] = drawn.get(str(node.seq), 0) + count


def finished(tree: SearchTree, params: SearchParams) -> bool:
    """Return whether the tree has used its rounds, has enough paths of both kinds, or has nothing left to select."""
    enough = params.early_stop and tree.correct >= params.max_correct and tree.wrong >= params.max_wrong
    spent = tree.root.exhausted and not params.widen
    return enough or tree.counts.rounds_done >= tree.rounds or spent
