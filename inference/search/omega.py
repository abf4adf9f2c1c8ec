"""OmegaPRM, one round of one tree (Luo et al. 2024, arXiv:2406.06592). Knows nothing about other trees or engines.

A state is a path prefix (a node, or the root) from which k rollouts were drawn; MC(s) is the share of them that came to
the right answer. The first round estimates the root; a further one is

1. Of all wrong rollouts r from states s with 0 < MC(s) < 1 take the one with the highest Q(s, r) + U(s).
2. Halve it: estimate the state in the middle; the first error is behind it where MC > 0, else at or before it.
3. So on until the first error is found. The states estimated on the way and their rollouts join the pool.

A node counts every rollout that passes through it from its start on (visits) and their outcomes (value sum), so that
its mean value is 2 MC - 1; rollouts that started below it say nothing new of it. What nodes cannot tell is in the memo:
`states` {seq: [right, drawn, times selected]}, `pool` [[state, last node]], `errors` [[last node, first wrong step]].
"""

from __future__ import annotations

import math
from collections.abc import Generator, Sequence
from typing import Any

from inference.search.draw import to_the_end
from inference.search.params import SearchParams
from inference.search.tree import SearchNode, SearchTree
from inference.search.wants import Ask, Check, Growth, Method

Estimate = Generator[Ask | Check, Any, None]
RIGHT, DRAWN, SELECTED = 0, 1, 2


def grow_round(tree: SearchTree, params: SearchParams) -> Growth:
    """Estimate the root, or search one rollout for its first error."""
    if not tree.counts.memo:
        tree.counts.memo |= {"states": {}, "pool": [], "errors": []}
        yield from _estimate(tree, tree.root, params)
    else:
        yield from _search(tree, params)
    tree.counts.rounds_done += 1


def finished(tree: SearchTree, params: SearchParams) -> bool:
    """Return whether the rounds are used up, or no rollout is left from a state that is neither hopeless nor sure."""
    memo = tree.counts.memo
    return tree.counts.rounds_done >= tree.rounds or bool(memo and not memo["pool"])


def monte_carlo(tree: SearchTree, state: SearchNode) -> float | None:
    """Return MC(s) in [0, 1], None for a node that was not estimated."""
    found: list[int] | None = tree.counts.memo["states"].get(str(state.seq))
    return found[RIGHT] / found[DRAWN] if found else None


def quality(mc: float, tokens: int, params: SearchParams) -> float:
    """Return `Q(s, r) = alpha ^ (1 - MC(s)) * beta ^ (len(r) / L)`, lengths in tokens; in (0, 1]."""
    return math.pow(params.omega_alpha, 1 - mc) * math.pow(params.omega_beta, tokens / params.omega_length)


def exploration(tree: SearchTree, state: SearchNode, params: SearchParams) -> float:
    """Return `U(s) = c * sqrt(sum of N over all states) / (1 + N(s))`, N being how often a state was selected."""
    states: dict[str, list[int]] = tree.counts.memo["states"]
    total = sum(found[SELECTED] for found in states.values())
    return params.omega_c * math.sqrt(total) / (1 + states[str(state.seq)][SELECTED])


def choose_rollout(tree: SearchTree, params: SearchParams) -> list[int]:
    """Return [state, last node] of the pool's rollout with the highest Q + U; ties go to the older."""
    pool: list[list[int]] = tree.counts.memo["pool"]
    return max(pool, key=lambda rollout: _rank(tree, rollout, params))


def _rank(tree: SearchTree, rollout: Sequence[int], params: SearchParams) -> float:
    state = _node(tree, rollout[0])
    tokens = sum(node.tokens for node in _below(tree, state, rollout[1]))
    return quality(monte_carlo(tree, state) or 0.0, tokens, params) + exploration(tree, state, params)


def _search(tree: SearchTree, params: SearchParams) -> Estimate:
    """Find the first error of the best rollout by halving it; `low` is known to lead on, `high` to lead nowhere."""
    memo = tree.counts.memo
    rollout = choose_rollout(tree, params)
    memo["pool"].remove(rollout)
    memo["states"][str(rollout[0])][SELECTED] += 1
    steps = [node for node in _below(tree, _node(tree, rollout[0]), rollout[1]) if not node.terminal]
    low, high = 0, len(steps)
    while high - low > 1:
        middle = (low + high) // 2
        state = steps[middle - 1]
        if monte_carlo(tree, state) is None:
            yield from _estimate(tree, state, params)
        low, high = (middle, high) if monte_carlo(tree, state) else (low, middle)
    memo["errors"].append([rollout[1], steps[high - 1].seq])


def _estimate(tree: SearchTree, state: SearchNode, params: SearchParams) -> Estimate:
    """Draw k rollouts from a state, count them, and let the wrong ones join the pool."""
    paths = yield from to_the_end(tree, (state,), params, params.omega_rollouts)
    right = 0
    for path in paths:
        outcome = (path[-1].outcome or 0) if path else 0
        right += outcome == 1
        for node in (state, *path):
            tree.visit(node, outcome)
    memo = tree.counts.memo
    memo["states"][str(state.seq)] = [right, len(paths), 0]
    if right:
        wrong = dict.fromkeys(path[-1].seq for path in paths if _searchable(path))
        memo["pool"] += [[state.seq, last] for last in wrong]


def _searchable(path: Sequence[SearchNode]) -> bool:
    """Whether a rollout came to a wrong answer after at least two steps; of one step there is nothing to halve."""
    return len(path) > 2 and path[-1].outcome == -1


def _below(tree: SearchTree, state: SearchNode, last: int) -> list[SearchNode]:
    """Return the nodes of a rollout, from the first after its state to its last."""
    return tree.chain(tree.nodes[last - 1])[state.depth :]


def _node(tree: SearchTree, seq: int) -> SearchNode:
    return tree.nodes[seq - 1] if seq else tree.root


METHOD = Method(grow_round, finished)
