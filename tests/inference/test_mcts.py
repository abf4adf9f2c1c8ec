"""Selection, reward and backup worked out by hand on small trees; plain sampling would fail every one of these."""

from __future__ import annotations

from math import log, sqrt

import pytest

from inference.search import SearchParams, SearchTree, new_tree, run_round
from inference.search.reward import path_reward
from inference.search.select import finished, select, uct
from inference.search.tree import EXPAND, ROLLOUT, SearchNode
from inference.types import NodeRole, VerdictKind
from tests.inference.search_cast import HENS, Parrot, check, verdict

PARAMS = SearchParams(rounds=4, depth=3)


def grown(params: SearchParams = PARAMS) -> SearchTree:
    """Root (6 visits) with a (3 visits, mean 0.5), b (2 visits, mean -0.5) and c (never visited)."""
    tree = new_tree(HENS, params, seed=1)
    a, b, _ = (tree.add(tree.root, NodeRole.STEP, text, EXPAND) for text in "abc")
    for node, visits, value in ((tree.root, 6, 0.25), (a, 3, 0.5), (b, 2, -0.5)):
        for _ in range(visits):
            tree.visit(node, value)
    return tree


def answered(tree: SearchTree, parent: SearchNode, kind: VerdictKind, times: int, origin: str = EXPAND) -> None:
    for number in range(times):
        tree.judge(tree.add(parent, NodeRole.ANSWER, f"{kind}-{number}", origin), [verdict(kind)])


def test_uct_is_the_formula_of_the_paper() -> None:
    tree = grown()
    a, b, c = tree.root.children
    explore = 1.414 * sqrt(log(7))
    assert uct(tree.root, a, 1, PARAMS) == pytest.approx(0.5 + explore / 2)
    assert uct(tree.root, b, -1, PARAMS) == pytest.approx(0.5 + explore / sqrt(3))
    assert uct(tree.root, c, 1, PARAMS) == pytest.approx(explore)
    by_sum = SearchParams(uct_value="sum")
    assert uct(tree.root, a, 1, by_sum) == pytest.approx(1.5 + explore / 2)


def test_exploration_takes_the_unvisited_child_and_greed_the_best() -> None:
    assert select(grown(), PARAMS).text == "c"
    assert select(grown(), SearchParams(c=0.0)).text == "a"


def test_after_three_correct_paths_the_search_looks_for_wrong_ones() -> None:
    tree = grown()
    answered(tree, tree.root.children[0], VerdictKind.SUPPORTED, 2, ROLLOUT)
    assert select(tree, SearchParams(c=0.0)).text == "a"
    answered(tree, tree.root.children[2], VerdictKind.SUPPORTED, 1, ROLLOUT)
    assert select(tree, SearchParams(c=0.0)).text == "b"


def test_a_refuted_step_that_was_never_visited_counts_as_minus_one() -> None:
    tree = grown()
    tree.judge(tree.root.children[2], [verdict(VerdictKind.REFUTED)])
    assert uct(tree.root, tree.root.children[2], 1, PARAMS) == pytest.approx(-1 + 1.414 * sqrt(log(7)))


def test_support_counts_only_under_the_paper_policy() -> None:
    tree = grown()
    tree.judge(tree.root.children[2], [verdict(VerdictKind.SUPPORTED)])
    assert uct(tree.root, tree.root.children[2], 1, SearchParams(c=0.0)) == 0
    assert uct(tree.root, tree.root.children[2], 1, SearchParams(c=0.0, policy="paper")) == 1


def test_selection_passes_by_what_is_fully_explored() -> None:
    tree = grown()
    a, b, c = tree.root.children
    answered(tree, c, VerdictKind.REFUTED, 2)
    tree.close_upwards(c)
    assert c.exhausted and not tree.root.exhausted
    assert select(tree, SearchParams(c=100.0)).text == "b"
    for node in (a, b):
        answered(tree, node, VerdictKind.REFUTED, 1)
        tree.close_upwards(node)
    assert tree.root.exhausted and finished(tree, PARAMS)


def test_reward_weighs_early_steps_more_and_the_outcome_by_one_over_n() -> None:
    assert path_reward((), 1) == 1.0
    assert path_reward((), None) == 0.0
    assert path_reward((0, -1), 1) == pytest.approx((0 - 1 * 1 / 2) / 2 + 1 / 2)
    assert path_reward((1, -1, 1), -1) == pytest.approx((1 - 2 / 3 + 1 / 3) / 3 - 1 / 3)


def test_one_round_by_hand() -> None:
    """Three draws: a refuted step, a good one drawn twice. The good one is simulated: one bad step, right answer."""
    engine = Parrot(
        {
            "": ["Step 1: wrong sum", "Step 1: 4 + 3 = 7", "Step 1: 4 + 3 = 7"],
            "Step 1: 4 + 3 = 7\n": ["Step 2: wrong again\nStep 3: so seven\nAnswer: 7"],
        }
    )
    tree = new_tree(HENS, PARAMS, seed=1)
    run_round([tree], engine, check, PARAMS)
    told = {node.text: node for node in tree.nodes}
    assert list(told) == ["wrong sum", "4 + 3 = 7", "wrong again", "so seven", "7"]
    assert told["4 + 3 = 7"].draws == 2 and tree.counts.merged == 1
    assert told["wrong sum"].visits == 0, "a refuted step is not simulated"
    reward = (-1 * 2 / 2 + 0 * 1 / 2) / 2 + 1 / 2
    assert told["4 + 3 = 7"].value_sum == pytest.approx(reward)
    assert (tree.root.visits, tree.root.value_sum) == (1, pytest.approx(0.9 * reward))
    assert told["wrong again"].value_sum == pytest.approx(0 + 1 / 1), "one undecided step and a right answer follow it"
    assert told["7"].value_sum == 1 and told["7"].outcome == 1 and tree.correct == 1
    assert [len(wave) for wave in engine.waves] == [3, 1]


def test_the_second_round_grows_below_the_simulated_step() -> None:
    good, other = "Step 1: 4 + 3 = 7\n", "Step 1: four and three\n"
    engine = Parrot(
        {
            "": [good.strip(), other.strip(), "no step at all"],
            good: ["Answer: 7", "Answer: 7", "Answer: 8", "Step 2: check it"],
            good + "Step 2: check it\n": ["Answer: 7"],
        }
    )
    params = SearchParams(rounds=4, depth=3, c=0.1)
    tree = new_tree(HENS, params, seed=1)
    run_round([tree], engine, check, params)
    run_round([tree], engine, check, params)
    step = tree.nodes[0]
    assert [child.text for child in step.children] == ["7", "8", "check it"], "the rollout's answer is not drawn anew"
    assert step.children[0].visits == 2 and step.visits == 4, "each answer and each simulation is one visit"
    assert step.value_sum == pytest.approx(1 + 0.9 * (1 - 1 + 1))
    assert tree.counts.malformed == 1


def test_a_round_of_refuted_steps_is_worth_minus_one() -> None:
    tree = new_tree(HENS, PARAMS, seed=1)
    run_round([tree], Parrot({"": [f"Step 1: wrong {n}" for n in "123"]}), check, PARAMS)
    assert (tree.nodes[0].visits, tree.nodes[0].value_sum, tree.root.value_sum) == (1, -1.0, pytest.approx(-0.9))


def test_a_round_in_which_nothing_parses_is_a_visit_worth_nothing() -> None:
    tree = new_tree(HENS, PARAMS, seed=1)
    run_round([tree], Parrot({"": ["um", "Step one: er", "Answer:"]}), check, PARAMS)
    assert (tree.nodes, tree.counts.malformed, tree.root.visits, tree.root.value_sum) == ([], 3, 1, 0.0)


def test_three_paths_of_each_kind_are_enough_unless_early_stop_is_off() -> None:
    tree = grown()
    answered(tree, tree.root.children[0], VerdictKind.SUPPORTED, 3)
    answered(tree, tree.root.children[1], VerdictKind.REFUTED, 2)
    assert not finished(tree, PARAMS)
    answered(tree, tree.root.children[2], VerdictKind.REFUTED, 1)
    assert finished(tree, PARAMS) and not finished(tree, SearchParams(early_stop=False))
