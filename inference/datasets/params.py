"""What a user may set of a recipe: frozen dataclasses with a default, a check and a help text for each field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Self

NEUTRAL = ("positive", "negative", "drop")
UNLABELLED = ("cut", "mask")
MACHINE = ("off", "veto")
LABELERS = ("username", "pseudonym")
RAW_ROWS = ("all", "desk", "imported")


def choice(default: str, allowed: tuple[str, ...], text: str) -> Any:
    return field(default=default, metadata={"help": text, "choices": allowed})


@dataclass(frozen=True, slots=True)
class Options:
    """Options of a recipe. `read` takes texts too, as a command line or a form sends them."""

    def __post_init__(self) -> None:
        for part in fields(self):
            value, allowed = getattr(self, part.name), part.metadata.get("choices")
            if allowed and value not in allowed:
                raise ValueError(f"{part.name} is {value!r}; expected one of {', '.join(allowed)}")
            least = part.metadata.get("least")
            if least is not None and (not isinstance(value, int) or isinstance(value, bool) or value < least):
                raise ValueError(f"{part.name} is {value!r}; expected a whole number of at least {least}")

    @classmethod
    def read(cls, values: Mapping[str, Any]) -> Self:
        """Make options from a mapping; an unknown name or a bad value is a ValueError that names it."""
        known = {part.name: part for part in fields(cls)}
        unknown = sorted(set(values) - set(known))
        if unknown:
            raise ValueError(f"{unknown[0]} is no option here; expected {', '.join(known) or 'none'}")
        return cls(**{name: _number(value, known[name].metadata) for name, value in values.items()})

    def as_dict(self) -> dict[str, Any]:
        return {part.name: getattr(self, part.name) for part in fields(self)}


def _number(value: Any, metadata: Mapping[str, Any]) -> Any:
    if "least" in metadata and isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 10:
        return int(value)
    return value


@dataclass(frozen=True, slots=True)
class RatedOptions(Options):
    """What all recipes of rated steps share."""

    neutral: str = choice(
        "positive",
        NEUTRAL,
        "How a neutral step counts: as right, as wrong, or not at all. Corpora differ, so the choice is recorded.",
    )
    machine: str = choice(
        "off",
        MACHINE,
        "Whether a step without a label takes one from the search. veto: wrong if a tool refutes it or no complete "
        "path through it is right; right if one is and no tool refutes it.",
    )
    min_paths: int = field(
        default=3,
        metadata={"least": 1, "help": "With veto: how many complete wrong paths make a step wrong."},
    )


@dataclass(frozen=True, slots=True)
class StepwiseOptions(RatedOptions):
    unlabelled: str = choice(
        "cut",
        UNLABELLED,
        "Steps without a label. cut: a path ends before the first, labels are true or false. mask: they stay as "
        "context, labels are the integers 1, 0 and -100 (which TRL's trainer leaves out of the loss).",
    )


@dataclass(frozen=True, slots=True)
class ProcessBenchOptions(RatedOptions):
    generator: str = field(default="studio", metadata={"help": "Who wrote the steps, for paths that do not say."})


@dataclass(frozen=True, slots=True)
class GroundedOptions(RatedOptions):
    """A path is cut after its first wrong step."""


@dataclass(frozen=True, slots=True)
class Prm800kRawOptions(Options):
    labeler: str = choice(
        "username", LABELERS, "How people are named: by username, or by a pseudonym that stays the same on this site."
    )
    rows: str = choice(
        "all", RAW_ROWS, "Sessions of this project's desk, rows that were imported in this form, or all."
    )


@dataclass(frozen=True, slots=True)
class FullOptions(Options):
    """The round-trip form has no options: it keeps everything."""
