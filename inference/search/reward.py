"""What a simulated path is worth, and how ancestors share in it. Knows nothing about engines or tools."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import Any

from inference.scoring.reduce import reduce
from inference.search.guided import step_scores
from inference.search.params import SearchParams
from inference.search.tree import SearchNode, SearchTree
from inference.search.wants import Rate


def path_reward(values: Sequence[float], outcome: int | None) -> float:
    """Return `R = (1/N) * sum_{i=0}^{N-1} v_{i+1} * (N - i)/N + (1/N) * F`, and R = F when N = 0 (GroundedPRM).

    `values` are v_1..v_N of the simulated steps, each in [-1, 1]; F is the outcome, 0 when the path has no answer or
    it could not be judged. Within [-2, 2] for N = 1, narrower for longer paths.
    """
    final = outcome or 0
    count = len(values)
    if not count:
        return float(final)
    weighted = sum([value * (count - i) for i, value in enumerate(values)])
    return weighted / count / count + final / count


def mixed(fidelity: float, outcome: int | None, scored: float, refuted: bool, params: SearchParams) -> float:
    """Return the mean of a path's rewards, weighted by `reward_fidelity`, `reward_outcome` and `reward_prm`.

    `fidelity` is path_reward's, `outcome` +1, -1 or None (0), `scored` the PRM's value of the path in [-1, 1]. A
    refuted step on the path is a veto: outcome and PRM may then speak against the path, not for it.
    """
    final = float(outcome or 0)
    if refuted:
        final, scored = min(final, 0.0), min(scored, 0.0)
    total = params.reward_fidelity + params.reward_outcome + params.reward_prm
    weighted = params.reward_fidelity * fidelity + params.reward_outcome * final + params.reward_prm * scored
    return weighted / total


def worth(tree: SearchTree, end: SearchNode, values: Sequence[float], scored: float, params: SearchParams) -> float:
    """Return the reward of the path to `end`, `values` being the verdict values of what was simulated of it."""
    outcome = end.outcome if end.terminal else None
    fidelity = path_reward(values, outcome)
    if not (params.reward_outcome or params.reward_prm):
        return fidelity
    return mixed(fidelity, outcome, scored, any(node.refuted for node in tree.chain(end)), params)


def scored_paths(
    tree: SearchTree, ends: Sequence[SearchNode], params: SearchParams
) -> Generator[Rate, Any, dict[int, float]]:
    """Have the paths to `ends` scored where the PRM counts; return `2p - 1` by the end's seq, p that of the worst step.

    A path without steps counts 0.
    """
    if not params.reward_prm:
        return {}
    scores = yield from step_scores(tree, ends)
    return {seq: 2 * reduce(steps, "min") - 1 for seq, steps in scores.items() if steps}


def back_up(tree: SearchTree, node: SearchNode, reward: float, decay: float) -> None:
    """Give `node` the reward and its ancestor at distance d `decay ** d` of it, the root included."""
    above: SearchNode | None = node
    while above is not None:
        tree.visit(above, reward)
        reward *= decay
        above = above.parent
