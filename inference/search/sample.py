"""Independent chains: whole solutions of many problems in one batch, each judged by its answer. Knows no trees.

The randomness of a sample is keyed by seed, problem and sample number, so that a sample is the same whatever it is
batched with, and the first sixteen of thirty-two are the sixteen of before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b

from inference.engines.base import Completion, Engine, Progress, Request
from inference.prompts import END_STARTS, few_shot_prefix, parse_completion, problem_prompt, rollout_stops
from inference.search.params import SampleParams
from inference.search.wants import Checker, CheckJob
from inference.types import FinishReason, NodeRole, Problem, VerdictKind


@dataclass(frozen=True, slots=True)
class Draw:
    """Sample `number` (from 0) of a problem."""

    problem: Problem
    number: int


@dataclass(frozen=True, slots=True)
class Sampled:
    """What one sample came to. `answer` "" where it did not get to one; `solved` where it is the reference."""

    draw: Draw
    answer: str
    solved: bool
    tokens: int


def sample(
    draws: Sequence[Draw], engine: Engine, checker: Checker, params: SampleParams, progress: Progress | None = None
) -> list[Sampled]:
    """Return what each draw came to, in order: one batch of the engine, one check of each different answer.

    An answer that cannot be judged counts as not solved. `progress` is called with the number of tokens drawn since
    its last call. ValueError when a draw is named twice.
    """
    requests = [_request(draw, params) for draw in draws]
    if len({request.key for request in requests}) != len(requests):
        raise ValueError("the same sample is asked for twice")
    drawn = engine.generate(requests, progress=progress)
    answers = [_answer(completion) for completion in drawn]
    right = _right(draws, answers, checker)
    return [
        Sampled(draw, answer, (draw.problem.key, answer) in right, completion.tokens)
        for draw, answer, completion in zip(draws, answers, drawn, strict=True)
    ]


def _request(draw: Draw, params: SampleParams) -> Request:
    noise = blake2b(f"{params.seed}|{draw.problem.key}|sample|{draw.number}".encode(), digest_size=8).digest()
    return Request(
        key=f"{draw.problem.key}/{draw.number}",
        prefix=few_shot_prefix(),
        prompt=problem_prompt(draw.problem.text),
        seed=int.from_bytes(noise, "little") >> 1,
        max_tokens=params.tokens,
        temperature=params.temperature,
        top_p=params.top_p,
        stop=rollout_stops(params.depth),
        line_starts=END_STARTS,
    )


def _answer(completion: Completion) -> str:
    """Return the answer that the solution ends in; a solution that is broken off or malformed has none."""
    lines = parse_completion(completion.text, cut=completion.finish is FinishReason.LENGTH).lines
    return lines[-1].text if lines and lines[-1].role is NodeRole.ANSWER else ""


def _right(draws: Sequence[Draw], answers: Sequence[str], checker: Checker) -> set[tuple[str, str]]:
    """Return (problem key, answer) of the right answers; each is checked once however often it was drawn."""
    asked = dict.fromkeys(
        (draw.problem.key, answer)
        for draw, answer in zip(draws, answers, strict=True)
        if answer and draw.problem.answer.strip()
    )
    problems = {draw.problem.key: draw.problem for draw in draws}
    jobs = [CheckJob("answer", problems[key], (), answer) for key, answer in asked]
    verdicts = checker(jobs) if jobs else []
    return {pair for pair, verdict in zip(asked, verdicts, strict=True) if verdict.kind is VerdictKind.SUPPORTED}
