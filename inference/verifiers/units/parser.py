"""One side of a relation to its size: value in SI base units and dimension, worked out while it is read.

The grammar is small and bounded: quantities, + - * / ^ sqrt and brackets. Knows nothing about what stands around it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from inference.verifiers.units.quantity import END, QuantityParser, Reading, Sized, Unlike, Unread
from inference.verifiers.units.table import words
from inference.verifiers.units.tokens import Token

MAX_DEPTH = 16
LARGEST = 1e100


class SideParser(QuantityParser):
    """Reads the longest side that begins at `at`."""

    def __init__(self, tokens: Sequence[Token], at: int, end: int, reading: Reading) -> None:
        super().__init__(tokens, at, end, reading)
        self.depth = 0

    def read(self) -> Sized:
        """Return the size of the side; Unread where there is none, Unlike where unlike quantities are added."""
        size = self.sum()
        if not math.isfinite(size.value) or abs(size.value) > LARGEST:
            raise Unread("the numbers are too large")
        return size

    def sum(self) -> Sized:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise Unread("the brackets are too deep")
        total = self.product()
        while self.sees("+", "-") and not self.is_dash():
            sign = self.operator()
            other = self.product()
            if total.dims != other.dims:
                if total.bare or other.bare:
                    raise Unread("a number in the sum has no unit")
                raise Unlike(total.dims, other.dims)
            value = total.value + other.value if sign == "+" else total.value - other.value
            number = total.number + other.number if sign == "+" else total.number - other.number
            total = Sized(value, total.dims, total.bare and other.bare, number)
        self.depth -= 1
        return total

    def is_dash(self) -> bool:
        """Whether a minus sign is a dash between words: "6 N - the force"."""
        return self.sees("-") and self.peek(1).kind in ("word", "end", "sep")

    def product(self) -> Sized:
        total = self.power()
        while True:
            if self.sees("*", "/", "per"):
                sign = 1 if self.operator() == "*" else -1
                total = self.times(total, self.power(), sign)
            elif self.is_factor():
                self.notes.operators.add("*")
                total = self.times(total, self.power(), 1)
            elif self.sees_unit() and self.tokens[self.at - 1].text == ")":
                total = self.times(total, self.unit(), 1)
                self.notes.unitless = False
            else:
                return total

    def is_factor(self) -> bool:
        """Whether what follows multiplies without a sign: "2(3 m)" does, a remark as in "6 N (at rest)" does not."""
        if not self.sees("(", "frac", "sqrt"):
            return False
        return not self.peek().spaced or self.tokens[self.at - 1].text == ")" or not self.sees("(")

    def operator(self) -> str:
        sign = self.peek().text
        self.notes.operators.add(sign)
        self.notes.divisions += sign in ("/", "per")
        self.at += 1
        return sign

    def power(self) -> Sized:
        if self.sees("-", "+"):
            sign = -1 if self.sees("-") else 1
            self.at += 1
            size = self.power()
            return Sized(sign * size.value, size.dims, size.bare, sign * size.number)
        base = self.primary()
        if self.sees("^"):
            self.notes.operators.add("^")
            return self.raised(base, self.exponent())
        return base

    def primary(self) -> Sized:
        token = self.peek()
        if token.kind == "num":
            return self.quantity()
        if self.sees("("):
            return self.group()
        if self.sees("frac", "sqrt"):
            self.at += 1
            return self.fraction() if token.text == "frac" else self.root()
        if token.kind == "word" and token.text in words():
            return self.unit_alone()
        raise Unread(f"“{token.text[:30]}” has no value here" if token.kind == "word" else "it is no expression")

    def group(self) -> Sized:
        if not self.sees("("):
            raise Unread("a bracket is missing")
        self.at += 1
        size = self.sum()
        self.close()
        return size

    def fraction(self) -> Sized:
        self.notes.operators.add("/")
        loose = self.notes.loose
        above = self.group()
        below = self.group()
        if above.bare and below.bare:
            # A fraction of numbers belongs to the formula; neither is a quantity that lost its unit.
            self.notes.loose = loose
        return self.times(above, below, -1)

    def root(self) -> Sized:
        self.notes.operators.add("^")
        size = self.group()
        if size.value < 0 or any(each % 2 for each in size.dims):
            raise Unread("the root has no value")
        return Sized(
            math.sqrt(size.value), tuple(each // 2 for each in size.dims), size.bare, math.sqrt(abs(size.number))
        )

    def unit_alone(self) -> Sized:
        """A unit as a factor of its own, as in "5 * 3 m * s"; before any number a letter is a name."""
        before = self.tokens[self.at - 1] if self.at else END
        if not self.literals or before.kind != "op":
            raise Unread(f"“{self.peek().text}” has no value here")
        self.notes.unitless = False
        return self.unit()
