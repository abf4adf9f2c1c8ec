"""A tree is the same under any kill, any chunking and any order in which an engine answers."""

from __future__ import annotations

import json

import pytest

from inference.engines.scripted import ScriptedEngine
from inference.search import SearchParams, SearchTree, finished, resume_tree, run_round
from inference.types import Node, Tree
from tests.inference.search_cast import OneByOne, check, grove, guide

PARAMS = SearchParams(rounds=7, depth=4, early_stop=False)
COUNT = 6
WAYS = {
    "uct": PARAMS,
    "puct, widened": SearchParams(rounds=7, select="puct", widen=1.5, early_stop=False),
    "mixed rewards": SearchParams(rounds=5, reward_outcome=1.0, reward_prm=2.0, early_stop=False),
    "omega": SearchParams(method="omega", rounds=6),
    "beam by likelihood": SearchParams(method="beam", width=3, draws=3),
    "beam by prm": SearchParams(method="beam", guide="prm", width=2, draws=4),
    "best of n": SearchParams(method="best_of_n", guide="prm", samples=10, round_samples=4),
    "vote": SearchParams(method="vote", samples=12, round_samples=3),
}


class Killed(Exception):
    pass


def to_the_end(trees: list[SearchTree], params: SearchParams = PARAMS) -> list[Tree]:
    while not all(finished(tree, params) for tree in trees):
        run_round(trees, ScriptedEngine(), check, params, guide=guide)
    return [tree.frozen() for tree in trees]


def undisturbed(params: SearchParams = PARAMS) -> list[Tree]:
    return to_the_end(grove(COUNT, params), params)


class Shelf:
    """What a store keeps: rows by seq, and the tree's own columns."""

    def __init__(self, tree: SearchTree) -> None:
        self.rows: dict[int, Node] = {}
        self.save(tree)

    def save(self, tree: SearchTree) -> None:
        self.rows.update({node.seq: node for node in tree.changed()})
        self.tree = tree.frozen()
        tree.mark_stored()

    def load(self) -> Tree:
        """Return the tree with its data as a database gives it back, through JSON."""
        tree = self.tree
        nodes = tuple(self.rows.values())
        return Tree(
            tree.problem,
            nodes,
            tree.state,
            tree.seed,
            tree.rounds,
            tree.visits,
            tree.value_sum,
            tree.key,
            data=json.loads(json.dumps(tree.data)),
        )


@pytest.mark.parametrize("rounds", range(8))
def test_a_tree_resumed_after_any_round_ends_the_same(rounds: int) -> None:
    trees = grove(COUNT, PARAMS)
    shelves = [Shelf(tree) for tree in trees]
    for _ in range(rounds):
        run_round(trees, ScriptedEngine(), check, PARAMS)
        for shelf, tree in zip(shelves, trees, strict=True):
            shelf.save(tree)
    resumed = [resume_tree(shelf.load(), PARAMS) for shelf in shelves]
    assert to_the_end(resumed) == undisturbed()


@pytest.mark.parametrize("way", WAYS)
def test_whatever_the_method_a_tree_resumed_after_every_round_ends_the_same(way: str) -> None:
    params = WAYS[way]
    trees = grove(COUNT, params)
    shelves = [Shelf(tree) for tree in trees]
    rounds = 0
    while not all(finished(tree, params) for tree in trees):
        run_round(trees, OneByOne() if rounds % 2 else ScriptedEngine(), check, params, guide=guide)
        for shelf, tree in zip(shelves, trees, strict=True):
            shelf.save(tree)
        trees = [resume_tree(shelf.load(), params) for shelf in shelves]
        rounds += 1
    assert rounds > 1 and [tree.frozen() for tree in trees] == undisturbed(params)


@pytest.mark.parametrize("waves", range(1, 14))
def test_a_worker_killed_in_any_wave_loses_only_the_round_under_way(waves: int) -> None:
    left = waves

    def die(_: int) -> None:
        nonlocal left
        left -= 1
        if not left:
            raise Killed

    trees = grove(COUNT, PARAMS)
    shelves = [Shelf(tree) for tree in trees]
    with pytest.raises(Killed):
        while True:
            run_round(trees, ScriptedEngine(), check, PARAMS, die)
            for shelf, tree in zip(shelves, trees, strict=True):
                shelf.save(tree)
    resumed = [resume_tree(shelf.load(), PARAMS) for shelf in shelves]
    assert to_the_end(resumed) == undisturbed()


def test_trees_do_not_depend_on_their_neighbours_or_the_order_of_answers() -> None:
    alone = [to_the_end([tree])[0] for tree in grove(COUNT, PARAMS)]
    uneven = grove(COUNT, PARAMS)
    while not all(finished(tree, PARAMS) for tree in uneven):
        run_round(uneven, OneByOne(), check, PARAMS)
    assert alone == undisturbed()
    assert [tree.frozen() for tree in uneven] == undisturbed()


def test_another_seed_grows_another_tree() -> None:
    assert to_the_end(grove(1, PARAMS, seed=6)) != to_the_end(grove(1, PARAMS))


def test_only_what_changed_is_stored_again() -> None:
    tree = grove(1, PARAMS)[0]
    run_round([tree], ScriptedEngine(), check, PARAMS)
    assert [node.seq for node in tree.changed()] == list(range(1, len(tree.nodes) + 1))
    tree.mark_stored()
    before = {node.seq: node.frozen() for node in tree.nodes}
    run_round([tree], ScriptedEngine(), check, PARAMS)
    changed = {node.seq: node for node in tree.changed()}
    assert changed and all(changed[node.seq] != before.get(node.seq) for node in changed.values())
    assert {seq for seq, node in before.items() if node != tree.nodes[seq - 1].frozen()} == set(changed) & set(before)


def test_a_gap_in_the_stored_nodes_is_an_error() -> None:
    tree = to_the_end(grove(1, PARAMS))[0]
    torn = Tree(tree.problem, tree.nodes[1:], seed=tree.seed, key="torn")
    with pytest.raises(ValueError, match=r"tree torn: node 2 \(parent 0\) does not follow on"):
        resume_tree(torn, PARAMS)
