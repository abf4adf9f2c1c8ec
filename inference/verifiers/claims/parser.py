"""Tokens to an expression tree by recursive descent. Knows nothing about values; refuses what it does not know."""

from __future__ import annotations

from collections.abc import Sequence

from inference.verifiers.claims.tokens import Token
from inference.verifiers.claims.trees import Expr
from inference.verifiers.claims.words import FUNCTIONS, GREEK

MAX_DEPTH = 40
MAX_TOKENS = 400

_STARTERS = GREEK | FUNCTIONS | {"frac", "binom", "pi", "sqrt", "lfloor", "lceil", "boxed"}
_CALLED = frozenset("fghFGHPQTpq")


class Unreadable(Exception):
    """The text is no expression that this tool knows; the message says what stopped it."""


_END = Token("", "", -1, -1)
TEN = Expr("num", (), "10")


def parse(tokens: Sequence[Token], *, tight: bool = False) -> Expr:
    """Return the tree of a whole token list, or raise Unreadable. `tight`: 6/2(3) is 6/(2*3)."""
    if not tokens:
        raise Unreadable("nothing stands there")
    if len(tokens) > MAX_TOKENS:
        raise Unreadable("the expression is too long")
    reader = _Reader(tokens, tight)
    tree = reader.sum()
    if reader.kind():
        raise Unreadable(f"{reader.text()!r} was not expected")
    return tree


class _Reader:
    def __init__(self, tokens: Sequence[Token], tight: bool) -> None:
        self.tokens = [*tokens, _END, _END]
        self.at = 0
        self.depth = 0
        self.tight = tight

    def text(self) -> str:
        return self.tokens[self.at].text

    def kind(self) -> str:
        return self.tokens[self.at].kind

    def take(self, text: str) -> bool:
        here = self.tokens[self.at]
        if here.text == text and here.kind in ("op", "cmd"):
            self.at += 1
            return True
        return False

    def need(self, text: str) -> None:
        if not self.take(text):
            raise Unreadable(f"{text!r} is missing")

    def sum(self) -> Expr:
        left = self.product()
        while self.kind() == "op" and self.text() in ("+", "-"):
            op = self.tokens[self.at].text
            self.at += 1
            left = Expr(op, (left, self.product()))
        return left

    def product(self) -> Expr:
        left = self.signed()
        while True:
            text = self.text()
            if self.kind() == "op" and text in ("*", "/"):
                self.at += 1
                right = self.signed()
                if self.tight and text == "/":
                    right = self.tightened(right)
                left = Expr(text, (left, right))
            elif self.starts_operand():
                left = self.juxtaposed(left)
            else:
                return left

    def tightened(self, right: Expr) -> Expr:
        """Take what binds a divisor more tightly than its slash: 6 / 2(3), and 25 / 1/3 by its spaces."""
        while self.starts_operand():
            right = Expr("juxtapose", (right, self.power()))
        at = self.at
        if self.kind() == "op" and self.text() == "/" and at > 1:
            slash, before, after = self.tokens[at], self.tokens[at - 1], self.tokens[at + 1]
            first = self.tokens[at - 2]
            if before.end == slash.start and slash.end == after.start and first.end < before.start:
                self.at += 1
                right = Expr("/", (right, self.power()))
        return right

    def starts_operand(self) -> bool:
        kind = self.kind()
        if kind in ("num", "id"):
            return True
        return (kind == "op" and self.text() in "({") or (kind == "cmd" and self.text() in _STARTERS)

    def juxtaposed(self, left: Expr) -> Expr:
        """Two operands side by side: a product, or a mixed number such as 2\\frac{1}{3}."""
        after_number = self.at > 0 and self.tokens[self.at - 1].kind == "num"
        if after_number and self.kind() == "num":
            raise Unreadable("two numbers stand side by side")
        mixed = left.op == "num" and after_number and self.text() == "frac"
        right = self.power()
        if mixed and right.op == "/" and right.args[0].op == right.args[1].op == "num":
            return Expr("mixed", (left, right))
        return Expr("juxtapose", (left, right))

    def signed(self) -> Expr:
        negative = False
        while self.kind() == "op" and self.text() in ("+", "-"):
            negative ^= self.text() == "-"
            self.at += 1
        tree = self.power()
        return Expr("neg", (tree,)) if negative else tree

    def power(self) -> Expr:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise Unreadable("the expression is nested too deeply")
        base = self.postfixed(self.atom())
        self.depth -= 1
        return base

    def postfixed(self, base: Expr) -> Expr:
        while True:
            if self.take("!"):
                base = Expr("factorial", (base,))
            elif self.take("%"):
                base = Expr("percent", (base,))
            elif self.take("°"):
                base = Expr("degrees", (base,))
            elif self.take("^"):
                base = self.raised(base)
            else:
                return base

    def raised(self, base: Expr) -> Expr:
        if base.op == "^" and self.tokens[self.at - 2].text != ")":
            raise Unreadable("a tower of powers without brackets")
        if self.take("circ"):
            return Expr("degrees", (base,))
        if self.text() == "{" and self.tokens[self.at + 1].text == "circ":
            self.at += 2
            self.need("}")
            return Expr("degrees", (base,))
        if self.take("-"):
            return Expr("^", (base, Expr("neg", (self.atom(),))))
        return Expr("^", (base, self.argument(single=True)))

    def argument(self, *, single: bool = False) -> Expr:
        """A braced group or one atom; \\frac12 takes one digit at a time."""
        if self.take("{"):
            tree = self.sum()
            self.need("}")
            return tree
        text = self.text()
        if self.kind() == "num" and not single and len(text) > 1 and "." not in text:
            here = self.tokens[self.at]
            self.tokens[self.at] = here._replace(text=text[1:])
            return Expr("num", (), text[0])
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise Unreadable("the expression is nested too deeply")
        tree = self.atom()
        self.depth -= 1
        return tree

    def atom(self) -> Expr:
        kind, text = self.kind(), self.text()
        if not kind:
            raise Unreadable("it ends too early")
        self.at += 1
        if kind == "num":
            if self.text() == "_":
                raise Unreadable("a number with a base")
            if len(text) > 1 and text[0] == "0" and text[1] != ".":
                raise Unreadable("a number with a leading zero")
            return Expr("num", (), text)
        if kind == "op":
            return self.group(text)
        if kind == "id":
            return self.name(text)
        if kind == "cmd":
            return self.command(text)
        raise Unreadable(f"{text!r} is no operand")

    def group(self, opening: str) -> Expr:
        closing = {"(": ")", "{": "}", "|": "|"}.get(opening)
        if closing is None:
            raise Unreadable(f"{opening!r} is no operand")
        tree = self.sum()
        self.need(closing)
        return Expr("abs", (tree,)) if opening == "|" else tree

    def command(self, text: str) -> Expr:
        if text == "pi":
            return Expr("pi")
        if text in ("frac", "binom"):
            above = self.argument()
            return Expr("/" if text == "frac" else "binom", (above, self.argument()))
        if text in ("lfloor", "lceil"):
            tree = self.sum()
            self.need("rfloor" if text == "lfloor" else "rceil")
            return Expr("floor" if text == "lfloor" else "ceil", (tree,))
        if text == "sqrt":
            return self.root()
        if text == "boxed":
            return self.argument()
        if text in FUNCTIONS:
            return self.function(text)
        if text in GREEK:
            return self.name(text)
        raise Unreadable(f"{text!r} is not known here")

    def root(self) -> Expr:
        if self.take("("):
            tree = self.sum()
            self.need(")")
            if self.text() == "{":
                return Expr("^", (self.argument(), Expr("/", (Expr("num", (), "1"), tree))))
            return Expr("sqrt", (tree,))
        return Expr("sqrt", (self.argument(),))

    def function(self, name: str) -> Expr:
        base = self.argument(single=True) if name == "log" and self.take("_") else None
        power = self.argument(single=True) if self.take("^") else None
        if power is not None and power.op != "num":
            raise Unreadable("an inverse or nested function")
        if self.take("("):
            inner = self.sum()
            self.need(")")
        else:
            inner = self.argument() if self.text() == "{" else self.power()
            while self.kind() == "id" or (self.kind() == "cmd" and (self.text() in GREEK or self.text() == "pi")):
                inner = Expr("juxtapose", (inner, self.power()))
        tree = Expr("log", (base or TEN, inner), "" if base else "bare") if name == "log" else Expr(name, (inner,))
        return Expr("^", (tree, power)) if power else tree

    def name(self, name: str) -> Expr:
        if self.take("_"):
            name += "_" + self.subscript()
        if self.text() in ("'", "prime"):
            raise Unreadable("a primed name")
        if self.text() == "(" and (name[0] in _CALLED or len(name) > 1):
            raise Unreadable(f"{name}(…) may be a function")
        return Expr("i") if name == "i" else Expr("name", (), name)

    def subscript(self) -> str:
        if not self.kind():
            raise Unreadable("it ends too early")
        if not self.take("{"):
            self.at += 1
            return self.tokens[self.at - 1].text
        parts = []
        while self.kind() and not self.take("}"):
            parts.append(self.text())
            self.at += 1
        return "".join(parts)
