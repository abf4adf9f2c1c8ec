"""The settings of training a PRM head, with help and bounds. Loads no model code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from inference.engines import fields
from inference.engines.fields import SettingError, setting

NEUTRAL = ("positive", "negative", "drop")


@dataclass(frozen=True)
class HeadParams:
    """How a logistic head is trained from the current labels of a project."""

    neutral: str = setting(
        "positive",
        "What a neutral step counts as: positive (correct), negative (wrong), or drop (left out)",
        choices=NEUTRAL,
    )
    held_out: float = setting(
        0.2,
        "Share of the problems that never train and measure the gain; a problem stays on its side in every training",
        minimum=0.05,
        maximum=0.5,
    )
    seed: int = setting(0, "Seed of the validation split and the bootstrap", minimum=0, maximum=2**31 - 1)
    l2: str = setting("10,100,1000,10000,100000", "Strengths of the pull towards zero to choose from, with commas")
    least: int = setting(8, "Labelled steps needed of each class, correct and wrong", minimum=2, maximum=100_000)
    max_steps: int = setting(
        4000,
        "Labelled steps to train and measure on at most; people's labels come first, 0 takes all",
        minimum=0,
        maximum=10_000_000,
    )
    features: str = setting(
        "hf",
        "What reads the steps: hf (the frozen language model) or words (counts of words, a baseline)",
        choices=("hf", "words"),
    )
    layers: int = setting(0, "Layers of the language model to run; 0 for all", minimum=0, maximum=1000)

    def __post_init__(self) -> None:
        fields.check(self)
        if not self.l2_grid:
            raise SettingError("l2", "expected at least one number")

    @property
    def l2_grid(self) -> tuple[float, ...]:
        """The strengths of `l2` as numbers; SettingError for one that is none or not above 0."""
        words = [word for word in self.l2.split(",") if word.strip()]
        try:
            grid = tuple(float(word) for word in words)
        except ValueError:
            raise SettingError("l2", f"expected numbers with commas between them, got {self.l2!r}") from None
        if any(not 0 < number < float("inf") for number in grid):
            raise SettingError("l2", f"expected numbers above 0, got {self.l2!r}")
        return grid

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any]) -> HeadParams:
        """Build the settings from form or JSON values; SettingError names the field that does not fit."""
        return fields.from_mapping(cls, values)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)
