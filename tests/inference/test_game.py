"""The game verifier on hand-checked steps: dominance, equilibria, probabilities, payoffs, eliminations."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from inference.types import Problem, Verdict
from inference.verifiers.game import GameVerifier
from inference.verifiers.wire import verdict_out
from tests.inference.game_cast import PROBLEMS, asked

TOOL = GameVerifier()
# thirds has no pure equilibrium; Row mixes T with 2/3 (3p + 1... Column indifferent), Column mixes L with 1/2.
CASES = (
    ("dilemma", "Confess strictly dominates Silent for both players.", "supported", "pays Row more"),
    ("dilemma", "Silent dominates Confess.", "refuted", "against Confess, Silent pays Row \u22129 and Confess \u22126"),
    ("dilemma", "Silent is strictly dominated by Confess", "supported", "more than Silent against everything"),
    ("dilemma", "Confess is a dominant strategy for the row player.", "supported", "strictly dominant"),
    ("dilemma", "Neither player has a dominant strategy.", "refuted", "Confess is strictly dominant for Row"),
    ("dilemma", "(Confess, Confess) is the unique Nash equilibrium.", "supported", "no other, mixed or pure"),
    ("dilemma", "(Silent, Silent) is a Nash equilibrium.", "refuted", "gains by Confess there: 0 instead of \u22121"),
    ("dilemma", "(Silent, Silent) is not an equilibrium", "supported", "gains by Confess"),
    ("dilemma", "(Silent, Silent) Pareto dominates (Confess, Confess)", "supported", "pays (\u22121, \u22121)"),
    ("dilemma", "(Confess, Confess) is Pareto efficient", "refuted", "(Silent, Silent) pays"),
    ("dilemma", "At (Silent, Confess) the row player gets -9.", "supported", "pays Row \u22129"),
    ("dilemma", "The payoffs at (Confess, Silent) are (0, -8)", "refuted", "pays (0, \u22129)"),
    ("dilemma", "Is Silent dominated by Confess?", "undecided", "nothing of the game"),
    ("dilemma", "If Silent dominates Confess, both stay silent.", "undecided", "nothing of the game"),
    ("dilemma", "Suppose (Silent, Silent) is a Nash equilibrium.", "undecided", "nothing of the game"),
    ("dilemma", "Each prisoner fears the other.", "undecided", "nothing of the game"),
    ("battle", "(Opera, Opera) and (Boxing, Boxing) are Nash equilibria.", "supported", "nobody gains"),
    ("battle", "The pure Nash equilibria are (Opera, Opera) and (Boxing, Opera).", "refuted", "gains by"),
    ("battle", "The only pure Nash equilibrium is (Opera, Opera).", "refuted", "(Boxing, Boxing) is one too"),
    ("battle", "There are two pure-strategy Nash equilibria.", "supported", "are stable"),
    ("battle", "There are three equilibria in total.", "supported", "(Opera, Opera)"),
    ("battle", "There are two equilibria.", "undecided", "pure ones only"),
    ("battle", "There is one pure equilibrium", "undecided", "are stable"),
    ("battle", "In the mixed equilibrium Ann plays Opera with probability 2/3, Boxing with 1/3.", "supported", "2 of"),
    ("battle", "In the mixed equilibrium Ann plays Opera with probability 1/2.", "refuted", "Ann plays Opera with 2/3"),
    ("battle", "In the mixed equilibrium Ben plays Opera with probability 0.33.", "supported", "Opera with 1/3"),
    ("battle", "In the mixed Nash equilibrium, Ben plays Opera with probability 67%", "refuted", "Opera with 1/3"),
    ("battle", "Ann plays Opera with probability 1/2.", "undecided", "nothing of the game"),
    ("battle", "Ann's expected payoff in the mixed equilibrium is 2/3.", "supported", "gets 2/3"),
    ("battle", "Ann's expected payoff in the mixed equilibrium is 1.", "refuted", "gets 2/3"),
    ("battle", "If Ben plays Opera, Ann prefers Boxing.", "refuted", "against Opera, Opera pays Ann 2 and Boxing 0"),
    ("battle", "Opera weakly dominates Boxing for Ann", "refuted", "against Boxing, Opera pays Ann 0 and Boxing 1"),
    ("battle", "The value of the game is 1", "undecided", "not zero-sum"),
    ("pennies", "There is no pure-strategy Nash equilibrium.", "supported", "no cell"),
    ("pennies", "There is a unique equilibrium, and it is mixed.", "supported", "with 0.5"),
    ("pennies", "(H, H) is a saddle point", "refuted", "gains by T there: 1 instead of \u22121"),
    ("pennies", "The value of the game is 0.", "supported", "gets 0"),
    ("pennies", "In equilibrium Row plays H with probability $\\frac{1}{2}$.", "supported", "0.5"),
    ("pennies", "The best response to H is T", "undecided", "which player"),
    ("pennies", "Column's best response to H is T", "supported", "against H, T pays Column 1"),
    ("three", "M is dominated by a mixture of T and B.", "supported", "strictly dominated"),
    ("three", "M is strictly dominated by T", "refuted", "against R, T pays Row 0 and M 1"),
    ("three", "M is not dominated", "refuted", "strictly dominated"),
    ("three", "T is dominated", "refuted", "nothing dominates T: it is a best response to L"),
    ("three", "We can eliminate M. After eliminating M, L strictly dominates R.", "supported", "3 of 3"),
    ("three", "L strictly dominates R for Column.", "refuted", "against M, L pays Column 0 and R 3"),
    ("three", "We eliminate T, since it is never best.", "refuted", "nothing dominates T"),
    ("iterated", "R is strictly dominated by C, so we eliminate R.", "supported", "2 of 2"),
    ("iterated", "Eliminating R, then D is dominated by U", "supported", "once R is gone"),
    ("iterated", "D is dominated by U", "refuted", "against R, U pays Row 0 and D 2"),
    ("iterated", "Iterated elimination leaves (U, C).", "supported", "leaves U for Row and C for Column"),
    ("iterated", "Iterated elimination of strictly dominated strategies leaves only (D, L).", "refuted", "leaves U"),
    ("iterated", "Against L, D pays 0 and U pays 1", "supported", "D pays Row 0 and U pays Row 1"),
    ("iterated", "Against R, U gives Row 2", "refuted", "U pays Row 0"),
    ("weak", "T dominates B", "undecided", "against R, T pays Row 0 and B 0"),
    ("weak", "T weakly dominates B", "supported", "pays Row 0 and B 0"),
    ("weak", "(T, L) is the only Nash equilibrium", "refuted", "(B, R) is one too"),
    ("weak", "There are exactly two equilibria", "undecided", "degenerate"),
    ("thirds", "No pure equilibrium: there is no equilibrium in pure strategies.", "supported", "no cell"),
    ("thirds", "In equilibrium T is played with probability 2/3 and L with probability 1/2", "supported", "2 of 2"),
    ("thirds", "In equilibrium, P(L) = 0.25", "refuted", "L with 0.5"),
    ("value", "The value of the game is 1", "supported", "gets 1"),
    ("value", "The value of the game is 2.", "refuted", "gets 1 in equilibrium, not 2"),
    ("value", "(T, L) = (3, -3)", "supported", "pays (3, \u22123)"),
    ("value", "T weakly dominates Z", "undecided", "nothing of the game"),
    ("value", "The game is zero-sum.", "undecided", "nothing of the game"),
)  # fmt: skip


@pytest.mark.parametrize(("name", "step", "kind", "part"), CASES, ids=[f"{n}: {s[:40]}" for n, s, *_ in CASES])
def test_steps_about_a_game(name: str, step: str, kind: str, part: str) -> None:
    found = TOOL.check(PROBLEMS[name], (), step)
    said = " | ".join([found.message, *(claim.detail for claim in found.claims)])
    assert (found.kind.value, part in said) == (kind, True), said


def test_what_earlier_steps_eliminated_is_gone() -> None:
    earlier = ("R is strictly dominated by C. Eliminate R.",)
    found = TOOL.check(PROBLEMS["iterated"], earlier, "Now D is strictly dominated by U.")
    assert (found.kind.value, found.claims[0].detail) == (
        "supported", "U pays Row more than D against everything (once R is gone)",
    )  # fmt: skip
    # Without R, L is no better against U: still false, in the whole game and in what is left.
    assert TOOL.check(PROBLEMS["iterated"], earlier, "L dominates C").kind.value == "refuted"


def test_the_picture_shows_best_responses_and_the_cells_in_question() -> None:
    found = TOOL.check(PROBLEMS["battle"], (), "If Ben plays Opera, Ann prefers Boxing.")
    assert found.output is not None
    rows = found.output["rows"]
    assert [[cell.get("mark", False) for cell in row["cells"]] for row in rows] == [[True, False], [True, False]]
    assert [[cell["best"] for cell in row["cells"]] for row in rows] == [
        [[True, True], [False, False]], [[False, False], [True, True]],
    ]  # fmt: skip
    assert found.claims[0].start == 0


@pytest.mark.parametrize(
    ("given", "reference", "kind"),
    [
        ("(Opera, Opera)", "(Opera, Opera)", "supported"), ("(Boxing, Opera)", "(Opera, Opera)", "refuted"),
        ("(Boxing, Boxing) and (Opera, Opera)", "(Opera, Opera), (Boxing, Boxing)", "supported"),
        ("The answer is $(\\text{Opera}, \\text{Opera})$.", "(Opera, Opera)", "supported"),
        ("Opera with probability 0.67", "Opera with 2/3", "supported"), ("Opera with 1/3", "Opera with 2/3", "refuted"),
        ("P(Opera) = 2/3", "Opera with 2/3", "supported"), ("2/3", "2/3", "supported"), ("0.5", "2/3", "refuted"),
        ("none", "(Opera, Opera)", "refuted"), ("", "(Opera, Opera)", "undecided"),
    ],
)  # fmt: skip
def test_answers_are_equilibria(given: str, reference: str, kind: str) -> None:
    assert TOOL.check_answer(replace(PROBLEMS["battle"], answer=reference), given).kind.value == kind


@pytest.mark.parametrize(
    ("data", "part"),
    [
        ({}, "rows: expected 1 to 8 names"), ({"rows": ["a"], "columns": ["a", "A"]}, "columns: a name stands twice"),
        ({"rows": ["a"], "columns": ["b"], "payoffs": [[[1, 2, 3]]]}, "row 1: expected two numbers"),
        ({"rows": ["a"], "columns": ["b"], "payoffs": [["x"]]}, "expected numbers, got 'x'"),
        ({"rows": ["a"], "columns": ["b"], "payoffs": [["1/0"]]}, "expected numbers"),
        ({"rows": ["a"], "columns": ["b"], "payoffs": [[1e400]]}, "expected numbers"),
        ({"rows": ["a"], "columns": ["b"], "payoffs": [[1], [2]]}, "payoffs: expected 1 rows"),
        ({"rows": [3], "columns": ["b"]}, "rows: expected names"), ({"rows": "ab", "columns": ["b"]}, "rows"),
        ({"rows": ["a"], "columns": ["b"], "players": "XY", "payoffs": [[1]]}, "players: expected two names"),
    ],
)  # fmt: skip
def test_data_that_hold_no_game_say_which_field_is_wrong(data: dict[str, object], part: str) -> None:
    found = TOOL.check(Problem("1", "?", kind="game", data=data), (), "(a, b) is an equilibrium")
    assert (found.kind.value, part in found.message) == ("undecided", True), found.message


ADVERSARIAL = (
    "", " ", "(" * 5000, "(T, L)" * 700, "(T, L) and " * 400 + "are equilibria", "T dominates " * 400,
    "eliminate T " * 400,
    "T with probability " + "9" * 3000, "\\frac{" * 700, "In equilibrium T is played with probability 1/0",
    "value of the game is " + "1" * 11, "against L, T pays 10**10**10", "T\x00 dominates\x00 B", "\ud800 (T, L) \ud800",
    "\u0422 dominates \u0412", "\u202e(T, L) is an equilibrium\u202c", "best response to " * 300, "x" * 100_000,
    "strictly " * 3000 + "dominates", "there are no " * 1000, " " * 50_000, "T " * 9000, "P(T) = 1/3 " * 500,
    "\n" * 9000,
)  # fmt: skip


def test_adversarial_texts_end_in_a_small_verdict() -> None:
    for step in ADVERSARIAL:
        found = TOOL.check(PROBLEMS["thirds"], (step[:20_000],), step)
        assert isinstance(found, Verdict)
        assert len(json.dumps(verdict_out(found))) < 30_000


def test_evidence_of_the_largest_game_stays_small() -> None:
    names = [f"a long name of an action {at}" for at in range(8)]
    table = [[[row * column, row - column] for column in range(8)] for row in range(8)]
    found = TOOL.check(asked(names, names, table), (), f"({names[0]}, {names[1]}) is an equilibrium")
    assert found.kind.value == "refuted"
    assert len(json.dumps([found.input, found.output])) < 6000
