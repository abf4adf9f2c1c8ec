"""What stands around an equation in running text and may belong to it. Knows nothing about its inside.

"signs" are operators, brackets and digits that go on: the match is not the whole. "words" may change the meaning
("twice 3 + 4 = 14", "day 1 * 2 = 2"), or not ("the total rose to 3 + 4 = 7").
"""

from __future__ import annotations

from collections.abc import Sequence

from inference.verifiers.claims.sides import Cursor
from inference.verifiers.claims.tokens import Token
from inference.verifiers.claims.words import CLOSING, HARMLESS_OF, NUMBERED, OPENING

_QUOTES = "\"'\u201c\u201d"
_OPERATORS = "+-*/^"


def open_before(tokens: Sequence[Token], begin: int) -> str:
    """Return how the text before tokens[begin] may belong to the first side: "", "words" or "signs"."""
    first = tokens[begin]
    if begin == 0 or first.text == "+":
        return "signs" if first.text == "+" else ""
    before = tokens[begin - 1]
    if first.text == "-" and before.kind != "sep" and (before.end == first.start or _is_dash(tokens, begin)):
        return "signs"
    if before.kind == "money" and begin > 1:
        begin, before = begin - 1, tokens[begin - 2]
    if before.kind == "word":
        return _word_before(tokens, begin)
    if before.kind in ("bar", "num", "id", "cmd"):
        return "signs"
    if before.kind == "sep":
        return _separator_before(tokens, begin)
    return _sign_before(tokens, begin) if before.kind == "op" else ""


def _is_dash(tokens: Sequence[Token], at: int) -> bool:
    return at + 1 < len(tokens) and tokens[at + 1].start > tokens[at].end


def _word_before(tokens: Sequence[Token], begin: int) -> str:
    word, earlier = tokens[begin - 1].text.lower(), tokens[begin - 2] if begin > 1 else None
    if word == "and" and earlier is not None and earlier.kind == "num" and tokens[begin + 1].text == "/":
        return "signs"
    if word == "of" and earlier is not None and earlier.text.lower() in HARMLESS_OF:
        return ""
    return "words" if word in OPENING or word in NUMBERED else ""


def _separator_before(tokens: Sequence[Token], begin: int) -> str:
    """A comma inside a number: 16,0000 / 10 and 14, 400 / 80."""
    comma, first = tokens[begin - 1], tokens[begin]
    if comma.text != "," or begin < 2 or tokens[begin - 2].kind != "num":
        return ""
    return "signs" if comma.end == first.start or len(first.text) == 3 else ""


def _sign_before(tokens: Sequence[Token], begin: int) -> str:
    before = tokens[begin - 1]
    if before.text in ("(", "{") and begin > 1:
        earlier = tokens[begin - 2]
        touching = earlier.kind in ("num", "id") and earlier.end == before.start
        return "signs" if touching or (earlier.kind == "op" and earlier.text in _OPERATORS) else ""
    harmless = before.text in "({" + _QUOTES or (before.text in ")}" and before.end < tokens[begin].start)
    return "" if harmless else "signs"


def open_after(cursor: Cursor) -> str:
    """Return how the text after the cursor may belong to the last side: "", "words" or "signs"."""
    after, then = cursor.peek(), cursor.peek(1)
    if after.kind in ("bar", "cmd", "id", "num", "money"):
        return "" if after.text == "a" else "signs"
    if after.kind == "word":
        if after.text == "and" and then.kind == "num" and cursor.peek(2).text in ("/", "("):
            return "signs"
        mixed = after.text == "and" and cursor.peek(2).kind == "num" and cursor.peek(3).text == "/"
        return "signs" if mixed else "words" if after.text.lower() in CLOSING else ""
    if after.kind == "rel":
        return "" if after.text in ("=", "is") else "signs"
    if after.kind != "op" or (after.text == "(" and after.start > cursor.peek(-1).end):
        return ""
    if after.end - after.start > 1 and then.kind not in ("num", "money"):
        return ""
    return "" if after.text in ")}]*," + _QUOTES else "signs"
