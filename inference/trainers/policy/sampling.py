"""Whole solutions drawn from an engine, each with its answer checked against the reference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from inference.engines.base import Completion, Engine, Progress, Request
from inference.prompts import END_STARTS, END_STOPS, few_shot_prefix, parse_completion, problem_prompt
from inference.sources.base import Sourced
from inference.types import FinishReason, NodeRole, VerdictKind
from inference.verifiers.answer import check_answer

MOST_TOKENS, TEMPERATURE, TOP_P = 160, 0.7, 0.95
SEEDS = 1_000_003


@dataclass(frozen=True, slots=True)
class Attempt:
    """One solution of `problem`: its steps, whether it came to an answer at all, and whether that is the reference."""

    problem: Sourced
    steps: tuple[str, ...]
    parsed: bool
    right: bool


def sample(
    engine: Engine, problems: Sequence[Sourced], *, many: int = 1, seed: int = 0, progress: Progress | None = None
) -> list[Attempt]:
    """Return `many` attempts at each problem, those of a problem side by side.

    The noise of an attempt is keyed by (seed, its number, the problem's place). `progress` gets tokens as they are
    drawn and may raise to stop.
    """
    asked = [(at, number) for at in range(len(problems)) for number in range(many)]
    requests = [
        Request(
            f"p{at}-{number}", few_shot_prefix(), problem_prompt(problems[at].problem.text),
            seed=(seed + number) * SEEDS + at, max_tokens=MOST_TOKENS, temperature=TEMPERATURE, top_p=TOP_P,
            stop=END_STOPS, line_starts=END_STARTS,
        )
        for at, number in asked
    ]  # fmt: skip
    drawn = engine.generate(requests, progress=progress)
    return [_read(problems[at], completion) for (at, _), completion in zip(asked, drawn, strict=True)]


def _read(problem: Sourced, completion: Completion) -> Attempt:
    read = parse_completion(completion.text, cut=completion.finish is FinishReason.LENGTH)
    steps = tuple(line.text for line in read.lines if line.role is NodeRole.STEP)
    said = read.lines[-1].text if read.lines and read.lines[-1].role is NodeRole.ANSWER else None
    right = said is not None and check_answer(said, problem.problem.answer).kind is VerdictKind.SUPPORTED
    return Attempt(problem, steps, said is not None, right)
