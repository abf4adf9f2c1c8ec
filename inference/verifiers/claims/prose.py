"""Equations in running text: "Lena has 5 pens + 4 pens = 9 pens." One pass from left to right, without backtracking.

Knows nothing about values. Words directly after a number are its unit; a word that no unit can be ends the expression.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from inference.verifiers.claims.chains import Chain, Side
from inference.verifiers.claims.edges import open_after, open_before
from inference.verifiers.claims.sides import Cursor, SideReader
from inference.verifiers.claims.tokens import WEAK_IS, Token


def chains(tokens: Sequence[Token]) -> Iterator[Chain]:
    """Yield every chain of at least two sides in a prose token list."""
    scanner = _Scanner(tokens)
    while scanner.at < len(tokens):
        chain = scanner.chain()
        if chain is not None:
            yield chain


class _Scanner(Cursor):
    def chain(self) -> Chain | None:
        """Read one chain from here; on failure move on by at least one token."""
        begin = self.at
        first = self.side(first=True)
        if first is None or self.peek().kind != "rel":
            self.at = max(self.at, begin + 1)
            return None
        sides, relations = [first], []
        while self.peek().kind == "rel" and self.relation_fits(sides[-1]):
            mark, relation = self.at, self.relation()
            following = self.side()
            if following is None or (relation == WEAK_IS and not self.plain_result(sides[-1], following)):
                self.at = mark
                break
            sides.append(following)
            relations.append("=" if relation == WEAK_IS else relation)
        if not relations:
            self.at = max(self.at + 1, begin + 1)
            return None
        opening = begin
        while self.tokens[opening].start < first.tokens[0].start:
            opening += 1
        return Chain(
            tuple(sides), tuple(relations), prose=True, open_left=open_before(self.tokens, opening),
            open_right=open_after(self), asked=self.peek().text in ("?", "!"),
        )  # fmt: skip

    def relation_fits(self, left: Side) -> bool:
        """ "is" states an equation only after something that computes: "3 times 4 is 12", not "5 is odd"."""
        if self.peek().text != WEAK_IS:
            return True
        # "Since 3/4 is equal to $15" states a proportion.
        proportion = len(left.tokens) == 3 and left.tokens[1].text == "/"
        return not proportion and any(token.kind == "op" and token.text in "+-*/" for token in left.tokens[1:])

    def relation(self) -> str:
        """Take a relation; "is equal to" and "equals to" are one."""
        text = self.peek().text
        self.at += 1
        if text == WEAK_IS and self.peek().kind == "rel" and self.peek().text == "=":
            text = "="
            self.at += 1
        if self.peek().text.lower() == "to" and text == "=":
            self.at += 1
        if self.peek().text.lower() in ("about", "approximately", "roughly", "around"):
            text = "≈"
            self.at += 1
        return text

    def plain_result(self, left: Side, side: Side) -> bool:
        """Whether "is" gives a result: a number, of the unit on the left if it has one, and then the phrase ends."""
        following = self.peek()
        if left.units and side.units[:1] != left.units[-1:]:
            return False
        return all(token.kind in ("num", "op") for token in side.tokens) and (
            following.kind in ("sep", "end") or following.text.lower() in ("so", "and", "in", "for", "because")
        )

    def side(self, *, first: bool = False) -> Side | None:
        """Read the longest expression from here; None when none stands here or it breaks off."""
        begin, reader = self.at, SideReader(self, first=first)
        complete = reader.read()
        if not complete or not reader.out:
            return None
        start = reader.out[0].start if reader.cut else self.tokens[begin].start
        return Side(tuple(reader.out), tuple(reader.units), start, self.tokens[self.at - 1].end)
