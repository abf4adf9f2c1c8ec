"""An engine asked to go wrong from step k on: the steps before stay, the temperature rises until the answer differs."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from inference.engines.base import Completion, Request
from inference.engines.params import EngineSpec
from inference.engines.scripted import make
from inference.planted import read
from inference.planted.diverged import divergence, doubt
from inference.planted.engine import FIRST, RISE, GoneWrong, Planter, Task, go_wrong
from inference.planted.tree import tree_of
from inference.types import FinishReason, Rating
from tests.inference.test_planted import PROBLEM, STEPS

WORKED = read(PROBLEM, STEPS, "358")


class Stubborn:
    """Right until the temperature is 1.25, then wrong; remembers what it was asked."""

    def __init__(self, wrong: str) -> None:
        self.wrong = wrong
        self.asked: list[Request] = []

    def generate(self, requests: Sequence[Request], **_: object) -> list[Completion]:
        self.asked += requests
        texts = [
            "Step 3: So 455 - 97 = 358.\nAnswer: 358" if each.temperature < 1.25 else self.wrong for each in requests
        ]
        return [
            Completion(each.key, text, 9, -1.0, FinishReason.STOP) for each, text in zip(requests, texts, strict=True)
        ]


def test_the_temperature_rises_until_the_answer_differs() -> None:
    engine = Stubborn("Step 3: So 455 - 97 = 357.\nAnswer: 357")

    (found,) = go_wrong(engine, [Task("one", WORKED, 2)], seed=1)  # type: ignore[arg-type]

    assert found == GoneWrong("one", (*STEPS[:2], "So 455 - 97 = 357."), 2, "357", 1.25, first_error=2)
    assert [each.temperature for each in engine.asked] == [1.1, 1.15, 1.2, 1.25]
    assert engine.asked[0].reply == f"Step 1: {STEPS[0]}\nStep 2: {STEPS[1]}\n"
    assert len({each.seed for each in engine.asked}) == 4


@pytest.mark.parametrize("text", ["Step 3: So it is less.\nAnswer: less", "Step 3: 1 + 1 = 2.\nSo", "Answer: 5"])
def test_what_does_not_end_in_another_number_is_not_taken(text: str) -> None:
    assert go_wrong(Stubborn(text), [Task("one", WORKED, 2)], seed=1) == []  # type: ignore[arg-type]


# (problem, right steps, answer, steps of which the first is still right though another, wrong answer)
ANOTHER_WAY = {
    "a sum in another order": (
        "Ann has 13 red, 24 blue, 31 green and 47 black cups. How many?",
        ("13 + 24 = 37.", "37 + 31 = 68.", "68 + 47 = 115."), "115",
        ("31 + 47 = 78.", "78 + 24 = 102."), "102",
    ),
    "a product in another order": (
        "5 rows of 14 trees bear 23 plums each. How many plums?",
        ("5 * 14 = 70 trees.", "70 * 23 = 1610 plums."), "1610",
        ("14 * 23 = 322 plums a row.", "322 + 5 = 327 plums."), "327",
    ),
    "term by term": (
        "3 boxes hold 14 red and 25 blue pens each. How many pens?",
        ("14 + 25 = 39 pens a box.", "39 * 3 = 117 pens."), "117",
        ("3 * 14 = 42 red pens.", "42 + 25 = 67 pens."), "67",
    ),
    "factors first": (
        "3 boxes hold 14 red pens each, 3 boxes 25 blue pens each. How many pens?",
        ("3 * 14 = 42 red pens.", "3 * 25 = 75 blue pens.", "42 + 75 = 117 pens."), "117",
        ("14 + 25 = 39 pens.", "39 + 3 = 42 pens."), "42",
    ),
    "what is left of a share": (
        "Bo has 24 pens and gives a third away. How many are left?",
        ("24 / 3 = 8 pens are given.", "24 - 8 = 16 are left."), "16",
        ("24 * 2 = 48 pens.", "48 - 3 = 45 are left."), "45",
    ),
    "what goes together first": (
        "Ann has 90 eggs, uses 13 and sells 41. How many are left?",
        ("90 - 13 = 77 eggs.", "77 - 41 = 36 eggs."), "36",
        ("13 + 41 = 54 are gone.", "90 + 54 = 144 eggs."), "144",
    ),
    "a proportion": (
        "15 workers need 22 days. How many days do 30 workers need?",
        ("15 * 22 = 330 worker days.", "330 / 30 = 11 days."), "11",
        ("30 / 15 = 2 times.", "22 * 2 = 44 days."), "44",
    ),
}  # fmt: skip


@pytest.mark.parametrize("way", ANOTHER_WAY)
def test_a_first_changed_step_that_is_still_right_is_no_error(way: str) -> None:
    problem, right, answer, steps, wrong = ANOTHER_WAY[way]
    assert doubt(read(problem, right, answer), steps, 0, wrong) == "the first changed step may be on another right way"


@pytest.mark.parametrize(
    ("steps", "answer", "why"),
    [
        (("Ivan saves 35 + 13 = 48 dollars.", "So 48 - 29 = 19 dollars are left."), "19", ""),
        (("Ivan saves 35 × 13 = 465 dollars.", "The rest is lost."), "465", ""),
        (
            ("In 35 days he saves 35 × 13 = 455.", "So 455 × 4 = 1820."),
            "1820",
            "no new value of the first changed step",
        ),
        (("Ivan saves 35 + 13 = 48 dollars.", "So 13 + 17 = 30."), "30", "no new value of the first changed step"),
        (("Ivan saves much.", "So 13 + 17 = 30."), "30", "no new value of the first changed step"),
        (("Ivan saves 35 + 13 = 48 dollars.",), "30", "its answer is not the result"),
        (("Ivan saves 35 × x = 455 dollars.",), "455", "its numbers cannot be followed"),
    ],
)
def test_a_step_is_an_error_when_it_is_false_or_its_value_leads_to_nothing_right(
    steps: tuple[str, ...], answer: str, why: str
) -> None:
    path = (STEPS[0], *steps)
    assert divergence(WORKED, path) == 1
    assert doubt(WORKED, path, 1, answer)[: len(why) or None] == why


def test_planting_by_an_engine_keeps_what_is_wrong_for_sure_and_counts_the_rest() -> None:
    planter = Planter(Stubborn("Step 3: So 455 - 97 = 357.\nAnswer: 1,357"), seed=2, many=4)  # type: ignore[arg-type]

    (found,) = planter([WORKED])

    made = found[0]
    assert (made.kind, made.breaks, made.answer, made.note) == ("engine", True, "1357", "an engine at temperature 1.25")
    assert made.steps == (*STEPS[: made.first_error], "So 455 - 97 = 357.")
    assert planter.discarded == {"another one says the same": 4 - len(found)}
    problem, right, answer, way, wrong = ANOTHER_WAY["term by term"]
    text = "\n".join([*(f"Step {number}: {step}" for number, step in enumerate(way, 1)), f"Answer: {wrong}"])
    unsure = Planter(Stubborn(text), seed=2, many=4)  # type: ignore[arg-type]
    assert sum(map(len, unsure([read(problem, right, answer)]))) + sum(unsure.discarded.values()) == 4
    nodes = tree_of(WORKED, "358", found)
    assert [node.rating for node in nodes if node.planted] == [Rating.INCORRECT] * len(found)
    assert all(node.rating is Rating.CORRECT for node in nodes[: len(STEPS)])


def test_the_scripted_engine_goes_wrong_alike_every_time() -> None:
    tasks = [Task(f"t{start}", WORKED, start) for start in range(len(STEPS))]
    engine = make(EngineSpec(kind="scripted"))

    found = go_wrong(engine, tasks, seed=4)

    assert found == go_wrong(engine, tasks[::-1], seed=4)[::-1]
    assert {each.key for each in found} == {task.key for task in tasks}
    for each in found:
        assert each.steps[: each.start] == STEPS[: each.start]
        assert each.answer != "358"
        assert round((each.temperature - FIRST) / RISE, 6).is_integer()
    with pytest.raises(ValueError, match="expected a start from 0 to 4, got 5"):
        go_wrong(engine, [Task("late", WORKED, 5)], seed=4)
