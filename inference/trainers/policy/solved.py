"""How many problems a policy solves: one sampled solution each, its answer checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from inference.engines.base import Engine, Request
from inference.prompts import END_STARTS, END_STOPS, few_shot_prefix, parse_completion, problem_prompt
from inference.sources.base import Sourced
from inference.stats import wilson
from inference.types import FinishReason, NodeRole, VerdictKind
from inference.verifiers.answer import check_answer

MOST_TOKENS, TEMPERATURE, TOP_P = 160, 0.7, 0.95


@dataclass(frozen=True, slots=True)
class Solved:
    """`solved` of `asked` problems; `low` and `high` bound the share (Wilson, 95 %); `parsed` the share that parsed."""

    solved: int
    asked: int
    low: float
    high: float
    parsed: float

    @property
    def share(self) -> float:
        return self.solved / self.asked if self.asked else 0.0


def solved_share(engine: Engine, problems: Sequence[Sourced], *, seed: int = 0) -> Solved:
    """Sample one solution of each problem and count those whose answer equals the reference."""
    requests = [
        Request(
            f"p{n}", few_shot_prefix(), problem_prompt(one.problem.text), seed=seed * 1_000_003 + n,
            max_tokens=MOST_TOKENS, temperature=TEMPERATURE, top_p=TOP_P, stop=END_STOPS, line_starts=END_STARTS,
        )
        for n, one in enumerate(problems)
    ]  # fmt: skip
    right = parsed = 0
    for one, completion in zip(problems, engine.generate(requests), strict=True):
        read = parse_completion(completion.text, cut=completion.finish is FinishReason.LENGTH)
        said = read.lines[-1].text if read.lines and read.lines[-1].role is NodeRole.ANSWER else None
        parsed += said is not None
        right += said is not None and check_answer(said, one.problem.answer).kind is VerdictKind.SUPPORTED
    low, high = wilson(right, len(problems))
    return Solved(right, len(problems), low, high, parsed / len(problems) if problems else 0.0)
