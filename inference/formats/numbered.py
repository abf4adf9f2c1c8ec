"""Numbered steps: "Step 1: …", one after another, then "Answer: …"."""

from __future__ import annotations

from inference.formats.base import Format, Parsed, ParseError, Rendered, Writer
from inference.formats.lines import folded, paragraphs
from inference.types import Problem, Rationale, Step

LOSSES = (
    "outcome",
    "key",
    "data",
    "steps.role",
    "steps.key",
    "steps.rating",
    "steps.category",
    "steps.verdict",
    "steps.score",
    "steps.value",
)


def render(rationale: Rationale) -> Rendered:
    """Write the steps one a paragraph; an empty answer writes no answer line."""
    writer = Writer()
    for number, step in enumerate(rationale.steps, 1):
        writer.add("\n" if number > 1 else "")
        writer.add_step(f"Step {number}: {folded(step.text)}", step.key)
    if rationale.answer:
        writer.add(("\n" if rationale.steps else "") + f"Answer: {folded(rationale.answer)}")
    return writer.rendered()


def parse(text: str, problem: Problem) -> Parsed:
    """Read numbered steps. Errors: text before the first heading, a number out of turn, a step after the answer."""
    steps: list[Step] = []
    answer: str | None = None
    errors: list[ParseError] = []
    for part in paragraphs(text):
        wanted = len(steps) + 1
        if part.heading == "step" and part.number == wanted and answer is None:
            steps.append(Step(part.text))
        elif part.heading == "answer" and answer is None:
            answer = part.text
        else:
            errors.append(ParseError(part.start, "the end" if answer is not None else f"“Step {wanted}:” or “Answer:”"))
    return errors or Rationale(problem, tuple(steps), answer or "")


FORMAT = Format(
    name="numbered",
    title="Numbered steps",
    description="Step 1, step 2 and so on, then the answer.",
    losses=LOSSES,
    render=render,
    parse=parse,
)
