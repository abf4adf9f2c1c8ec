"""Independent samples: the same whatever they are batched with, judged by their answers."""

from __future__ import annotations

from collections.abc import Sequence

from inference.engines.base import Completion
from inference.engines.scripted import ScriptedEngine
from inference.search.params import SampleParams
from inference.search.sample import Draw, sample
from inference.search.wants import CheckJob
from inference.types import FinishReason, Problem, Verdict
from inference.verifiers.answer import AnswerVerifier

PROBLEMS = [Problem(str(n), f"Lena has {n} pens and buys {n + 2}. How many?", str(2 * n + 2)) for n in range(1, 9)]
CHECKED: list[CheckJob] = []


def checker(jobs: Sequence[CheckJob]) -> list[Verdict]:
    verifier = AnswerVerifier()
    CHECKED.extend(jobs)
    return [verifier.check(job.problem, job.prefix, job.step) for job in jobs]


def drawn(count: int, problems: Sequence[Problem] = PROBLEMS, **params: object) -> list[tuple[str, int, str, bool]]:
    settings = SampleParams(**params)  # type: ignore[arg-type]
    draws = [Draw(problem, number) for problem in problems for number in range(count)]
    return [
        (each.draw.problem.key, each.draw.number, each.answer, each.solved)
        for each in sample(draws, ScriptedEngine(), checker, settings)
    ]


def test_a_sample_is_the_same_alone_and_in_any_batch() -> None:
    whole = drawn(16)
    assert drawn(16, PROBLEMS[3:4]) == [each for each in whole if each[0] == "4"]
    assert drawn(5) == [each for each in whole if each[1] < 5]
    assert drawn(16, seed=1) != whole


def test_samples_of_a_problem_differ_and_are_judged_by_their_answer() -> None:
    CHECKED.clear()
    found = drawn(32)
    solved = [each for each in found if each[3]]
    assert 0.2 < len(solved) / len(found) < 0.8
    assert all(answer == str(2 * int(key) + 2) for key, _, answer, _ in solved)
    assert len({(job.problem.key, job.step) for job in CHECKED}) == len(CHECKED) < len(found)


class Broken:
    """An engine whose solutions end in the middle, in no answer, or in words."""

    def generate(self, requests, progress=None, more=None):  # type: ignore[no-untyped-def]
        texts = ["Step 1: So 3 + 5 = 8.\nAnswer: 8", "Step 1: So 3 + 5 = 8.", "It is 8.", "Answer: 8"]
        ends = [FinishReason.LENGTH, FinishReason.STOP, FinishReason.STOP, FinishReason.EOS]
        return [
            Completion(request.key, text, 9, -1.0, end)
            for request, text, end in zip(requests, texts, ends, strict=True)
        ]


def test_a_solution_without_an_answer_is_not_solved() -> None:
    found = sample([Draw(PROBLEMS[2], n) for n in range(4)], Broken(), checker, SampleParams())  # type: ignore[arg-type]
    assert [(each.answer, each.solved) for each in found] == [("", False), ("", False), ("", False), ("8", True)]


def test_the_number_of_samples_is_not_part_of_the_way_they_are_drawn() -> None:
    assert SampleParams(samples=4).way() == SampleParams().way()
    assert SampleParams(temperature=1.0).way() != SampleParams().way() != SampleParams(seed=1).way()
