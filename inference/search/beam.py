"""Step beam search, one depth of one tree: the best paths are kept, scored by a guide. Knows no engine and no scorer.

1. Draw `draws` next steps below every path that is kept (as many in all below the root); at full depth, the answer.
2. Check every step by tool; a refuted one is never grown on. Judge every answer, which the search does not look at.
3. Score every new path by the guide. The `width` best of these and of all answers so far are kept.

It ends when all that is kept are answers. With a verifier of deductions as the guide this is Deductive Beam Search
(Zhu et al. 2024, arXiv:2401.17686). A node's value is its path's score, as `guided` says, so nodes are the whole state.
"""

from __future__ import annotations

from inference.search.draw import next_steps, to_the_end
from inference.search.guided import give, path_scores
from inference.search.params import SearchParams
from inference.search.tree import SearchNode, SearchTree
from inference.search.wants import Growth, Method


def grow_round(tree: SearchTree, params: SearchParams) -> Growth:
    """Grow the paths that are kept by one step."""
    growing = [node for node in beam(tree, params) if not node.terminal]
    already = len(tree.nodes)
    if tree.counts.rounds_done < tree.depth:
        count = params.draws if tree.counts.rounds_done else params.draws * params.width
        yield from next_steps(tree, growing, params, count)
    else:
        yield from to_the_end(tree, growing, params)
    fresh = tree.nodes[already:]
    scores = yield from path_scores(tree, fresh, params)
    for node in fresh:
        give(tree, node, scores[node.seq])
    tree.counts.rounds_done += 1
    answers = [node for node in tree.nodes if node.terminal]
    if answers:
        best = max(answers, key=lambda node: node.value_sum)
        tree.choose(best, (best.value_sum + 1) / 2)


def beam(tree: SearchTree, params: SearchParams) -> list[SearchNode]:
    """Return the `width` best of the newest steps that are not refuted and of all answers; ties: the older first."""
    newest = tree.counts.rounds_done
    if not newest:
        return [tree.root]
    held = [node for node in tree.nodes if node.terminal or (node.round == newest and not node.refuted)]
    return sorted(held, key=lambda node: -node.value_sum)[: params.width]


def finished(tree: SearchTree, params: SearchParams) -> bool:
    """Return whether nothing that is kept can grow: all are answers, or the last depth is done."""
    if tree.counts.rounds_done > tree.depth:
        return True
    return all(node.terminal for node in beam(tree, params))


METHOD = Method(grow_round, finished)
