"""Planted errors: the first error is where it is said to be, everything after it follows from it, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from inference.engines.fields import SettingError
from inference.planted import KINDS, Unfit, Worked, plant, plant_some, read
from inference.planted.check import faults
from inference.planted.numerals import exact, written
from inference.planted.params import KIND_IDS, PlantParams
from inference.planted.slips import Slip, carry
from inference.planted.tree import side_of, tree_of
from inference.types import Problem, Rating, VerdictKind
from inference.verifiers.claims import ClaimsVerifier

PROBLEM = (
    "Ivan saves 13 dollars a day for 5 weeks. He buys 4 books at 17 dollars each and then a bag for 29 dollars. "
    "How many dollars does he have left?"
)
STEPS = (
    "The weeks have 5 × 7 = 35 days.",
    "Ivan saves 35 × 13 = 455 dollars.",
    "The books cost 4 × 17 = 68 dollars.",
    "After the books he has 455 - 68 = 387 dollars.",
    "So 387 - 29 = 358 dollars are left.",
)


@pytest.fixture
def worked() -> Worked:
    return read(PROBLEM, STEPS, "358")


@pytest.mark.parametrize("kind", KIND_IDS)
def test_every_kind_makes_errors_that_hold_when_they_are_read_anew(worked: Worked, kind: str) -> None:
    verifier = ClaimsVerifier()
    made = [each for number in range(8) if (each := plant(worked, KINDS[kind], seed=1, number=number))]

    assert len({each.steps for each in made}) >= 2
    for each in made:
        at = each.first_error
        assert faults(worked, each.steps, at) == []
        assert each.steps[:at] == STEPS[:at]
        assert each.answer != "358"
        assert each.steps[-1].find(f"= {int(each.answer):,} ") > 0 or f"= {each.answer} " in each.steps[-1]
        verdict = verifier.check(Problem("p", PROBLEM), each.steps[:at], each.steps[at])
        assert (verdict.kind is VerdictKind.REFUTED) == each.breaks, each


def test_an_error_is_carried_on_exactly(worked: Worked) -> None:
    start = STEPS[1].index("13")

    carried = carry(worked, Slip(1, "a number from another place", edits=((start, start + 2, "17"),)))

    assert carried is not None
    assert carried.steps == (
        STEPS[0],
        "Ivan saves 35 × 17 = 595 dollars.",
        STEPS[2],
        "After the books he has 595 - 68 = 527 dollars.",
        "So 527 - 29 = 498 dollars are left.",
    )
    assert (carried.first_error, carried.answer) == (1, "498")


def test_a_step_that_is_left_out_leaves_its_first_number_to_the_next(worked: Worked) -> None:
    carried = carry(worked, Slip(3, "left out", left_out=Fraction(455)))

    assert carried is not None
    assert carried.steps == (*STEPS[:3], "So 455 - 29 = 426 dollars are left.")
    assert faults(worked, carried.steps, 3) == []


def test_a_misread_number_stays_misread() -> None:
    steps = (
        "The first box has 14 + 6 = 20 pens.",
        "The second one has 3 × 14 = 42 pens.",
        "That is 20 + 42 = 62 pens.",
    )
    worked = read("A box has 14 pens and gets 6 more. Another one has 3 times the 14 pens. How many?", steps, "62")

    carried = carry(worked, Slip(0, "misread", misread={Fraction(14): Fraction(41)}))

    assert carried is not None
    assert carried.steps == (
        "The first box has 41 + 6 = 47 pens.",
        "The second one has 3 × 41 = 123 pens.",
        "That is 47 + 123 = 170 pens.",
    )
    assert faults(worked, carried.steps, 0) == []


def test_the_same_seed_plants_the_same_errors_whatever_else_is_planted(worked: Worked) -> None:
    alone = plant(worked, KINDS["operator"], seed=3, number=1)
    plant_some(worked, list(KINDS.values()), seed=9, many=5)

    assert alone == plant(worked, KINDS["operator"], seed=3, number=1)
    assert plant_some(worked, list(KINDS.values()), seed=3, many=6) == plant_some(
        worked, list(KINDS.values()), seed=3, many=6
    )
    assert len({plant(worked, KINDS["operator"], seed=seed) for seed in range(8)}) > 1


@pytest.mark.parametrize(
    ("steps", "at", "said"),
    [
        (("The weeks have 7 × 5 = 35 days.", *STEPS[1:]), 1, "a step before the error differs"),
        (STEPS, 2, "the step with the error comes to the right value"),
        ((*STEPS[:4], "So 387 + 29 = 416 dollars are left."), 4, ""),
        ((*STEPS[:3], "After the books he has 455 - 67 = 388 dollars.", STEPS[4]), 3, "a later number is from nowhere"),
        (
            (*STEPS[:3], "After the books he has 455 - 67 = 388 dollars.", "So 388 - 29 = 358 dollars are left."),
            3,
            "a later equation is not exact",
        ),
        (
            (*STEPS[:3], "After the books he has 455 - 67 = 388 dollars.", "So 388 - 30 = 358 dollars are left."),
            3,
            "a later number is from nowhere",
        ),
        (STEPS[:3], 2, "the number of steps does not fit"),
    ],
)
def test_the_check_refuses_what_does_not_hold(worked: Worked, steps: tuple[str, ...], at: int, said: str) -> None:
    assert faults(worked, steps, at) == ([said] if said else [])


@pytest.mark.parametrize(
    ("steps", "answer", "said"),
    [
        (("So 2 + x = 5 pens.",), "5", "letters"),
        (("So 10 / 3 = 3 pens.",), "3", "not exact"),
        (("So 2 + 3 = 5 pens.",), "6", "does not give the answer"),
        (("So 2 + 3 = 5 = 4 + 1 pens.",), "5", "plain equation"),
        (("Half of them, 7, are red.", "So 2 + 3 = 5 pens."), "5", "nothing says where 7"),
        (("So 2 + 3 = 5 pens.",), "five", "no plain number"),
    ],
)
def test_a_solution_that_cannot_be_followed_is_refused_with_the_reason(
    steps: tuple[str, ...], answer: str, said: str
) -> None:
    with pytest.raises(Unfit, match=said):
        read("Lena has 2 red pens and 3 blue pens and 10 boxes.", steps, answer)


def test_no_error_passes_through_a_number_whose_source_is_not_sure() -> None:
    worked = read("Of 12 pens 6 are red. 6 more come.", ("Blue are 12 - 6 = 6 pens.", "Now 6 + 6 = 12 pens."), "12")

    assert worked.shared == {0, 1}
    assert plant_some(worked, list(KINDS.values()), seed=0, many=5) == []


def test_right_and_wrong_paths_share_their_beginning_in_one_tree(worked: Worked) -> None:
    wrong = plant_some(worked, list(KINDS.values()), seed=2, many=4)
    nodes = tree_of(worked, "358", wrong)

    assert [node.text for node in nodes[: len(STEPS)]] == list(STEPS)
    assert {node.rating for node in nodes[: len(STEPS)]} == {Rating.CORRECT}
    errors = [node for node in nodes if node.rating is Rating.INCORRECT]
    assert sorted(node.depth - 1 for node in errors) == sorted(each.first_error for each in wrong)
    assert all(node.rating is None for node in nodes[len(STEPS) :] if node not in errors)
    assert [node.outcome for node in nodes if node.outcome] == [1, *[-1] * len(wrong)]
    assert len({(node.parent, node.text) for node in nodes}) == len(nodes)


def test_a_problem_is_on_one_side_for_good() -> None:
    sides = [side_of(f"problem {at}", 0.2) for at in range(1000)]

    assert sides.count("test") == pytest.approx(200, abs=45)
    assert side_of("problem 3", 0.0) == "train"


def test_numbers_are_read_exactly_and_written_in_the_manner_of_others() -> None:
    assert [exact(text) for text in ("1,200", "$7.50", "3/4", "x", "1e3")] == [
        1200,
        Fraction(15, 2),
        Fraction(3, 4),
        None,
        None,
    ]
    assert [written(Fraction(value), like) for value, like in (("1250", "1,200"), ("7.5", "2.25"), ("7.5", "8"))] == [
        "1,250", "7.50", "7.5",
    ]  # fmt: skip
    assert [written(Fraction(value), "5") for value in ("-1", "0", "1/3", "99999999")] == [None] * 4


def test_kinds_and_settings_name_each_other() -> None:
    assert tuple(KINDS) == KIND_IDS
    with pytest.raises(SettingError, match="expected some of operand"):
        replace(PlantParams(), kinds="typo")
