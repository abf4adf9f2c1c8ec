"""A format's text holds all of a rationale but what it declares to lose, and says where a text leaves the format."""

from __future__ import annotations

import dataclasses
import random

import pytest

from inference.formats import FORMATS, ParseError
from inference.types import Claim, Problem, Rating, Rationale, Step, Verdict, VerdictKind

PROBLEM = Problem(key="7", text="Ann has 9 pears\nand eats 3. How many are left?", answer="6")
PIECES = [
    "9 - 3 = 6", "\n", "  ", "Step 2: not a step", "Answer: 5", "<judge>", "</verify>", "$\\frac{1}{2}$", "", "ю", "🙂",
    "<output>\\boxed{-}</output>", "The conclusion is[Wrong]", "\r", "Problem: x", "\t", "The step is neutral",
]  # fmt: skip


def any_text(chance: random.Random) -> str:
    return "".join(chance.choice(PIECES) + chance.choice(["", " ", "\n"]) for _ in range(chance.randint(0, 5)))


def any_verdict(chance: random.Random) -> Verdict | None:
    if chance.random() < 0.3:
        return None
    claims = tuple(
        Claim(any_text(chance), chance.choice(list(VerdictKind)), any_text(chance)) for _ in range(chance.randint(0, 2))
    )
    return Verdict(chance.choice(list(VerdictKind)), "claims", "1", claims)


def any_rationale(seed: int) -> Rationale:
    chance = random.Random(seed)  # noqa: S311 no secret
    ratings = [None, *Rating]
    steps = tuple(
        Step(any_text(chance), key=str(n), rating=chance.choice(ratings), verdict=any_verdict(chance), score=0.5)
        for n in range(chance.randint(0, 5))
    )
    return Rationale(PROBLEM, steps, any_text(chance), outcome=1, key="k", data={"id": seed})


def without(rationale: Rationale, losses: tuple[str, ...]) -> Rationale:
    """Set every part that a format loses to its default."""
    defaults = Rationale(PROBLEM, ())
    whole = {name: getattr(defaults, name) for name in losses if "." not in name}
    of_steps = [name.removeprefix("steps.") for name in losses if "." in name]
    bare = {name: getattr(Step(""), name) for name in of_steps}
    steps = tuple(dataclasses.replace(step, **bare) for step in rationale.steps)
    return dataclasses.replace(rationale, **({"steps": steps} | whole))


@pytest.mark.parametrize("name", FORMATS)
def test_a_rationale_comes_back_from_its_text_but_for_the_declared_losses(name: str) -> None:
    form = FORMATS[name]
    for seed in range(400):
        rationale = any_rationale(seed)
        assert form.parse(form.render(rationale).text, PROBLEM) == without(rationale, form.losses), seed


@pytest.mark.parametrize("name", ["numbered", "verify_judge"])
def test_segments_cut_the_text_at_its_steps(name: str) -> None:
    rationale = Rationale(PROBLEM, (Step("9 - 3 = 6", key="11"), Step("So 6.", key="12")), "6")
    rendered = FORMATS[name].render(rationale)
    assert [segment.key for segment in rendered.segments] == ["11", "12"]
    cut = [rendered.text[segment.start : segment.end] for segment in rendered.segments]
    assert cut[0].startswith("Step 1: 9 - 3 = 6")
    assert cut[1].startswith("Step 2: So 6.")


def test_numbered_steps_read_as_people_write_them() -> None:
    rationale = Rationale(PROBLEM, (Step("9 - 3 = 6"), Step("So 6.")), "6")
    assert FORMATS["numbered"].render(rationale).text == "Step 1: 9 - 3 = 6\nStep 2: So 6.\nAnswer: 6"


def test_a_verdict_and_a_rating_become_verify_judge_and_output() -> None:
    claim = Claim("9 - 3 = 5", VerdictKind.REFUTED, "9 - 3 = 6, not 5")
    step = Step("9 - 3 = 5", rating=Rating.INCORRECT, verdict=Verdict(VerdictKind.REFUTED, "claims", "1", (claim,)))
    text = FORMATS["verify_judge"].render(Rationale(PROBLEM, (step,))).text
    assert "<verify>\n  9 - 3 = 5 => refuted: 9 - 3 = 6, not 5\n</verify>" in text
    assert "The conclusion is[Wrong]\n</judge>" in text
    assert text.endswith("\\boxed{-}</output>")


@pytest.mark.parametrize(
    ("name", "text", "position", "expected"),
    [
        ("numbered", "Well, let us see.", 0, "Step 1"),
        ("numbered", "Step 1: a\nStep 3: b", 10, "Step 2"),
        ("numbered", "Answer: 6\nStep 1: a", 10, "the end"),
        ("verify_judge", "Step 1: a\n<judge>Good.</judge>", 0, "The conclusion is"),
        ("verify_judge", "Step 1: a\n<judge>conclusion is[Right]\n<output>\\boxed{-}", 0, "The conclusion is"),
        ("verify_judge", "Step 1: a\n<judge>The conclusion is[Right]\n<output>\\boxed{-}", 0, "contradict"),
        ("bare_answer", "Step 1: a\nAnswer: 6", 0, "one “Answer:” line"),
        ("bare_answer", "", 0, "one “Answer:” line"),
    ],
)
def test_a_text_that_leaves_the_format_is_told_where(name: str, text: str, position: int, expected: str) -> None:
    found = FORMATS[name].parse(text, PROBLEM)
    assert isinstance(found, list)
    assert isinstance(found[0], ParseError)
    assert found[0].position == position
    assert expected in found[0].expected
