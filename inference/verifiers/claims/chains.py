"""The shape between text and arithmetic: sides joined by relations, a = b = c. Knows nothing about where they stood."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from inference.verifiers.claims.tokens import ARROW, Token

_OPENNESS = ("", "words", "signs")


@dataclass(frozen=True, slots=True)
class Side:
    """One side: the tokens of its expression, the unit words that stood in it, and where it lies in the step."""

    tokens: tuple[Token, ...]
    units: tuple[str, ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Link:
    """One relation with its two sides. `open` is "signs" or "words" when those go on outside the match, else ""."""

    left: Side
    relation: str
    right: Side
    first: bool = True
    last: bool = True
    prose: bool = False
    open: str = ""
    modulus: int | None = None
    asked: bool = False


@dataclass(frozen=True, slots=True)
class Chain:
    """a = b = c: one more side than relations."""

    sides: tuple[Side, ...]
    relations: tuple[str, ...]
    prose: bool = False
    open_left: str = ""
    open_right: str = ""
    modulus: int | None = None
    asked: bool = False

    def links(self) -> Iterator[Link]:
        """Yield the chain link by link, arrows left out."""
        final = len(self.relations) - 1
        for at, relation in enumerate(self.relations):
            if relation == ARROW:
                continue
            left, right = self.open_left if at == 0 else "", self.open_right if at == final else ""
            yield Link(
                left=self.sides[at], relation=relation, right=self.sides[at + 1], first=at == 0, last=at == final,
                prose=self.prose, open=max(left, right, key=_OPENNESS.index),
                modulus=self.modulus, asked=self.asked,
            )  # fmt: skip
