"""PUCT, progressive widening and mixed rewards of the tree search, worked out by hand."""

from __future__ import annotations

from math import exp, sqrt

import pytest

from inference.search import SearchParams, SearchTree, finished, new_tree, run_round
from inference.search.reward import mixed
from inference.search.select import priors, puct, select
from inference.search.tree import EXPAND, SearchNode
from inference.types import NodeRole, VerdictKind
from tests.inference.search_cast import HENS, Parrot, check, guide, verdict

STEP = NodeRole.STEP


def forked(params: SearchParams) -> SearchTree:
    """Root (4 visits) with a likely step a (total log-probability -1, 1 visit worth 0) and an unlikely b (-3, none)."""
    tree = new_tree(HENS, params, seed=1)
    for text, tokens, mean in (("a", 2, -0.5), ("b", 12, -0.25)):
        node = tree.add(tree.root, STEP, text, EXPAND)
        node.tokens, node.prior = tokens, mean
    tree.visit(tree.root.children[0], 0.0)
    for _ in range(4):
        tree.visit(tree.root, 0.0)
    return tree


def test_the_prior_is_the_share_of_a_steps_total_probability() -> None:
    a, b = forked(SearchParams()).root.children
    assert priors([a, b]) == pytest.approx([exp(-1) / (exp(-1) + exp(-3)), exp(-3) / (exp(-1) + exp(-3))])


def test_puct_is_the_formula_of_alphazero() -> None:
    params = SearchParams(select="puct", c=2.0)
    tree = forked(params)
    a, b = tree.root.children
    assert puct(tree.root, a, 0.8, 1, params) == pytest.approx(0 + 2 * 0.8 * sqrt(4) / 2)
    tree.visit(b, 0.5)
    assert puct(tree.root, b, 0.2, -1, params) == pytest.approx(-0.5 + 2 * 0.2 * sqrt(4) / 2)


def test_puct_takes_the_likely_step_again_where_uct_takes_the_unvisited() -> None:
    likely = SearchParams(select="puct")
    assert select(forked(likely), likely).text == "a", "0.88 * 2 / 2 against 0.12 * 2 / 1, both times c"
    assert select(forked(SearchParams()), SearchParams()).text == "b"


def test_a_widened_step_gets_a_child_more_as_its_visits_grow() -> None:
    """With ceil(N ** 0.5) children at the N-th visit: one, then a second, then the search goes deeper."""
    a, b = "Step 1: a\n", "Step 1: b\n"
    engine = Parrot(
        {
            "": [a.strip(), b.strip(), "Step 1: c"],
            a: ["Answer: 7", "Step 2: d"],
            b: ["Answer: 8"],
            a + "Step 2: d\n": ["Answer: 7"],
        }
    )
    params = SearchParams(widen=1.0, widen_power=0.5, c=0.0, early_stop=False)
    tree = new_tree(HENS, params, seed=1)
    for _ in range(2):
        run_round([tree], engine, check, params)
    assert [node.text for node in tree.root.children] == ["a", "b"]
    run_round([tree], engine, check, params)
    assert [node.text for node in tree.root.children] == ["a", "b"], "3 visits: ceil(1.73) are there"
    assert [node.text for node in tree.root.children[0].children] == ["7", "d"], "a is the better one, and widened"
    assert [len(wave) for wave in engine.waves] == [1] * 6


def test_a_draw_that_repeats_a_step_does_not_hold_up_the_search() -> None:
    """The root's second draw is the first again; at its third visit the search goes below, not for a third draw."""
    a = "Step 1: a\n"
    engine = Parrot({"": [a.strip()] * 2, a: ["Step 2: b\nAnswer: 8", "Answer: 7"], a + "Step 2: b\n": ["Answer: 9"]})
    params = SearchParams(widen=1.0, c=0.0)
    tree = new_tree(HENS, params, seed=1)
    for _ in range(3):
        run_round([tree], engine, check, params)
    assert [node.text for node in tree.nodes] == ["a", "b", "8", "7", "9"]
    assert tree.counts.memo["drawn"] == {"0": 2, "2": 1}


def test_where_all_below_is_explored_a_widened_root_draws_on() -> None:
    engine = Parrot({"": ["Answer: 7", "Answer: 8", "Answer: 9"]})
    params = SearchParams(widen=0.1, rounds=3)
    tree = new_tree(HENS, params, seed=1)
    while not finished(tree, params):
        run_round([tree], engine, check, params)
    assert [node.text for node in tree.nodes] == ["7", "8", "9"]


@pytest.mark.parametrize(
    ("weights", "refuted", "expected"),
    [
        ((1, 0, 0), False, 0.3),
        ((0, 1, 0), False, 1.0),
        ((1, 1, 2), False, (0.3 + 1 + 2 * 0.6) / 4),
        ((1, 1, 2), True, (0.3 + 0 + 0) / 4),
        ((0, 0, 5), False, 0.6),
    ],
)
def test_rewards_are_mixed_by_weight_and_a_refutation_is_a_veto(
    weights: tuple[float, float, float], refuted: bool, expected: float
) -> None:
    names = ("reward_fidelity", "reward_outcome", "reward_prm")
    params = SearchParams(**{name: float(weight) for name, weight in zip(names, weights, strict=True)})
    assert mixed(0.3, 1, 0.6, refuted, params) == pytest.approx(expected)


def test_the_veto_leaves_what_speaks_against_a_path() -> None:
    params = SearchParams(reward_fidelity=0.0, reward_outcome=1.0, reward_prm=1.0)
    assert mixed(0.9, -1, -0.4, True, params) == pytest.approx(-0.7)


def test_a_search_by_prm_and_outcome_backs_up_their_mean() -> None:
    """The weakest step of the path is worth 2 * .6 - 1; the direct answer has no step to score."""
    start = "Step 1: four and (.9)\n"
    engine = Parrot({"": [start.strip(), "Answer: 8", "Answer: 8"], start: ["Step 2: more (.6)\nAnswer: 7"]})
    params = SearchParams(reward_fidelity=0.0, reward_outcome=1.0, reward_prm=1.0, verifier="")
    tree = new_tree(HENS, params, seed=1)
    run_round([tree], engine, check, params, guide=guide)
    told = {node.text: node.value_sum for node in tree.nodes}
    worth = (1 + 0.2) / 2
    assert told == {
        "four and (.9)": pytest.approx(worth),
        "8": -0.5,
        "more (.6)": pytest.approx(worth),
        "7": pytest.approx(worth),
    }
    assert tree.root.value_sum == pytest.approx(0.9 * (worth - 0.5))


def test_a_right_answer_after_a_refuted_step_is_worth_nothing_by_outcome() -> None:
    start = "Step 1: four and\n"
    engine = Parrot({"": [start.strip()] * 3, start: ["Step 2: wrong\nAnswer: 7"]})
    params = SearchParams(reward_fidelity=0.0, reward_outcome=1.0)
    tree = new_tree(HENS, params, seed=1)
    run_round([tree], engine, check, params)
    assert [node.value_sum for node in tree.nodes] == [0.0, 0.0, 0.0] and tree.nodes[2].outcome == 1


def test_a_step_that_was_refuted_says_so_and_an_answer_does_not() -> None:
    tree = forked(SearchParams())
    wrong = tree.add(tree.root, NodeRole.ANSWER, "8", EXPAND)
    for node in (tree.root.children[0], wrong):
        tree.judge(node, [verdict(VerdictKind.REFUTED)])
    assert [node.refuted for node in (tree.root.children[0], wrong)] == [True, False]
    assert isinstance(wrong, SearchNode) and wrong.outcome == -1
