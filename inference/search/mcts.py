"""GroundedPRM's tree search, one round of one tree. Knows nothing about other trees, engines or how tools are run.

1. Select a node by UCT or PUCT; with progressive widening it may be one that has children.
2. Draw next steps; identical ones are one node.
3. Check every step by tool; judge every answer.
4. From the first new step that is not refuted, draw one completion to the answer. Its steps become nodes.
5. Check and judge those too; reward every path that ended, and back the rewards up.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from typing import Any

from inference.search.draw import next_steps, to_the_end
from inference.search.params import SearchParams
from inference.search.reward import back_up, scored_paths, worth
from inference.search.select import finished, note_draws, select, step_value, to_draw
from inference.search.tree import SearchNode, SearchTree
from inference.search.wants import Growth, Method, Rate


def grow_round(tree: SearchTree, params: SearchParams) -> Growth:
    """Grow the tree by one round, as the steps at the head of this file say."""
    leaf = select(tree, params)
    count = to_draw(tree, leaf, params)
    note_draws(tree, leaf, count, params)
    drawn = (yield from next_steps(tree, (leaf,), params, count))[0]
    start = next((node for node in drawn if not node.terminal and node.support >= 0), None)
    path: list[SearchNode] = []
    if start is not None:
        path = (yield from to_the_end(tree, (start,), params))[0]
    yield from _reward(tree, leaf, drawn, start, path, params)
    tree.close_upwards(leaf)
    tree.counts.rounds_done += 1


def _reward(
    tree: SearchTree,
    leaf: SearchNode,
    drawn: Sequence[SearchNode],
    start: SearchNode | None,
    path: Sequence[SearchNode],
    params: SearchParams,
) -> Generator[Rate, Any, None]:
    """Reward the answers drawn and the simulation from `start`, or where there is neither, the dead end."""
    ends = [node for node in drawn if node.terminal]
    answers = tuple(ends)
    if start is not None:
        ends.append(path[-1] if path else start)
    elif not answers:
        ends += drawn[:1]
    scored = yield from scored_paths(tree, ends, params)
    for node in answers:
        back_up(tree, node, worth(tree, node, (), scored.get(node.seq, 0.0), params), params.decay)
    if start is not None:
        _reward_simulation(tree, start, path, scored, params)
    elif not answers:
        _reward_dead_end(tree, leaf, drawn, scored, params)


def _reward_simulation(
    tree: SearchTree, start: SearchNode, path: Sequence[SearchNode], scored: Mapping[int, float], params: SearchParams
) -> None:
    """Back the reward up from `start`; a step of the simulation is worth the rest of the path behind it."""
    end = path[-1] if path else start
    by_prm = scored.get(end.seq, 0.0)
    values = [step_value(node, params.policy) for node in path if not node.terminal]
    back_up(tree, start, worth(tree, end, values, by_prm, params), params.decay)
    for done, node in enumerate(path, start=1):
        tree.visit(node, worth(tree, end, values[done:], by_prm, params))


def _reward_dead_end(
    tree: SearchTree, leaf: SearchNode, drawn: Sequence[SearchNode], scored: Mapping[int, float], params: SearchParams
) -> None:
    """Nothing could be simulated: the first step counts as a path of itself alone, no step at all as 0."""
    if not drawn:
        back_up(tree, leaf, 0.0, params.decay)
        return
    first = drawn[0]
    value = worth(tree, first, (step_value(first, params.policy),), scored.get(first.seq, 0.0), params)
    back_up(tree, first, value, params.decay)


METHOD = Method(grow_round, finished)
