"""An engine asked to go wrong from step k on: the steps before stay, the temperature rises until the answer differs."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from inference.engines.base import Completion, Request
from inference.engines.params import EngineSpec
from inference.engines.scripted import make
from inference.planted import read
from inference.planted.engine import FIRST, RISE, GoneWrong, Task, go_wrong
from inference.types import FinishReason
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


def test_an_error_that_no_tool_sees_has_no_known_place() -> None:
    engine = Stubborn("Step 3: So 455 - 17 = 438.\nAnswer: 438")

    (found,) = go_wrong(engine, [Task("one", WORKED, 2)], seed=1)  # type: ignore[arg-type]

    assert found.first_error is None


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
