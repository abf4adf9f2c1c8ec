"""The bare answer: what is left when every step is taken away."""

from __future__ import annotations

from inference.formats.base import Format, Parsed, ParseError, Rendered, Writer
from inference.formats.lines import folded, paragraphs
from inference.types import Problem, Rationale

LOSSES = ("steps", "outcome", "key", "data")


def render(rationale: Rationale) -> Rendered:
    writer = Writer()
    writer.add(f"Answer: {folded(rationale.answer)}")
    return writer.rendered()


def parse(text: str, problem: Problem) -> Parsed:
    """Read one answer line. Anything else is an error at the place where it stands."""
    parts = list(paragraphs(text))
    if [part.heading for part in parts] == ["answer"]:
        return Rationale(problem, (), parts[0].text)
    strangers = [part for part in parts if part.heading != "answer"] or parts[1:]
    return [ParseError(strangers[0].start if strangers else 0, "one “Answer:” line and nothing else")]


FORMAT = Format(
    name="bare_answer",
    title="Bare answer",
    description="The final answer alone, without any step.",
    losses=LOSSES,
    render=render,
    parse=parse,
)
