"""OmegaPRM by hand: estimates, selection, and the halving of a rollout to its first error."""

from __future__ import annotations

from math import sqrt

import pytest

from inference.search import SearchParams, SearchTree, finished, new_tree, run_round
from inference.search.labels import Reason, label_steps
from inference.search.omega import choose_rollout, exploration, monte_carlo, quality
from inference.types import Problem, Rating, VerdictKind
from tests.inference.search_cast import HENS, Parrot, check, verdict

PARAMS = SearchParams(method="omega", omega_rollouts=2, rounds=4, min_rollouts=2)
A = "Step 1: a\n"
AB = A + "Step 2: b\n"
ABC = AB + "Step 3: c\n"
WRONG, RIGHT = "Answer: 8", "Answer: 7"


def engine() -> Parrot:
    """From the root and after b one rollout is wrong and one right; after c, the first error, none is right."""
    return Parrot(
        {
            "": [ABC + "Step 4: d\n" + WRONG, A + RIGHT],
            AB: ["Step 3: e\nStep 4: f\nStep 5: g\n" + WRONG, RIGHT],
            ABC: [WRONG, "Step 4: h\n" + WRONG],
            AB + "Step 3: e\n": [WRONG, RIGHT],
            AB + "Step 3: e\nStep 4: f\n": [RIGHT, RIGHT],
        }
    )


def grown(rounds: int, parrot: Parrot | None = None, params: SearchParams = PARAMS) -> SearchTree:
    tree = new_tree(HENS, params, seed=1)
    for _ in range(rounds):
        run_round([tree], parrot or engine(), check, params)
    return tree


def test_the_first_round_estimates_the_root_and_pools_its_wrong_rollouts() -> None:
    tree = grown(1)
    told = {node.text: (node.visits, node.value_sum) for node in tree.nodes}
    assert told == {"a": (2, 0), "b": (1, -1), "c": (1, -1), "d": (1, -1), "8": (1, -1), "7": (1, 1)}
    assert monte_carlo(tree, tree.root) == 0.5 and (tree.root.visits, tree.root.value_sum) == (2, 0)
    assert tree.counts.memo["pool"] == [[0, 5]], "the rollout from the root that ends in node 5, the wrong answer"


def test_a_rollout_is_halved_to_its_first_error() -> None:
    """Of four steps the second still leads to the right answer, the third no more: two estimates find it."""
    parrot = engine()
    tree = grown(2, parrot)
    assert [len(wave) for wave in parrot.waves] == [2, 2, 2]
    assert [wave[0].reply for wave in parrot.waves] == ["", AB, ABC]
    found = {node.text: node for node in tree.nodes if node.text in "bc"}
    assert monte_carlo(tree, found["b"]) == 0.5 and monte_carlo(tree, found["c"]) == 0.0
    assert tree.counts.memo["errors"] == [[5, found["c"].seq]]
    assert (found["c"].visits, found["c"].value_sum) == (3, -3), "one rollout from the root, two of its own"
    assert (tree.root.visits, tree.nodes[0].visits) == (2, 2), "what starts below says nothing new of a step above"


def test_new_rollouts_join_the_pool_and_only_where_success_is_open() -> None:
    tree = grown(2)
    ((state, last),) = tree.counts.memo["pool"]
    assert tree.nodes[state - 1].text == "b" and tree.path(tree.nodes[last - 1])[2:] == ("e", "f", "g", "8")


def test_the_next_search_goes_below_the_new_state_and_finds_the_last_step_at_fault() -> None:
    parrot = engine()
    tree = grown(3, parrot)
    assert [wave[0].reply for wave in parrot.waves[3:]] == [AB + "Step 3: e\n", AB + "Step 3: e\nStep 4: f\n"]
    last, error = tree.counts.memo["errors"][1]
    assert tree.nodes[error - 1].text == "g" and tree.nodes[last - 1].parent is tree.nodes[error - 1]
    assert finished(tree, PARAMS), "nothing is left in the pool"


def test_steps_are_labelled_by_every_rollout_through_them() -> None:
    tree = grown(3)
    labels = {tree.nodes[label.seq - 1].text: label for label in label_steps(tree.frozen().nodes, PARAMS)}
    assert labels["b"].rating is Rating.CORRECT and labels["c"].rating is Rating.INCORRECT
    assert labels["c"].reason is Reason.NEVER_SUCCEEDS and labels["h"].reason is Reason.TOO_FEW


def test_a_wrong_rollout_counts_as_often_as_it_was_drawn() -> None:
    same = [A + "Step 2: b\n" + WRONG]
    tree = grown(1, Parrot({"": same * 3 + [RIGHT]}), SearchParams(method="omega", omega_rollouts=4, min_rollouts=3))
    assert tree.counts.memo["pool"] == [[0, 3]] and tree.counts.memo["states"]["0"] == [1, 4, 0]
    labels = label_steps(tree.frozen().nodes, SearchParams(method="omega", min_rollouts=3))
    assert [label.reason for label in labels] == [Reason.NEVER_SUCCEEDS] * 2


def test_quality_and_exploration_are_the_formulas_of_the_paper() -> None:
    assert quality(0.25, 250, PARAMS) == pytest.approx(0.5**0.75 * 0.9**0.5)
    tree = grown(1)
    assert exploration(tree, tree.root, PARAMS) == 0
    tree.counts.memo["states"] = {"0": [1, 2, 3], "2": [1, 2, 1]}
    assert exploration(tree, tree.root, PARAMS) == pytest.approx(0.125 * sqrt(4) / 4)
    assert exploration(tree, tree.nodes[1], PARAMS) == pytest.approx(0.125 * sqrt(4) / 2)


def test_selection_weighs_hope_against_length_against_novelty() -> None:
    """Rollout 5 from the root against rollout 5 from b: more hope there, the same tokens less two steps'."""
    tree = grown(1)
    tree.counts.memo |= {"states": {"0": [1, 2, 0], "2": [3, 4, 0]}, "pool": [[0, 5], [2, 5]]}
    assert choose_rollout(tree, PARAMS) == [2, 5], "0.5 ^ 0.25 against 0.5 ^ 0.5"
    tree.counts.memo["states"] = {"0": [1, 2, 0], "2": [3, 4, 5]}
    bold = SearchParams(method="omega", omega_c=0.2)
    assert choose_rollout(tree, bold) == [0, 5], "0.71 + 0.2 * 2.24 against 0.84 + 0.2 * 2.24 / 6"
    tree.counts.memo["states"] = {"0": [1, 2, 0], "2": [1, 2, 0]}
    assert choose_rollout(tree, SearchParams(method="omega", omega_length=1)) == [2, 5], "the shorter of two alike"


@pytest.mark.parametrize("said", [[A + RIGHT] * 2, [A + "Step 2: b\n" + WRONG] * 2, ["hm", ""]])
def test_a_problem_always_or_never_solved_ends_after_its_estimate(said: list[str]) -> None:
    tree = grown(1, Parrot({"": said}))
    assert finished(tree, PARAMS) and tree.root.visits == 2


def test_without_a_reference_nothing_can_be_searched() -> None:
    tree = new_tree(Problem("open", "Why?"), PARAMS, seed=1)
    run_round([tree], engine(), lambda jobs: [verdict(VerdictKind.UNDECIDED) for _ in jobs], PARAMS)
    assert finished(tree, PARAMS) and tree.root.value_sum == 0
