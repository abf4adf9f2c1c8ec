"""A quantity as it is written, a number with its unit, to its size. Knows nothing about sums or relations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from inference.verifiers.units.table import NONE, Dims, words, written
from inference.verifiers.units.tokens import Token

MAX_TOKENS = 120
MAX_EXPONENT = 12
MAX_TEN = 60
END = Token("end", "", 0, 0)
# Numbers that a formula holds without a unit; any other bare number may be a quantity whose unit was left out.
_CONSTANTS = (1.0, 3.14159265358979, 3.14159, 3.1416, 3.142, 3.14)
_SQUARES = {"square": 2, "sq": 2, "cubic": 3, "cu": 3}


class Unread(Exception):
    """A side that this grammar does not read; the message says why, for people."""


class Unlike(Exception):
    """A sum of quantities whose dimensions differ."""

    def __init__(self, left: Dims, right: Dims) -> None:
        super().__init__(f"{written(left)} and {written(right)} cannot be added")
        self.left, self.right = left, right


@dataclass(frozen=True, slots=True)
class Reading:
    """How ambiguous text is read: the meaning taken for a word, where "1/2 h" and where "J/mol K" is cut."""

    meanings: Mapping[str, int] = field(default_factory=dict)
    fractions: bool = False
    below: bool = False


@dataclass(frozen=True, slots=True)
class Sized:
    """A value in SI base units with its dimension; `bare`: a number without any unit.

    `number` is what comes of the numbers alone, their units left aside.
    """

    value: float
    dims: Dims = NONE
    bare: bool = False
    number: float = 0.0


@dataclass(slots=True)
class Notes:
    """How a side is written: unit words, literals, signs; of the last literal its unit's factor and its decimals.

    `loose`: a number without a unit that is no constant of a formula, or a letter that may be a name ("8S");
    `unitless`: no unit stands anywhere; `first`: the first quantity; `divisions`: how many signs divide.
    """

    words: list[str] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)
    operators: set[str] = field(default_factory=set)
    loose: bool = False
    unitless: bool = True
    factor: float = 1.0
    places: int = 0
    first: Sized | None = None
    divisions: int = 0

    @property
    def single(self) -> bool:
        """Whether the side is one number with its unit."""
        return len(self.numbers) == 1 and not self.operators


class QuantityParser:
    """Reads quantities from `tokens[at:end]`; `at` is where it has come to."""

    def __init__(self, tokens: Sequence[Token], at: int, end: int, reading: Reading) -> None:
        self.tokens, self.at, self.end, self.reading = tokens, at, end, reading
        self.most = at + MAX_TOKENS
        self.notes = Notes()
        self.literals = 0

    def peek(self, ahead: int = 0) -> Token:
        at = self.at + ahead
        if at >= self.most:
            raise Unread("it is too long")
        return self.tokens[at] if at < self.end else END

    def sees(self, *texts: str, ahead: int = 0) -> bool:
        """Whether one of these signs comes next."""
        token = self.peek(ahead)
        return token.kind == "op" and token.text in texts

    def sees_unit(self, ahead: int = 0) -> bool:
        token = self.peek(ahead)
        return token.kind == "word" and token.text in words()

    def close(self) -> None:
        if not self.sees(")"):
            raise Unread("a bracket is not closed")
        self.at += 1

    def times(self, left: Sized, right: Sized, sign: int) -> Sized:
        try:
            value = left.value * right.value**sign
            number = left.number * right.number**sign
        except (ZeroDivisionError, OverflowError):
            raise Unread("there is no such number") from None
        dims = tuple(a + sign * b for a, b in zip(left.dims, right.dims, strict=True))
        return Sized(value, dims, left.bare and right.bare, number)

    def raised(self, base: Sized, exponent: int) -> Sized:
        try:
            dims = tuple(each * exponent for each in base.dims)
            return Sized(base.value**exponent, dims, base.bare, base.number**exponent)
        except (ZeroDivisionError, OverflowError):
            raise Unread("there is no such number") from None

    def exponent(self, most: int = MAX_EXPONENT) -> int:
        """Read ^2, ^-1, ^{-1}; anything else, or more than `most`, is unread."""
        self.at += 1
        bracket = self.sees("(")
        self.at += bracket
        negative = self.sees("-")
        self.at += negative
        token = self.peek()
        if token.kind != "num" or not token.text.lstrip("+-").isdigit() or abs(int(token.text)) > most:
            raise Unread("an exponent is no small whole number")
        self.at += 1
        if bracket:
            self.close()
        return -int(token.text) if negative else int(token.text)

    def quantity(self) -> Sized:
        """A number with its unit; several in a row are added: "1 h 30 min", "5 ft 6 in"."""
        total = self.simple()
        while not total.bare and self.peek().kind == "num" and self.sees_unit(1):
            self.notes.operators.add("+")
            following = self.simple()
            if following.dims != total.dims:
                raise Unread("two quantities stand side by side")
            total = Sized(total.value + following.value, total.dims, number=total.number)
        return total

    def simple(self) -> Sized:
        begin = self.at
        number = self.number()
        if self.reading.fractions and self.sees("/") and self.peek(1).kind == "num":
            self.at += 1
            number = self.times(Sized(number, number=1.0), Sized(self.number(), number=1.0), -1).value
        self.literals += 1
        if not self.starts_unit():
            self.notes.loose |= not (self.is_denominator(begin) or number in _CONSTANTS)
            self.notes.factor = 1.0
            return self.noted(Sized(number, bare=True, number=number))
        token = self.peek()
        self.notes.loose |= not token.spaced and len(token.text) == 1 and token.text.isupper()
        unit = self.unit()
        self.notes.unitless = False
        self.notes.factor = unit.value
        return self.noted(Sized(number * unit.value, unit.dims, number=number))

    def noted(self, size: Sized) -> Sized:
        self.notes.first = self.notes.first or size
        return size

    def is_denominator(self, at: int) -> bool:
        """Whether a number without a unit stands in a fraction of a formula: the 2 of "1/2 m v^2"."""
        if at < 2 or self.tokens[at - 1].text != "/" or self.tokens[at - 2].kind != "num":
            return False
        return at < 3 or self.tokens[at - 3].kind != "num"

    def number(self) -> float:
        """A literal, perhaps times a power of ten; its digits and its last place are noted."""
        text = self.peek().text
        self.at += 1
        power = 0
        if self.sees("*") and self.peek(1).text == "10" and self.sees("^", ahead=2):
            self.at += 2
            power = self.exponent(MAX_TEN)
        elif text == "10" and self.sees("^"):
            text, power = "1", self.exponent(MAX_TEN)
        mantissa, _, shift = text.lower().partition("e")
        if abs(int(shift or 0)) > MAX_TEN:
            raise Unread("the numbers are too large")
        self.notes.numbers.append(mantissa)
        self.notes.places = len(mantissa.partition(".")[2]) - power - int(shift or 0)
        return float(text) * 10.0**power

    def starts_unit(self) -> bool:
        token = self.peek()
        if self.sees("("):
            return self.sees_unit(1)
        if token.text == "in" and self.peek(1).kind in ("word", "num"):
            return False
        return self.sees_unit() or (token.kind == "word" and token.text in _SQUARES)

    def unit(self) -> Sized:
        """A unit expression: km/h, m/s^2, kg·m/s², J/(mol K), square metres, metres per second."""
        size = self.unit_power()
        while True:
            if self.sees("/", "per") and (self.sees_unit(1) or (self.sees("(", ahead=1) and self.sees_unit(2))):
                self.at += 1
                size = self.times(size, self.unit_below(), -1)
            elif self.sees("*") and self.sees_unit(1):
                self.at += 1
                size = self.times(size, self.unit_power(), 1)
            elif self.sees_unit() and self.peek().text != "in":
                size = self.times(size, self.unit_power(), 1)
            else:
                return size

    def unit_below(self) -> Sized:
        """What stands under a unit's slash; under the reading `below` also what follows it without another slash."""
        size = self.unit_power()
        while self.reading.below and (self.sees_unit() or (self.sees("*") and self.sees_unit(1))):
            self.at += self.sees("*")
            size = self.times(size, self.unit_power(), 1)
        return size

    def unit_power(self) -> Sized:
        if self.sees("("):
            self.at += 1
            size = self.unit()
            self.close()
            return size
        exponent = _SQUARES.get(self.peek().text, 0)
        self.at += bool(exponent)
        word = self.peek().text
        if not self.sees_unit():
            raise Unread(f"“{word[:30]}” is no unit that is known here")
        self.at += 1
        self.notes.words.append(word)
        meaning = words()[word][self.reading.meanings.get(word, 0)]
        return self.raised(Sized(meaning.factor, meaning.dims, number=1.0), exponent or self.unit_exponent())

    def unit_exponent(self) -> int:
        """^2, ², "m2" (a digit 2 or 3 without a space), "metres squared"; 1 where none stands."""
        token = self.peek()
        if self.sees("^"):
            return self.exponent()
        if token.kind == "num" and not token.spaced and token.text in ("2", "3"):
            self.at += 1
            return int(token.text)
        if token.kind == "word" and token.text in ("squared", "cubed"):
            self.at += 1
            return 2 if token.text == "squared" else 3
        return 1
