"""Equations in a LaTeX region: rows, parts between commas, sides between relations. Knows nothing about values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from inference.verifiers.claims.chains import Chain, Side
from inference.verifiers.claims.tokens import WEAK_IS, Token
from inference.verifiers.claims.words import CONNECTIVES


def chains(tokens: Sequence[Token]) -> Iterator[Chain]:
    """Yield the chains of one region; a row that starts with a relation goes on from the last side before it."""
    modulus, tokens = _modulus(tokens)
    carried: Side | None = None
    for part, row_ended in _parts(tokens):
        sides, relations = _split(part)
        if not sides[0].tokens and carried is not None:
            sides[0] = carried
        if relations:
            yield Chain(tuple(sides), tuple(relations), modulus=modulus)
        whole = bool(sides[-1].tokens) and (not relations or relations[-1] == "=")
        carried = sides[-1] if whole else carried if not part and row_ended else None


def _parts(tokens: Sequence[Token]) -> Iterator[tuple[list[Token], bool]]:
    part: list[Token] = []
    depth = 0
    for token in tokens:
        if token.kind == "op":
            depth += {"(": 1, "{": 1, ")": -1, "}": -1}.get(token.text, 0)
        row = token.kind == "sep"
        comma = token.kind == "op" and token.text == "," and depth <= 0
        connective = token.kind == "text" and not CONNECTIVES.isdisjoint(token.text.lower().split())
        if row or comma or connective:
            yield part, row
            part = []
        else:
            part.append(token)
    yield part, True


def _split(part: Sequence[Token]) -> tuple[list[Side], list[str]]:
    sides: list[list[Token]] = [[]]
    relations = []
    for token in part:
        if token.kind == "rel" and token.text != WEAK_IS:
            relations.append(token.text)
            sides.append([])
        else:
            sides[-1].append(token)
    return [_side(side) for side in sides], relations


def _side(tokens: list[Token]) -> Side:
    """Set units aside: text after an operand, or a label before the first; other text makes the side unreadable."""
    out: list[Token] = []
    units: list[str] = []
    tokens = _trimmed(tokens)
    at = 0
    while at < len(tokens):
        token = tokens[at]
        at += 1
        if token.kind == "money":
            units.append("dollar")
        elif token.kind != "text":
            out.append(token)
        elif _is_unit(out, tokens[at : at + 1]):
            units += [word.lower() for word in token.text.replace("/", " ").split()]
            at = _skip_power(tokens, at)
        else:
            out.append(token)
    start, end = (tokens[0].start, tokens[-1].end) if tokens else (0, 0)
    return Side(tuple(out), tuple(units), start, end)


def _trimmed(tokens: list[Token]) -> list[Token]:
    while tokens and tokens[-1].kind == "op" and tokens[-1].text in ".,;:":
        tokens = tokens[:-1]
    return tokens


def _is_unit(out: Sequence[Token], following: Sequence[Token]) -> bool:
    if not out:
        return bool(following) and following[0].kind in ("num", "money")
    before = out[-1]
    if before.text == "/" and len(out) > 1 and not following:
        return False
    return before.kind in ("num", "id") or before.text in ")}%/"


def _skip_power(tokens: Sequence[Token], at: int) -> int:
    """Skip the exponent of cm^2 or cm^{2}."""
    if at + 1 < len(tokens) and tokens[at].text == "^":
        if tokens[at + 1].kind == "num":
            return at + 2
        if tokens[at + 1].text == "{" and at + 3 < len(tokens) and tokens[at + 3].text == "}":
            return at + 4
    return at


def _modulus(tokens: Sequence[Token]) -> tuple[int | None, Sequence[Token]]:
    """Take (mod 7), \\pmod{7} or \\bmod 7 out of the tokens; every relation of the region is then a congruence."""
    out: list[Token] = []
    modulus: int | None = None
    at = 0
    while at < len(tokens):
        token = tokens[at]
        if token.text in ("pmod", "bmod", "mod"):
            at += 1
            while at < len(tokens) and (tokens[at].text in "({})" or tokens[at].kind == "num"):
                if tokens[at].kind == "num" and len(tokens[at].text) < 9:
                    modulus = int(float(tokens[at].text))
                at += 1
            if out and out[-1].text == "(":
                out.pop()
        else:
            out.append(token)
            at += 1
    return modulus, out
