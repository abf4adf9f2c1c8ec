"""What a simulated path is worth, and how ancestors share in it. Knows nothing about engines or tools."""

from __future__ import annotations

from collections.abc import Sequence

from inference.search.tree import SearchNode, SearchTree


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


def back_up(tree: SearchTree, node: SearchNode, reward: float, decay: float) -> None:
    """Give `node` the reward and its ancestor at distance d `decay ** d` of it, the root included."""
    above: SearchNode | None = node
    while above is not None:
        tree.visit(above, reward)
        reward *= decay
        above = above.parent
