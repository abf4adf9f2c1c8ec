"""What a rationale format is: a way to write a path as text and to read it back. Knows nothing about rows or models."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from inference.types import Problem, Rationale


@dataclass(frozen=True, slots=True)
class Segment:
    """The characters [start, end) of a rendered text that stand for one step; `key` is that step's key."""

    start: int
    end: int
    key: str


@dataclass(frozen=True, slots=True)
class Rendered:
    """A rationale as text, with the segment of every step, in order."""

    text: str
    segments: tuple[Segment, ...]


@dataclass(frozen=True, slots=True)
class ParseError:
    """Where a text leaves the format (code-point offset) and what was expected there."""

    position: int
    expected: str

    def __str__(self) -> str:
        return f"at character {self.position}: expected {self.expected}"


Parsed = Rationale | list[ParseError]


@dataclass(frozen=True, slots=True)
class Format:
    """One format. `losses` names the parts of a rationale that the text cannot hold.

    A loss is a field of Rationale ("outcome"), of its steps ("steps.score"), or "steps" altogether.
    `parse(render(x).text, x.problem)` equals x but for them.
    """

    name: str
    title: str
    description: str
    losses: tuple[str, ...]
    render: Callable[[Rationale], Rendered]
    parse: Callable[[str, Problem], Parsed]
    version: str = "1"


class Writer:
    """Collects a text piece by piece and remembers where the steps lie."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.segments: list[Segment] = []
        self.length = 0

    def add(self, text: str) -> None:
        self.pieces.append(text)
        self.length += len(text)

    def add_step(self, text: str, key: str) -> None:
        self.segments.append(Segment(self.length, self.length + len(text), key))
        self.add(text)

    def rendered(self) -> Rendered:
        return Rendered("".join(self.pieces), tuple(self.segments))
