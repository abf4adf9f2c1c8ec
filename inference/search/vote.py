"""Self-consistency: whole solutions, the most frequent answer wins (Wang et al. 2022, arXiv:2203.11171). No engine.

A round draws `round_samples` solutions from the root; like lines are one node. A node's visits are the solutions that
pass through it, its value sum their outcomes. The memo holds `votes` [[answer, votes]], most votes first (32 at most),
and the winner, whose share of all solutions drawn is the confidence: one that came to no answer voted for none.
"""

from __future__ import annotations

from inference.search.best_of_n import left
from inference.search.draw import to_the_end
from inference.search.params import SearchParams
from inference.search.tree import SearchNode, SearchTree
from inference.search.wants import Growth, Method
from inference.verifiers.answer import canonical

MOST_VOTES, MOST_CHARS = 32, 200
"""Answers that are told with their votes, and of each so many characters; all are counted."""


def grow_round(tree: SearchTree, params: SearchParams) -> Growth:
    """Draw the next solutions and count the votes."""
    paths = yield from to_the_end(tree, (tree.root,), params, left(tree, params))
    for path in paths:
        outcome = (path[-1].outcome or 0) if path else 0
        for node in (tree.root, *path):
            tree.visit(node, outcome)
    counted = votes(tree)
    tree.counts.memo["votes"] = [[first.text[:MOST_CHARS], number] for first, number in counted[:MOST_VOTES]]
    if counted:
        winner, number = counted[0]
        tree.choose(winner, number / tree.root.visits)
    tree.counts.rounds_done += 1


def votes(tree: SearchTree) -> list[tuple[SearchNode, int]]:
    """Return each answer (the first node that gave it) with its votes, most first; ties: the one drawn first.

    Answers that are plainly the same number are one answer.
    """
    first: dict[str, SearchNode] = {}
    number: dict[str, int] = {}
    for node in tree.nodes:
        if node.terminal:
            answer = canonical(node.answer)
            first.setdefault(answer, node)
            number[answer] = number.get(answer, 0) + node.visits
    ranked = sorted(first, key=lambda answer: -number[answer])
    return [(first[answer], number[answer]) for answer in ranked]


def finished(tree: SearchTree, params: SearchParams) -> bool:
    """Return whether all solutions are drawn, or none that is left could change the winner."""
    rest = params.samples - tree.root.visits
    if rest <= 0 or not params.early_stop:
        return rest <= 0
    numbers = [number for _, number in votes(tree)] + [0, 0]
    return numbers[0] > numbers[1] + rest


METHOD = Method(grow_round, finished)
