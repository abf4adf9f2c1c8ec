"""Step beam, best of n and self-consistency by hand: what is scored, what is kept, which answer is taken."""

from __future__ import annotations

from math import exp

import pytest

from inference.search import SearchParams, SearchTree, finished, new_tree, run_round
from inference.search.beam import beam
from inference.search.labels import Reason, label_steps
from inference.verifiers.answer import canonical
from tests.inference.search_cast import HENS, Parrot, check, guide

BEAM = SearchParams(method="beam", guide="prm", width=2, draws=2, depth=3)
P, Q, R, BAD = "so it is (.9)", "or it is (.8)", "it could be (.3)", "all wrong (.99)"
U, V, T = "and thus so (.85)", "else it is (.7)", "maybe so (.2)"


def first(text: str) -> str:
    return f"Step 1: {text}"


def beaming() -> Parrot:
    after_p, after_q = f"{first(P)}\n", f"{first(Q)}\n"
    return Parrot(
        {
            "": [first(P), first(Q), first(R), first(BAD)],
            after_p: [f"Step 2: {T}", f"Step 2: {U}"],
            after_q: ["Answer: 7", f"Step 2: {V}"],
            f"{after_p}Step 2: {U}\n": ["Answer: 8", "Step 3: well, then (.4)"],
        }
    )


def grown(parrot: Parrot, params: SearchParams, rounds: int) -> SearchTree:
    tree = new_tree(HENS, params, seed=1)
    for _ in range(rounds):
        run_round([tree], parrot, check, params, guide=guide)
    return tree


def test_the_beam_keeps_the_best_scored_and_never_a_refuted_step() -> None:
    parrot = beaming()
    tree = grown(parrot, BEAM, 1)
    assert [len(wave) for wave in parrot.waves] == [4], "below the root as many as below all kept paths"
    assert {node.text: node.value_sum for node in tree.nodes} == pytest.approx({P: 0.8, Q: 0.6, R: -0.4, BAD: -1.0})
    assert [node.text for node in beam(tree, BEAM)] == [P, Q]


def test_a_path_is_as_good_as_its_weakest_step_and_an_answer_as_the_steps_before_it() -> None:
    tree = grown(beaming(), BEAM, 2)
    told = {node.text: node.value_sum for node in tree.nodes if node.depth == 2}
    assert told == pytest.approx({T: -0.6, U: 0.7, "7": 0.6, V: 0.4})
    assert [node.text for node in beam(tree, BEAM)] == [U, "7"]
    assert tree.counts.memo["answer"] == "7" and tree.counts.memo["confidence"] == pytest.approx(0.8)


def test_it_ends_when_all_that_is_kept_are_answers_and_does_not_look_at_the_reference() -> None:
    parrot = beaming()
    tree = grown(parrot, BEAM, 3)
    assert [[request.reply.count("Step") for request in wave] for wave in parrot.waves] == [[0] * 4, [1] * 4, [2] * 2]
    assert [(node.text, node.outcome) for node in beam(tree, BEAM)] == [("8", -1), ("7", 1)] and finished(tree, BEAM)
    assert tree.nodes[tree.counts.memo["best"] - 1].text == "8", "0.85 against 0.8"


def test_product_and_last_step_rank_otherwise() -> None:
    """After two rounds: .9 * .85 and .8 for the answer by product; by the last step .85 is best."""
    product = grown(beaming(), SearchParams(method="beam", guide="prm", width=2, draws=2, path_score="product"), 2)
    assert [node.text for node in beam(product, BEAM)] == ["7", U]
    last = grown(beaming(), SearchParams(method="beam", guide="prm", width=2, draws=2, path_score="last"), 2)
    assert last.nodes[5].value_sum == pytest.approx(2 * 0.85 - 1)


def test_at_full_depth_the_paths_that_are_kept_are_asked_for_their_answers() -> None:
    params = SearchParams(method="beam", guide="prm", width=2, draws=2, depth=1)
    parrot = Parrot(beaming().texts | {f"{first(P)}\n": ["Answer: 7"], f"{first(Q)}\n": ["no idea"]})
    tree = grown(parrot, params, 2)
    assert [request.stop[-1] for request in parrot.waves[1]] == ["Step 2:"] * 2
    assert finished(tree, params) and tree.counts.memo["answer"] == "7"


def test_likelihood_is_the_mean_over_the_tokens_of_the_path_and_asks_no_scorer() -> None:
    likely, unlikely = "four and three are", "five and three are"
    parrot = Parrot(
        {"": [(first(likely), -2.0), (first(unlikely), -4.0)] * 2, f"{first(likely)}\n": [("Answer: 7", -1.0)] * 2}
    )
    params = SearchParams(method="beam", width=1, draws=4)
    tree = new_tree(HENS, params, seed=1)
    run_round([tree], parrot, check, params)
    assert [2 * exp(-2 / 4) - 1, 2 * exp(-4 / 4) - 1] == pytest.approx([node.value_sum for node in tree.nodes])
    parrot.texts[f"{first(likely)}\n"] *= 2
    run_round([tree], parrot, check, params)
    assert tree.counts.memo["confidence"] == pytest.approx(exp(-3 / 8)) and finished(tree, params)


def test_a_guide_that_was_not_given_is_an_error() -> None:
    tree = new_tree(HENS, BEAM, seed=1)
    with pytest.raises(ValueError, match="needs a scorer"):
        run_round([tree], beaming(), check, BEAM)


def test_a_guide_that_loses_a_step_is_an_error() -> None:
    tree = new_tree(HENS, BEAM, seed=1)
    with pytest.raises(ValueError, match="0 scores came for 1 steps"):
        run_round([tree], beaming(), check, BEAM, guide=lambda jobs: [[] for _ in jobs])


BEST = SearchParams(method="best_of_n", guide="prm", samples=4, round_samples=3)


def solutions() -> Parrot:
    return Parrot(
        {
            "": [
                f"{first(P)}\nStep 2: {T}\nAnswer: 7",
                f"{first(P)}\nStep 2: {V}\nAnswer: 8",
                f"{first(BAD)}\nAnswer: 9",
                f"{first(P)}\nStep 2: {U}",
            ]
        }
    )


def test_the_best_of_n_is_the_solution_whose_weakest_step_is_strongest() -> None:
    parrot = solutions()
    tree = grown(parrot, BEST, 1)
    assert tree.counts.memo == {"best": 5, "answer": "8", "confidence": pytest.approx(0.7)}
    assert [node.visits for node in tree.nodes] == [2, 1, 1, 1, 1, 1, 1]
    told = [round(node.value_sum / node.visits, 9) for node in tree.nodes]
    assert told == [0.8, -0.6, -0.6, 0.4, 0.4, -1.0, -1.0], "a solution with a refuted step is worth nothing"
    assert tree.root.value_sum == pytest.approx(-0.6 + 0.4 - 1)


def test_a_better_one_without_an_answer_is_not_taken_and_n_are_drawn_in_all() -> None:
    parrot = solutions()
    tree = grown(parrot, BEST, 2)
    assert [len(wave) for wave in parrot.waves] == [3, 1] and finished(tree, BEST)
    assert tree.counts.memo["answer"] == "8" and tree.nodes[-1].value_sum == pytest.approx(0.7)


VOTE = SearchParams(method="vote", samples=9, round_samples=3)


def voters(*answers: str) -> Parrot:
    return Parrot({"": [f"Step 1: I guess so\nAnswer: {answer}" if answer else "hm" for answer in answers]})


def test_the_most_frequent_answer_wins_with_its_share_of_all_samples() -> None:
    tree = grown(voters("8", "7", "7 hens", "", "8.0", "$7.00"), VOTE, 2)
    assert tree.counts.memo["votes"] == [["7", 3], ["8", 2]]
    assert (tree.counts.memo["answer"], tree.counts.memo["confidence"]) == ("7", 0.5)
    assert tree.nodes[tree.counts.memo["best"] - 1].text == "7"
    assert (tree.root.visits, tree.root.value_sum) == (6, -1 + 1 - 1 + 0 - 1 - 1), "the tool's own word on each"


def test_of_two_answers_as_frequent_the_one_drawn_first_wins() -> None:
    assert grown(voters("8", "7", "9"), VOTE, 1).counts.memo["answer"] == "8"


def test_a_vote_ends_early_only_when_its_winner_is_certain() -> None:
    parrot = voters(*["7"] * 3, *["7", "7", "8"], *["8"] * 3)
    assert finished(grown(parrot, VOTE, 2), VOTE), "5 to 1, three to come"
    close = grown(voters(*["7"] * 3, *["7", "8", "8"]), VOTE, 2)
    assert not finished(close, VOTE), "4 to 2, three to come: it could turn"
    assert not finished(close, SearchParams(method="vote", samples=9, early_stop=False))


def test_steps_of_samples_are_labelled_by_every_sample_through_them() -> None:
    tree = grown(voters("8", "8", "8"), VOTE, 1)
    (label,) = label_steps(tree.frozen().nodes, SearchParams(method="vote", min_rollouts=3))
    assert label.reason is Reason.NEVER_SUCCEEDS, "three samples, one node"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("7", "7.0 hens", True),
        ("$1,200.50", "2401/2", True),
        (r"\frac{1}{2}", "0.5", True),
        ("x = 7", "7%", True),
        ("1/0", "1/1", False),
        ("2 pi", "2", False),
        ("7x", "7", False),
        (" Paris", "paris", True),
        ("9" * 300, "9" * 299, False),
    ],
)
def test_answers_are_counted_together_where_they_are_plainly_the_same(one: str, other: str, same: bool) -> None:
    assert (canonical(one) == canonical(other)) is same
