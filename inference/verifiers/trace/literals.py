"""Values written inside a sentence: where one begins and ends. Knows nothing about what it is said of."""

from __future__ import annotations

import re

from inference.verifiers.trace.values import Unreadable, read

MAX_VALUE = 400
_NUMBER = re.compile(r"[-+\u2212]?(?:\d++(?:\.\d++)?|\.\d++)(?:e[-+]?\d++)?", re.I)
_WORD = re.compile(r"(?:True|False|None|true|false|set\(\))(?!\w)")
_WORDS = {"true": "True", "false": "False"}
_CLOSING = {"(": ")", "[": "]", "{": "}"}
# What may follow a value without being part of it.
_AFTER = re.compile(
    r"\s{0,3}(?:$|[,;:.!?)](?=[\s)\"']|$)|\n|->|=>|\u2192|\u2713|\(|(?:and|after|before|at|in|on|when|so|then|now|since|"
    r"because|which|but|while|as|again|here|from|for|by|during|once|is the|too|also|instead of|rather than|not)\b)"
)
_SIDE = re.compile(r"\s(?:and|so|then|when|because|since|after|at|which|before|but|in|for)\s|[;\n]|,\s|\.\s")


def matching(text: str, at: int) -> int:
    """Return the offset behind the bracket that closes the one at `at`, 0 when none does within MAX_VALUE."""
    waiting: list[str] = []
    quote = ""
    for place in range(at, min(len(text), at + MAX_VALUE)):
        sign = text[place]
        if quote:
            quote = "" if sign == quote and text[place - 1] != "\\" else quote
        elif sign in "'\"":
            quote = sign
        elif sign in _CLOSING:
            waiting.append(_CLOSING[sign])
        elif sign in ")]}":
            if not waiting or waiting.pop() != sign:
                return 0
            if not waiting:
                return place + 1
    return 0


def stated(text: str, start: int) -> tuple[str, int] | None:
    """Return the value that is stated from `start` on and the offset behind it, None when it is no plain value.

    Of a chain such as "0 + 3 = 3" it is the last side; "1 + 2" alone is worked out.
    """
    for _ in range(6):
        end = _literal(text, start)
        if end and _AFTER.match(text, end):
            return _written(text, start, end)
        stop, chained = _side(text, start)
        if not chained:
            return _sum(text, start, stop)
        start = stop
    return None


def _literal(text: str, start: int) -> int:
    """Return the offset behind the value that begins at `start`, 0 when none does."""
    if text[start : start + 1] in _CLOSING:
        return matching(text, start)
    if text[start : start + 1] in ("'", '"'):
        close = text.find(text[start], start + 1, start + MAX_VALUE)
        return close + 1
    match = _NUMBER.match(text, start) or _WORD.match(text, start)
    return match.end() if match else 0


def _side(text: str, start: int) -> tuple[int, bool]:
    """Return where this side of an equation ends: behind its "=" (and True), or where the sentence goes on."""
    limit = min(len(text), start + MAX_VALUE)
    bound = _SIDE.search(text, start, limit)
    stop = bound.start() if bound else limit
    for at in range(start, stop):
        if text[at] == "=" and text[at - 1 : at] not in ("=", "<", ">", "!", ":", "+", "-", "*", "/"):
            if text[at + 1 : at + 2] == "=":
                return stop, False
            at += 1
            return at + (text[at : at + 1] == " "), True
    return stop, False


def _written(text: str, start: int, end: int) -> tuple[str, int] | None:
    value = text[start:end].replace("\u2212", "-")
    value = _WORDS.get(value, value)
    try:
        read(value)
    except Unreadable:
        return None
    return value, end


def _sum(text: str, start: int, stop: int) -> tuple[str, int] | None:
    """Return the value of a sum of plain numbers; one with text or names in it is none."""
    side = text[start:stop].strip().rstrip(".,:)")
    if not side or len(side) > 60 or not re.fullmatch(r"[-+*/%()\d. ]++", side) or "**" in side:
        return None
    try:
        return repr(read(side)), start + len(side)
    except Unreadable:
        return None
