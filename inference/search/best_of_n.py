"""Best of n: whole solutions, one independent of the other, the best scored one named. Knows no engine and no scorer.

A round draws `round_samples` solutions from the root; like lines are one node. A node's visits are the solutions that
pass through it, its value the guide's score of the path to it (see `guided`).
"""

from __future__ import annotations

from inference.search.draw import to_the_end
from inference.search.guided import give, path_scores
from inference.search.params import SearchParams
from inference.search.tree import SearchTree
from inference.search.wants import Growth, Method


def grow_round(tree: SearchTree, params: SearchParams) -> Growth:
    """Draw and score the next solutions; the best of all so far is named, the older where two are alike."""
    paths = yield from to_the_end(tree, (tree.root,), params, left(tree, params))
    scores = yield from path_scores(tree, [path[-1] for path in paths if path], params)
    for path in paths:
        tree.visit(tree.root, 2 * scores[path[-1].seq] - 1 if path else 0.0)
        for node in path:
            give(tree, node, scores[node.seq])
    ends = [path[-1] for path in paths if path and path[-1].terminal]
    for node in ends:
        if scores[node.seq] > tree.counts.memo.get("confidence", -1.0):
            tree.choose(node, scores[node.seq])
    tree.counts.rounds_done += 1


def left(tree: SearchTree, params: SearchParams) -> int:
    """Return how many solutions the next round draws; every solution so far was one visit of the root."""
    return max(0, min(params.round_samples, params.samples - tree.root.visits))


def finished(tree: SearchTree, params: SearchParams) -> bool:
    """Return whether all solutions are drawn."""
    return not left(tree, params)


METHOD = Method(grow_round, finished)
