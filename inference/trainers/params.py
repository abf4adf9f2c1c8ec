"""The settings of training a head (a PRM, a deducibility scorer), with help and bounds. Loads no model code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from inference.engines import fields
from inference.engines.fields import SettingError, setting

L2 = "10,100,1000,10000,100000"
NEUTRAL = ("positive", "negative", "drop")
LABELS, DEDUCIBILITY = "labels", "deducibility"
OBJECTIVES = (LABELS, DEDUCIBILITY)


@dataclass(frozen=True)
class HeadParams:
    """How a head is trained: a PRM from the labels of a project, or a deducibility scorer from its right solutions."""

    objective: str = setting(
        LABELS,
        "What is learnt: labels (a PRM, from the current labels) or deducibility (a scorer of whether a step follows "
        "from those before it, from errors planted in right solutions; needs no labels)",
        choices=OBJECTIVES,
    )
    neutral: str = setting(
        "positive",
        "What a neutral step counts as: positive (correct), negative (wrong), or drop (left out)",
        choices=NEUTRAL,
        only=(LABELS,),
    )
    held_out: float = setting(
        0.2,
        "Share of the problems that never train and measure the gain; a problem stays on its side in every training",
        minimum=0.05,
        maximum=0.5,
    )
    seed: int = setting(0, "Seed of the validation split and the bootstrap", minimum=0, maximum=2**31 - 1)
    l2: str = setting(L2, "Strengths of the pull towards zero to choose from, with commas")
    least: int = setting(
        8, "Labelled steps needed of each class, or pairs of a right and a wrong step", minimum=2, maximum=100_000
    )
    max_steps: int = setting(
        4000,
        "Labelled steps to train and measure on at most; people's labels come first, 0 takes all",
        minimum=0,
        maximum=10_000_000,
        only=(LABELS,),
    )
    pairs: int = setting(
        2000, "Pairs to train and measure on at most", minimum=8, maximum=1_000_000, only=(DEDUCIBILITY,)
    )
    planted: int = setting(
        3,
        "Pairs of each problem whose wrong step is planted by rule: wrong number, operator or unit (grounding errors)",
        minimum=0,
        maximum=50,
        only=(DEDUCIBILITY,),
    )
    elsewhere: int = setting(
        1,
        "Pairs of each problem whose wrong step is one of another problem (logic errors)",
        minimum=0,
        maximum=50,
        only=(DEDUCIBILITY,),
    )
    margin: float = setting(
        1.0,
        "By how much a right step is to score above the wrong one, before the sigmoid",
        minimum=0.01,
        maximum=100.0,
        only=(DEDUCIBILITY,),
    )
    features: str = setting(
        "hf",
        "What reads the steps: hf (the frozen language model) or words (counts of words, a baseline)",
        choices=("hf", "words"),
    )
    layers: int = setting(0, "Layers of the language model to run; 0 for seven tenths of them", minimum=0, maximum=1000)

    def __post_init__(self) -> None:
        fields.check(self)
        if not self.l2_grid:
            raise SettingError("l2", "expected at least one number")
        if self.objective == DEDUCIBILITY and not self.planted + self.elsewhere:
            raise SettingError("planted", "expected at least 1 pair of a problem here or in elsewhere, got 0 in both")

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


@dataclass(frozen=True)
class ReplayParams:
    """How stored labels are released step by step to see what more of them would bring."""

    counts: str = setting("200,1000,5000", "After how many released labels a head is trained, with commas")
    measured: int = setting(
        2000, "Labelled steps of held-out problems to measure on at most; 0 takes all", minimum=0, maximum=10_000_000
    )
    held_out: float = setting(0.2, "Share of the problems that only measure", minimum=0.05, maximum=0.5)
    neutral: str = setting("positive", "What a neutral step counts as: positive, negative, or drop", choices=NEUTRAL)
    l2: str = setting(L2, "Strengths of the pull towards zero to choose from, with commas")
    seed: int = setting(
        0, "Seed of the order of release, the validation split and the bootstrap", minimum=0, maximum=2**31 - 1
    )
    features: str = setting(
        "hf", "What reads the steps: hf (the frozen language model) or words", choices=("hf", "words")
    )
    layers: int = setting(0, "Layers of the language model to run; 0 for seven tenths of them", minimum=0, maximum=1000)

    def __post_init__(self) -> None:
        fields.check(self)
        if not self.steps_of_release:
            raise SettingError("counts", "expected at least one number")
        self.head()

    @property
    def steps_of_release(self) -> tuple[int, ...]:
        """The numbers of `counts`, rising; SettingError for one that is none or below 20."""
        words = [word.strip() for word in self.counts.split(",") if word.strip()]
        if not all(word.isdecimal() and 20 <= int(word) <= 10_000_000 for word in words):
            raise SettingError(
                "counts", f"expected whole numbers from 20 with commas between them, got {self.counts!r}"
            )
        return tuple(sorted({int(word) for word in words}))

    def head(self) -> HeadParams:
        """Return the settings of each training on the way."""
        shared = ("held_out", "neutral", "l2", "seed", "features", "layers")
        return HeadParams(max_steps=0, least=5, **{name: getattr(self, name) for name in shared})

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any]) -> ReplayParams:
        """Build the settings from form or JSON values; SettingError names the field that does not fit."""
        return fields.from_mapping(cls, values)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)
