"""The settings of a search, with help and bounds. Loads no model code."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from hashlib import blake2b
from typing import Any, NamedTuple

from inference.engines import fields
from inference.engines.fields import setting

METHODS = ("mcts",)
POLICIES = ("veto", "paper")
# Counts up when the few-shot prompt changes (inference.prompts): samples of another prompt are other samples.
PROMPT = 1


class Budget(NamedTuple):
    """How long one tree grows: rounds of expansion, and steps on a path (the answer line not counted)."""

    rounds: int
    depth: int


@dataclass(frozen=True)
class SearchParams:
    """The settings of one search run; the defaults are GroundedPRM's."""

    method: str = setting("mcts", "How trees grow", choices=METHODS)
    children: int = setting(3, "Steps drawn at each expansion", minimum=1, maximum=64)
    rounds: int = setting(8, "Rounds for an easy problem or one of unknown level", minimum=1, maximum=10_000)
    depth: int = setting(5, "Steps on a path for an easy problem or one of unknown level", minimum=1, maximum=200)
    hard_rounds: int = setting(12, "Rounds for a hard problem", minimum=1, maximum=10_000)
    hard_depth: int = setting(9, "Steps on a path for a hard problem", minimum=1, maximum=200)
    hard_level: int = setting(4, "Problems of this level and above are hard", minimum=1, maximum=100)
    c: float = setting(1.414, "Weight of exploration in UCT; 0 never explores", minimum=0.0, maximum=100.0)
    uct_value: str = setting(
        "mean", "What UCT ranks by: mean value of a node, or the sum of its values", choices=("mean", "sum")
    )
    decay: float = setting(0.9, "Share of a reward that each ancestor passes on", minimum=0.0, maximum=1.0)
    early_stop: bool = setting(True, "Stop a tree once it holds enough correct and wrong complete paths")
    max_correct: int = setting(3, "Correct paths after which the search looks for wrong ones", minimum=1, maximum=1000)
    max_wrong: int = setting(3, "Wrong paths that are enough", minimum=1, maximum=1000)
    policy: str = setting(
        "veto",
        "veto: a refuted step counts -1 and support counts nothing; paper: support counts +1, for verifiers whose "
        "support is informative",
        choices=POLICIES,
    )
    min_rollouts: int = setting(
        4, "Complete paths through a step, none of them correct, before it is labelled wrong", minimum=1, maximum=1000
    )
    verifier: str = setting("claims", "Tool that checks every step; empty for none")
    temperature: float = setting(
        0.7, "Randomness of the drawn text; 0 takes the likeliest token", minimum=0.0, maximum=5.0
    )
    top_p: float = setting(0.95, "Share of probability that tokens are drawn from", minimum=0.01, maximum=1.0)
    step_tokens: int = setting(64, "Longest step, in tokens", minimum=4, maximum=8192)
    rollout_tokens: int = setting(
        240, "Longest completion from a step to the answer, in tokens", minimum=8, maximum=65536
    )

    def __post_init__(self) -> None:
        fields.check(self)

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any]) -> SearchParams:
        """Build the settings from form or JSON values; SettingError names the field that does not fit."""
        return fields.from_mapping(cls, values)

    def rollout_room(self, steps_left: int) -> int:
        """Return the tokens of a completion with so many steps left: half the longest step for each, and the answer.

        One that goes on and on keeps the whole batch waiting.
        """
        return min(self.rollout_tokens, (steps_left + 1) * self.step_tokens // 2)

    def budget(self, level: int | None) -> Budget:
        """Return the budget of a problem of this level (None: unknown, treated as easy)."""
        if level is not None and level >= self.hard_level:
            return Budget(self.hard_rounds, self.hard_depth)
        return Budget(self.rounds, self.depth)


@dataclass(frozen=True)
class SampleParams:
    """How whole solutions are sampled, one independent of the other, to see how often a problem is solved."""

    samples: int = setting(16, "Solutions sampled of each problem", minimum=1, maximum=4096)
    temperature: float = setting(
        0.7, "Randomness of the drawn text; 0 takes the likeliest token", minimum=0.0, maximum=5.0
    )
    top_p: float = setting(0.95, "Share of probability that tokens are drawn from", minimum=0.01, maximum=1.0)
    depth: int = setting(9, "Most steps of a solution", minimum=1, maximum=200)
    tokens: int = setting(320, "Longest solution, in tokens", minimum=8, maximum=65536)
    seed: int = setting(
        0, "The same seed draws the same solutions, and more samples add to them", minimum=0, maximum=2**31 - 1
    )

    def __post_init__(self) -> None:
        fields.check(self)

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any]) -> SampleParams:
        """Build the settings from form or JSON values; SettingError names the field that does not fit."""
        return fields.from_mapping(cls, values)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    def way(self) -> str:
        """Return a hash of everything but the number of samples: samples of one way can be counted together."""
        rest = {name: value for name, value in self.as_dict().items() if name != "samples"}
        return blake2b(json.dumps([PROMPT, rest], sort_keys=True).encode(), digest_size=16).hexdigest()
