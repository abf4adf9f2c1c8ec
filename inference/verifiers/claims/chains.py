"""The shape between text and arithmetic: sides joined by relations, a = b = c. Knows nothing about where they stood."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from inference.verifiers.claims.tokens import ARROW, Token


@dataclass(frozen=True, slots=True)
class Side:
    """One side: the tokens of its expression, the unit words that stood in it, and where it lies in the step."""

    tokens: tuple[Token, ...]
    units: tuple[str, ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Link:
    """One relation with its two sides. `open` names what goes on outside the match ("" when nothing does)."""

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
    open_left: bool = False
    open_right: bool = False
    modulus: int | None = None
    asked: bool = False

    def links(self) -> Iterator[Link]:
        """Yield the chain link by link, arrows left out."""
        final = len(self.relations) - 1
        for at, relation in enumerate(self.relations):
            if relation == ARROW:
                continue
            left_open, right_open = at == 0 and self.open_left, at == final and self.open_right
            yield Link(
                left=self.sides[at], relation=relation, right=self.sides[at + 1], first=at == 0, last=at == final,
                prose=self.prose, open="left" if left_open else "right" if right_open else "",
                modulus=self.modulus, asked=self.asked,
            )  # fmt: skip


def opened(chain: Chain, *, left: bool, right: bool) -> Chain:
    """Return the chain marked as going on at either end."""
    return replace(chain, open_left=chain.open_left or left, open_right=chain.open_right or right)
