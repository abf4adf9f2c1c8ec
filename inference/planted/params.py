"""The settings of planting errors. Loads no model code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from inference.engines import fields
from inference.engines.fields import SettingError, setting

KIND_IDS = ("operand", "operator", "quantity", "dropped", "copied", "unit", "miscopied", "arithmetic")
SOURCES = ("templates", "project", "both")
RULE, ENGINE = "rule", "engine"


@dataclass(frozen=True)
class PlantParams:
    """Which solutions get how many wrong versions."""

    by: str = setting(
        RULE,
        "Who makes the errors: rule (by construction, thousands a minute) or engine (a language model goes wrong by "
        "itself, and what is not wrong for sure is discarded)",
        choices=(RULE, ENGINE),
    )
    source: str = setting(
        "templates",
        "Where worked solutions are from: templates (generated word problems), project (problems here that have "
        "one), or both",
        choices=SOURCES,
    )
    problems: int = setting(500, "How many problems to generate", minimum=0, maximum=1_000_000)
    per_problem: int = setting(3, "Wrong solutions of each problem", minimum=1, maximum=50)
    kinds: str = setting(",".join(KIND_IDS), "Kinds of errors that a rule makes, with commas")
    held_out: float = setting(0.2, "Share of the problems marked test; the others are train", minimum=0.0, maximum=0.9)
    wrong_labels: float = setting(
        0.0, "Share of first errors that are labelled correct on purpose, to practise finding them", minimum=0.0,
        maximum=0.5,
    )  # fmt: skip
    seed: int = setting(0, "The same seed plants the same errors", minimum=0, maximum=2**31 - 1)

    def __post_init__(self) -> None:
        fields.check(self)
        unknown = [kind for kind in self.kind_ids if kind not in KIND_IDS]
        if unknown or not self.kind_ids:
            raise SettingError("kinds", f"expected some of {', '.join(KIND_IDS)}, got {self.kinds!r}")

    @property
    def kind_ids(self) -> tuple[str, ...]:
        return tuple(word.strip() for word in self.kinds.split(",") if word.strip())

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any]) -> PlantParams:
        """Build the settings from form or JSON values; SettingError names the field that does not fit."""
        return fields.from_mapping(cls, values)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)
