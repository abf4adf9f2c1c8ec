"""One side of an equation in running text, read from left to right. Knows nothing about relations or values."""

from __future__ import annotations

from collections.abc import Sequence

from inference.verifiers.claims.tokens import Token
from inference.verifiers.claims.words import FILLERS, OPERANDS, SHORT_UNITS, STOP

MAX_UNIT_WORDS = 6
MAX_REMARK_WORDS = 8

_POSTFIX = frozenset("%°!")
_OPERATORS = frozenset("+-*/^")
_END = Token("end", "", -1, -1)


class Cursor:
    """A place in a token list; behind its last token stand "end" tokens."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self.tokens = tokens
        self.at = 0

    def peek(self, ahead: int = 0) -> Token:
        at = self.at + ahead
        return self.tokens[at] if 0 <= at < len(self.tokens) else _END


class SideReader:
    """Reads one side: operands and operators in turn, with brackets counted and units set aside."""

    def __init__(self, scanner: Cursor, *, first: bool) -> None:
        self.scanner = scanner
        self.first = first
        self.out: list[Token] = []
        self.units: list[str] = []
        self.opened: list[int] = []
        self.expecting = True
        self.cut = False
        self.parted = False

    def read(self) -> bool:
        """Read on while the text is an expression; return whether it ended with a whole operand."""
        while True:
            token = self.scanner.peek()
            went_on = self.operand(token) if self.expecting else self.operator(token)
            if not went_on:
                break
        if self.expecting and len(self.out) > 1 and self.out[-1].kind == "op" and self.out[-1].text in _OPERATORS:
            if not _is_spelt(self.out[-1]):
                return False
            # "120 / 3 = 40 times": the word ends the expression after all.
            self.out.pop()
            self.scanner.at -= 1
            self.expecting = False
        if self.opened and self.first:
            # "(so 5 + 4 = 9)" or "7 (3 + 4 = 7": the bracket is the sentence's, not the sum's.
            del self.out[: self.opened[-1] + 1]
            self.cut = True
        return not self.expecting and (self.first or not self.opened)

    def push(self, token: Token, *, expecting: bool) -> bool:
        self.out.append(token)
        self.scanner.at += 1
        self.expecting = expecting
        return True

    def operand(self, token: Token) -> bool:
        kind, text = token.kind, token.text
        if kind == "money":
            self.units.append("dollar" if text == "$" else text)
            self.scanner.at += 1
            return True
        if kind == "num" or (kind == "id" and not self.is_article(token)):
            return self.push(token, expecting=False)
        if kind == "cmd" and text in OPERANDS:
            return self.push(token, expecting=text != "pi")
        if kind == "word" and text.lower() == "half" and self.scanner.peek(1).text == "of":
            return self.push(Token("num", "0.5", token.start, token.end), expecting=False)
        if kind == "op" and text in "({":
            self.opened.append(len(self.out))
            return self.push(token, expecting=True)
        if kind == "op" and text in "+-" and self.scanner.peek(1).kind in ("num", "money", "id", "op"):
            return self.push(token, expecting=True)
        return False

    def is_article(self, token: Token) -> bool:
        following = self.scanner.peek(1)
        return token.text in "aAI" and following.kind == "word"

    def operator(self, token: Token) -> bool:
        kind, text = token.kind, token.text
        if kind == "op":
            return self.sign(token)
        if kind == "id":
            return self.letter(token)
        if kind == "word":
            return self.word(token)
        if kind == "cmd" and text in OPERANDS:
            return self.push(token, expecting=text != "pi")
        if kind == "money" and self.scanner.peek(1).kind in ("rel", "op", "end", "sep"):
            self.scanner.at += 1
            self.units.append("dollar" if text == "$" else text)
            return True
        return False

    def sign(self, token: Token) -> bool:
        text = token.text
        if text in _OPERATORS:
            if text == "/" and self.scanner.peek(1).kind == "word":
                self.scanner.at += 1
                return True
            if (self.parted and text in "+-") or (_is_spelt(token) and not self.first):
                # "10% of $400 + $80", "20 times 2 people": what the words bind is not sure.
                self.units.append("of")
            return self.push(token, expecting=True)
        if text in _POSTFIX or text == "_":
            return self.push(token, expecting=text == "_")
        if text in ")}" and self.opened:
            self.opened.pop()
            return self.push(token, expecting=False)
        if text in "({":
            return self.skip_remark() or (self.is_factor(token) and self.open_bracket(token))
        return False

    def is_factor(self, token: Token) -> bool:
        """Whether a bracket after an operand multiplies: "3(4)" and "3 (4 + 1)" do, "9 (3 boxes of 3)" does not."""
        if token.start == self.out[-1].end:
            return True
        ahead = 1
        while self.scanner.peek(ahead).kind in ("num", "op") and self.scanner.peek(ahead).text != ")" and ahead < 40:
            ahead += 1
        return self.scanner.peek(ahead).text == ")"

    def open_bracket(self, token: Token) -> bool:
        self.opened.append(len(self.out))
        return self.push(token, expecting=True)

    def skip_remark(self) -> bool:
        """Skip "(total cookies)": a bracket that holds only words is a unit."""
        ahead = 1
        while ahead <= MAX_REMARK_WORDS and (
            self.scanner.peek(ahead).kind == "word" or self.scanner.peek(ahead).text in ("a", "is", "-", "'")
        ):
            ahead += 1
        if ahead == 1 or self.scanner.peek(ahead).text != ")":
            return False
        self.units += [self.scanner.peek(i).text for i in range(1, ahead) if self.scanner.peek(i).kind == "word"]
        self.scanner.at += ahead + 1
        return True

    def letter(self, token: Token) -> bool:
        """A letter after an operand: "3 x 4" multiplies, "5 a day" is a unit, 5k is a product."""
        following = self.scanner.peek(1)
        if token.text in "xX" and (
            following.kind in ("num", "money")
            or (following.text == "(" and following.start > token.end and token.start > self.out[-1].end)
        ):
            return self.push(Token("op", "*", token.start, token.end), expecting=True)
        if self.is_article(token):
            return self.word(token)
        return self.push(token, expecting=False)

    def word(self, token: Token) -> bool:
        """Words after an operand: "divided by" is an operator, "of" after a part multiplies, a unit is set aside."""
        word, following = token.text.lower(), self.scanner.peek(1)
        if word in ("divided", "multiplied") and following.text.lower() == "by":
            self.scanner.at += 1
            return self.push(Token("op", "/" if word == "divided" else "*", token.start, following.end), expecting=True)
        if word == "of" and self.is_part():
            return self.part_of(token)
        return self.unit()

    def is_part(self) -> bool:
        last = self.out[-1]
        fraction = len(self.out) >= 3 and self.out[-2].text == "/"
        return last.text in ("%", "0.5", "}") or fraction

    def part_of(self, token: Token) -> bool:
        self.scanner.at += 1
        while self.scanner.peek().text.lower() in FILLERS:
            self.scanner.at += 1
        self.parted = True
        if not self.first:
            self.units.append("of")
        self.out.append(Token("op", "*", token.start, token.end))
        self.expecting = True
        return True

    def unit(self) -> bool:
        """Set a run of words aside when the expression goes on (or the chain ends) behind it."""
        peek, ahead = self.scanner.peek, 0
        while ahead <= MAX_UNIT_WORDS and self.may_be_unit(peek(ahead), peek(ahead + 1)):
            ahead += 1
        if ahead == 0 or ahead > MAX_UNIT_WORDS:
            return False
        after = peek(ahead)
        if after.text == "^" and peek(ahead + 1).kind == "num":
            ahead, after = ahead + 2, peek(ahead + 2)
        if not self.continues(after, peek(ahead + 1)):
            self.units += [peek().text.lower()] if peek().kind == "word" else []
            return False
        self.units += [peek(i).text.lower() for i in range(ahead) if peek(i).kind == "word"]
        self.scanner.at += ahead
        return True

    def may_be_unit(self, token: Token, following: Token) -> bool:
        if token.kind == "id":
            return token.text == "a" and following.kind == "word"
        if token.text == "/":
            return following.kind == "word"
        if token.kind != "word" or token.text.lower() in STOP:
            return False
        attached = bool(self.out) and token.start == self.out[-1].end
        return not (attached and len(token.text) < 4 and token.text not in SHORT_UNITS) and not token.text.isupper()

    def continues(self, after: Token, then: Token) -> bool:
        if after.kind == "op":
            return after.text in "+-*/)" or (after.text == "(" and then.kind == "word")
        return after.kind in ("rel", "sep", "end") or (after.text in ("x", "divided", "multiplied"))


def _is_spelt(token: Token) -> bool:
    """Whether an operator is a word: plus, times, divided by."""
    return token.end - token.start > 2
