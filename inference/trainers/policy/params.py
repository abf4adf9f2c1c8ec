"""The settings of a policy's training. Loads no model code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

from inference.engines import fields
from inference.engines.fields import setting

# Held-out problems have seeds of their own, which no training draws from.
HELD_OUT_SEED = 1_000_003
# What a worked solution takes with SmolLM2's tokenizer, problem included: so much, and so much for each step allowed.
TOKENS, TOKENS_A_STEP = 65, 12


@dataclass(frozen=True)
class PolicyParams:
    """What is learnt from, and how."""

    examples: int = setting(1000, "Worked solutions to learn from, made from the seed", minimum=10, maximum=1_000_000)
    most_steps: int = setting(3, "Longest worked solution, in steps", minimum=3, maximum=8)
    largest: int = setting(50, "Largest number in a worked solution; 0 for any", minimum=0, maximum=1_000_000)
    seed: int = setting(1, "Which problems are drawn, and in which order", minimum=0, maximum=1_000_000)
    epochs: int = setting(1, "Times that every solution is read", minimum=1, maximum=20)
    rank: int = setting(16, "Rank of the adapter's matrices", minimum=1, maximum=256)
    layers: int = setting(18, "How many of the last layers are adapted; 0 for all", minimum=0, maximum=1000)
    learning_rate: float = setting(2e-3, "Highest learning rate; it rises over ten steps and falls by a cosine",
                                   minimum=1e-6, maximum=0.1)  # fmt: skip
    length: int = setting(256, "Tokens of a training text, into which whole solutions are packed", minimum=64,
                          maximum=8192)  # fmt: skip
    batch: int = setting(4, "Training texts in a step", minimum=1, maximum=512)
    threads: int = setting(0, "CPU threads; 0 for all cores", minimum=0, maximum=1024)

    def __post_init__(self) -> None:
        fields.check(self)

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any]) -> Self:
        """Build settings from form or JSON values; SettingError names the field that does not fit."""
        return fields.from_mapping(cls, values)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def expected_tokens(self) -> int:
        """About how many tokens the training reads."""
        return self.texts * (TOKENS + TOKENS_A_STEP * self.most_steps) * self.epochs

    @property
    def texts(self) -> int:
        return self.examples


@dataclass(frozen=True)
class PolicyRunParams(PolicyParams):
    """A training as a run: what a project gives to it, and how much is measured."""

    paths: int = setting(0, "Verified paths of this project's own trees to learn from besides; 0 for none", minimum=0,
                         maximum=1_000_000)  # fmt: skip
    measured: int = setting(100, "Held-out problems that are sampled before and after; 0 to measure nothing", minimum=0,
                            maximum=100_000)  # fmt: skip

    @property
    def texts(self) -> int:
        return self.examples + self.paths

    @property
    def training(self) -> PolicyParams:
        """The settings of the training itself."""
        return PolicyParams(**{one.name: getattr(self, one.name) for one in fields.describe(PolicyParams)})
