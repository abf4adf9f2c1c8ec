"""What a labelling queue is filled from: a slice, trees of a run, all done trees, imported ones; and the filters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from annotations.errors import BadInput

LARGEST = 2**63 - 1
MOST_LEVELS = 50
# More in one queue than people label in a year; one INSERT of this many rows takes a few seconds.
MOST_ITEMS = 200_000


class From(StrEnum):
    """Where the paths of a queue come from."""

    NOTHING = "nothing"
    SLICE = "slice"
    RUN = "run"
    TREES = "trees"
    IMPORTED = "imported"


@dataclass(frozen=True, slots=True)
class Source:
    """Which paths (or trees) a queue takes. 0 and "" stand for no limit and no filter.

    `slice` and `run` name the slice or the run where `kind` asks for one. `outcome` "right" or "wrong" keeps paths that
    end in such an answer (tree mode: trees that hold one), `per_tree` the most visited paths of each tree, `unlabelled`
    the trees in which no person has rated a step, `limit` the first ones of what is left.
    """

    kind: str = From.NOTHING
    slice: int = 0
    run: int = 0
    problem_kind: str = ""
    levels: tuple[int, ...] = ()
    outcome: str = ""
    unlabelled: bool = False
    per_tree: int = 0
    limit: int = 0

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any]) -> Source:
        """Build a source from JSON values; BadInput names the field that does not fit."""
        known = cls.__dataclass_fields__
        unknown = sorted(set(values) - set(known))
        if unknown:
            raise BadInput(
                f"A source has no {unknown[0]}; expected some of {', '.join(known)}.", f"source.{unknown[0]}"
            )
        found = {name: _read(name, value) for name, value in values.items()}
        made = cls(**found)
        made._check()
        return made

    def _check(self) -> None:
        if self.kind not in set(From):
            raise BadInput(f"{self.kind!r} is no source; expected one of {', '.join(From)}.", "source.kind")
        if self.outcome not in ("", "right", "wrong"):
            raise BadInput(f"{self.outcome!r} is no outcome; expected right or wrong.", "source.outcome")
        for name in ("slice", "run"):
            if (self.kind == name) != bool(getattr(self, name)):
                said = "is needed" if self.kind == name else f"belongs to a source of kind {name}"
                raise BadInput(f"The number of a {name} {said}.", f"source.{name}")

    def as_dict(self) -> dict[str, Any]:
        """Return what is not as by default, as JSON keeps it."""
        plain = Source()
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in asdict(self).items()
            if name == "kind" or value != getattr(plain, name)
        }


def _read(name: str, value: Any) -> Any:
    default = getattr(Source(), name)
    if isinstance(default, tuple):
        if not isinstance(value, list | tuple) or len(value) > MOST_LEVELS or not all(map(_is_level, value)):
            raise BadInput(f"Levels are a list of at most {MOST_LEVELS} whole numbers.", "source.levels")
        return tuple(value)
    if isinstance(default, bool | str):
        if type(value) is not (bool if isinstance(default, bool) else str):
            raise BadInput(f"Expected {'true or false' if isinstance(default, bool) else 'text'}.", f"source.{name}")
        return value
    if type(value) is not int or not 0 <= value <= LARGEST:
        raise BadInput("Expected a whole number from 0.", f"source.{name}")
    return value


def _is_level(value: Any) -> bool:
    return type(value) is int and abs(value) < 2**15
