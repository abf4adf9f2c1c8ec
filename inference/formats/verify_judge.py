"""GroundedPRM's form: after each step what a tool checked, what the judge concludes, and a boxed + or -.

Source: the data form of GroundedPRM's released code (Apache-2.0). As a conversation each step is a user turn and each
judgement an assistant turn (`turns`); as one text they follow each other (`render`).
"""

from __future__ import annotations

import re
from itertools import groupby

from inference.formats.base import Format, Parsed, ParseError, Rendered, Writer
from inference.formats.lines import Paragraph, folded, paragraphs
from inference.types import Problem, Rating, Rationale, Step, Verdict, VerdictKind

LOSSES = (
    "outcome",
    "key",
    "data",
    "steps.role",
    "steps.key",
    "steps.category",
    "steps.verdict",
    "steps.score",
    "steps.value",
)
NEUTRAL = "A neutral rating counts as right and is read back as neutral from its reason."
REASONS = {
    Rating.CORRECT: "The step holds.",
    Rating.NEUTRAL: "The step is neutral: it is not wrong and brings the solution no further.",
    Rating.INCORRECT: "The step does not hold.",
}
# The last one counts: a category or a claim may hold the same words.
CONCLUSION = re.compile(r".*The conclusion is\s?\[(Right|Wrong)\]", re.DOTALL)
BOXED = re.compile(r".*\\boxed\{([+-])\}", re.DOTALL)


def verify_text(verdict: Verdict | None) -> str:
    """Write what the tool checked, one claim a line, with the tool's result."""
    if verdict is None:
        return "No tool has checked this step."
    lines = [f"{claim.text} => {claim.verdict}{': ' * bool(claim.detail)}{claim.detail}" for claim in verdict.claims]
    return "\n".join(lines) or verdict.message or "The tool found nothing to check."


def reasons(step: Step) -> str:
    """Write the judge's reasons: the evidence of a refutation, the category of an error, then what the rating says."""
    parts = []
    if step.verdict and step.verdict.kind == VerdictKind.REFUTED:
        parts.append("The tool refutes a claim of this step.")
    if step.rating == Rating.INCORRECT and step.category:
        parts.append(f"Kind of error: {step.category}.")
    return " ".join([*parts, REASONS[step.rating or Rating.NEUTRAL]])


def judgement(step: Step) -> str:
    """Return the assistant turn of a step; a step without a rating is verified but not judged."""
    verify = f"<verify>\n  {folded(verify_text(step.verdict))}\n</verify>"
    if step.rating is None:
        return verify
    wrong = step.rating == Rating.INCORRECT
    judge = f"<judge>\n  {folded(reasons(step))} The conclusion is[{'Wrong' if wrong else 'Right'}]\n</judge>"
    output = f"<output>The judgement of this step is \\boxed{{{'-' if wrong else '+'}}}</output>"
    return "\n".join([verify, judge, output])


def turns(rationale: Rationale) -> list[dict[str, str]]:
    """Return the conversation: the problem and step 1, its judgement, step 2, its judgement, and so on."""
    found = []
    for number, step in enumerate(rationale.steps, 1):
        lead = f"Problem: {folded(rationale.problem.text)}\n" if number == 1 else ""
        found.append({"role": "user", "content": f"{lead}Step {number}: {folded(step.text)}"})
        found.append({"role": "assistant", "content": judgement(step)})
    return found


def render(rationale: Rationale) -> Rendered:
    """Write problem, steps and judgements as one text; a segment covers a step with its judgement."""
    writer = Writer()
    writer.add(f"Problem: {folded(rationale.problem.text)}")
    for number, step in enumerate(rationale.steps, 1):
        writer.add("\n")
        writer.add_step(f"Step {number}: {folded(step.text)}\n{judgement(step)}", step.key)
    if rationale.answer:
        writer.add(f"\nAnswer: {folded(rationale.answer)}")
    return writer.rendered()


def rating_of(parts: list[Paragraph], step: Paragraph) -> Rating | ParseError | None:
    """Read the rating from judge and output, which must agree."""
    texts = {part.heading: part.text for part in parts}
    if "judge" not in texts and "output" not in texts:
        return None
    said, boxed = CONCLUSION.match(texts.get("judge", "")), BOXED.match(texts.get("output", ""))
    if not said or not boxed:
        wanted = "“The conclusion is[Right]” or “[Wrong]” in <judge> and \\boxed{+} or \\boxed{-} in <output>"
        return ParseError(step.start, wanted)
    if (said[1] == "Right") != (boxed[1] == "+"):
        return ParseError(step.start, "one judgement: <judge> and <output> contradict each other")
    if said[1] == "Wrong":
        return Rating.INCORRECT
    return Rating.NEUTRAL if REASONS[Rating.NEUTRAL] in texts["judge"] else Rating.CORRECT


def parse(text: str, problem: Problem) -> Parsed:
    """Read steps, ratings and answer. The evidence stays text: a verdict is not rebuilt from it."""
    steps: list[Step] = []
    answer: str | None = None
    errors: list[ParseError] = []
    for part, judged in blocks(list(paragraphs(text))):
        if part.heading == "step" and part.number == len(steps) + 1 and answer is None:
            rating = rating_of(judged, part)
            if isinstance(rating, ParseError):
                errors.append(rating)
                rating = None
            steps.append(Step(part.text, rating=rating))
        elif part.heading == "answer" and answer is None:
            answer = part.text
        elif part.heading != "problem" or steps:
            errors.append(ParseError(part.start, f"“Step {len(steps) + 1}:” or “Answer:”"))
    return errors or Rationale(problem, tuple(steps), answer or "")


def blocks(parts: list[Paragraph]) -> list[tuple[Paragraph, list[Paragraph]]]:
    """Put each step together with the tagged paragraphs that follow it."""
    found: list[tuple[Paragraph, list[Paragraph]]] = []
    for tagged, group in groupby(parts, key=lambda part: part.heading in {"verify", "judge", "output"}):
        members = list(group)
        if tagged and found and found[-1][0].heading == "step":
            found[-1][1].extend(members)
        else:
            found.extend((member, []) for member in members)
    return found


FORMAT = Format(
    name="verify_judge",
    title="Verify and judge",
    description="Each step with what a tool checked, a judgement and a boxed sign (GroundedPRM). " + NEUTRAL,
    losses=LOSSES,
    render=render,
    parse=parse,
)
