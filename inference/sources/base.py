"""What a source of problems gives. A source knows nothing about rows, trees or errors."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from inference.types import Problem


@dataclass(frozen=True, slots=True)
class Sourced:
    """A problem with its worked solution, one step a line in `steps`; `template` names what it was made from."""

    problem: Problem
    steps: tuple[str, ...]
    template: str


class Source(Protocol):
    """A seeded generator: the n-th problem of a seed is the same everywhere and every time."""

    @property
    def id(self) -> str:
        """A short name."""

    def problems(self, *, seed: int, count: int) -> Iterator[Sourced]:
        """Yield `count` problems with different texts."""
