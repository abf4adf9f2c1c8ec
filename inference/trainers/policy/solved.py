"""How many problems a policy solves: one sampled solution each, its answer checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from inference.engines.base import Engine, Progress
from inference.intervals import wilson
from inference.sources.base import Sourced
from inference.trainers.policy.sampling import sample


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

    def as_dict(self) -> dict[str, Any]:
        bounds = {name: round(getattr(self, name), 4) for name in ("low", "high", "parsed")}
        return {"solved": self.solved, "asked": self.asked, **bounds}


def solved_share(
    engine: Engine, problems: Sequence[Sourced], *, seed: int = 0, progress: Progress | None = None
) -> Solved:
    """Sample one solution of each problem and count those whose answer equals the reference."""
    drawn = sample(engine, problems, seed=seed, progress=progress)
    right, parsed = sum(one.right for one in drawn), sum(one.parsed for one in drawn)
    low, high = wilson(right, len(problems))
    return Solved(right, len(problems), low, high, parsed / len(problems) if problems else 0.0)
