"""The generators of problems and the settings of generating. Loads no generator, and needs no package of one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from inference.engines import fields
from inference.engines.fields import SettingError, setting

MIXED = "mixed"
DIFFICULTIES = (MIXED, "1", "2", "3", "4", "5")
LICENCE = "Apache-2.0"
LEAST_LARGEST = 20
TEMPLATES, REASONING_GYM = "templates", "reasoning_gym"
SOURCE_TITLES = {TEMPLATES: "Own stories", REASONING_GYM: "Reasoning Gym"}
INSTALL = "run `make setup` again, or in its environment `pip install --no-deps reasoning-gym`"
"""What to do where the package of the generators is not installed; it must come without its dependencies."""


@dataclass(frozen=True, slots=True)
class Generator:
    """One generator. `graded` says that difficulty 1 to 5 changes its problems; `level` is that of one without."""

    source: str
    name: str
    title: str
    graded: bool = True
    level: int | None = None

    @property
    def id(self) -> str:
        return f"{self.source}/{self.name}"


GENERATORS: dict[str, Generator] = {
    each.id: each
    for each in (
        Generator(TEMPLATES, "stories", "Word problems of two to eight steps, with worked solutions"),
        Generator(REASONING_GYM, "gsm_symbolic", "Word problems like GSM8K’s", graded=False, level=4),
        Generator(REASONING_GYM, "leg_counting", "How many legs so many animals have"),
        Generator(REASONING_GYM, "aiw", "Sisters, brothers and colleagues to be counted", graded=False, level=3),
        Generator(REASONING_GYM, "simple_geometry", "The last angle of a polygon"),
        Generator(REASONING_GYM, "dice", "The probability of a throw, as a fraction"),
        Generator(REASONING_GYM, "simple_equations", "An equation with one unknown"),
        Generator(REASONING_GYM, "basic_arithmetic", "Sums, products and brackets"),
        Generator(REASONING_GYM, "chain_sum", "Sums and differences of whole numbers"),
        Generator(REASONING_GYM, "decimal_chain_sum", "Sums and differences of decimals"),
        Generator(REASONING_GYM, "products", "Products of whole numbers"),
        Generator(REASONING_GYM, "gcd", "The greatest common divisor"),
        Generator(REASONING_GYM, "lcm", "The least common multiple"),
    )
}


@dataclass(frozen=True)
class SourceParams:
    """Which problems are made. The same settings make the same problems everywhere."""

    generator: str = setting(
        f"{REASONING_GYM}/gsm_symbolic", "What makes the problems, as source/generator", choices=tuple(GENERATORS)
    )
    count: int = setting(100, "How many different problems", minimum=1, maximum=100_000)
    seed: int = setting(0, "The same seed makes the same problems", minimum=0, maximum=2**31 - 1)
    difficulty: str = setting(
        MIXED, "1 is the easiest and 5 the hardest, where the generator knows one; mixed takes turns",
        choices=DIFFICULTIES,
    )  # fmt: skip
    largest: int = setting(
        0, "Largest number in the solution of one of our own stories, 20 at least; 0 for any", minimum=0,
        maximum=1_000_000,
    )  # fmt: skip

    def __post_init__(self) -> None:
        fields.check(self)
        if self.difficulty != MIXED and not GENERATORS[self.generator].graded:
            raise SettingError("difficulty", f"{self.generator} knows no difficulty; expected {MIXED}")
        if self.largest and self.made_by.source != TEMPLATES:
            raise SettingError("largest", f"{self.generator} knows no largest number; expected 0")
        if 0 < self.largest < LEAST_LARGEST:
            raise SettingError("largest", f"expected 0 or at least {LEAST_LARGEST}, got {self.largest}")

    @property
    def made_by(self) -> Generator:
        return GENERATORS[self.generator]

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any]) -> SourceParams:
        """Build the settings from form or JSON values; SettingError names the field that does not fit."""
        level = values.get("difficulty")
        if isinstance(level, int) and not isinstance(level, bool):
            values = {**values, "difficulty": str(level)}
        return fields.from_mapping(cls, values)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)
