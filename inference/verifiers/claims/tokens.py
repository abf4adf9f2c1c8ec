"""Text to tokens with offsets, one lexer for LaTeX and prose. Knows nothing about grammar or truth."""

from __future__ import annotations

import re
from typing import NamedTuple

from inference.verifiers.claims.words import SILENT


class Token(NamedTuple):
    """`kind` is num, id, cmd, op, rel, word, text, money, sep or bar; `text` is the canonical spelling."""

    kind: str
    text: str
    start: int
    end: int


ARROW = "=>"
WEAK_IS = "is"

# Every quantifier that could meet the same text twice is possessive: model text must not make the lexer backtrack.
_PATTERN = r"""
    (?P<space>\s++)
  | (?P<text>\\(?:text\w*+|mathrm|mathbf|mathit|mbox|operatorname\*?+|boldsymbol)\s*+\{(?P<body>[^{}]*+)\})
  | (?P<word>\d++(?:st|nd|rd|th)\b)
  | (?P<num>\d{1,3}(?:(?:,|\{,\}|\\,)\d{3})++(?!\d)(?:\.\d++)?+|\d++(?:\.\d++)?+|\.\d++)
  | (?P<env>\\(?:begin|end)\{[a-z]*+\*?+\}(?:\{[^{}]*+\})?+)
  | (?P<cmd>\\(?:[A-Za-z]++|.))
  | (?P<mark><<|>>)
  | (?P<rel><=|>=|=>|->|(?<=\s)!=(?=\s)|==|[=<>≈≠≤≥≡⇒→])
  | (?P<pow>\*\*)
  | (?P<letters>[A-Za-z]++(?:['\u2019][a-z]++|HYPHEN)*+)
  | (?P<op>.)
"""
_LATEX = re.compile(_PATTERN.replace("|HYPHEN", ""), re.X | re.S)
_PROSE = re.compile(_PATTERN.replace("HYPHEN", "-[A-Za-z]{3,}+"), re.X | re.S)
_COMMANDS = {
    "cdot": ("op", "*"), "times": ("op", "*"), "ast": ("op", "*"), "div": ("op", "/"),
    "dfrac": ("cmd", "frac"), "tfrac": ("cmd", "frac"), "cfrac": ("cmd", "frac"),
    "dbinom": ("cmd", "binom"), "tbinom": ("cmd", "binom"),
    "lvert": ("op", "|"), "rvert": ("op", "|"), "vert": ("op", "|"), "lbrace": ("op", "("), "rbrace": ("op", ")"),
    "{": ("op", "("), "}": ("op", ")"), "%": ("op", "%"), "$": ("money", "$"), "\\": ("sep", "\\\\"),
    "degree": ("op", "°"), "quad": ("sep", ";"), "qquad": ("sep", ";"), "newline": ("sep", "\\\\"),
    "approx": ("rel", "≈"), "simeq": ("rel", "≈"), "thickapprox": ("rel", "≈"), "neq": ("rel", "≠"),
    "ne": ("rel", "≠"), "le": ("rel", "≤"), "leq": ("rel", "≤"), "leqslant": ("rel", "≤"), "ge": ("rel", "≥"),
    "geq": ("rel", "≥"), "geqslant": ("rel", "≥"), "lt": ("rel", "<"), "gt": ("rel", ">"), "equiv": ("rel", "≡"),
    "Rightarrow": ("rel", ARROW), "implies": ("rel", ARROW), "Longrightarrow": ("rel", ARROW),
    "Leftrightarrow": ("rel", ARROW), "iff": ("rel", ARROW), "rightarrow": ("rel", ARROW), "to": ("rel", ARROW),
    "longrightarrow": ("rel", ARROW), "therefore": ("sep", ";"), "because": ("sep", ";"),
}  # fmt: skip
_RELATIONS = {"<=": "≤", ">=": "≥", "!=": "≠", "==": "=", "->": ARROW, "⇒": ARROW, "→": ARROW}
_SYMBOLS = {
    "×": ("op", "*"), "·": ("op", "*"), "⋅": ("op", "*"), "∗": ("op", "*"), "÷": ("op", "/"), "−": ("op", "-"),
    "–": ("op", "-"), "[": ("op", "("), "]": ("op", ")"), "π": ("cmd", "pi"), "√": ("cmd", "sqrt"),
    "½": ("num", "0.5"), "¼": ("num", "0.25"), "¾": ("num", "0.75"), "$": ("money", "$"), "£": ("money", "£"),
    "€": ("money", "€"), ";": ("sep", ";"),
}  # fmt: skip
_POWERS = {"²": "2", "³": "3"}
_WORDS = {
    "plus": ("op", "+"), "minus": ("op", "-"), "times": ("op", "*"), "percent": ("op", "%"),
    "equals": ("rel", "="), "equal": ("rel", "="), "is": ("rel", WEAK_IS), "makes": ("rel", WEAK_IS),
    "gives": ("rel", WEAK_IS), "sqrt": ("cmd", "sqrt"), "pi": ("cmd", "pi"),
}  # fmt: skip
_COMMAS = re.compile(r",|\{,\}|\\,")


def tokenise(text: str, start: int, end: int, *, prose: bool) -> list[Token]:
    """Return the tokens of text[start:end]; in prose a run of letters is a word, in LaTeX a product of names."""
    out: list[Token] = []
    spaced = True
    for match in (_PROSE if prose else _LATEX).finditer(text, start, end):
        kind = match.lastgroup or ""
        if kind == "body":
            kind = "text"
        if kind == "space":
            if prose and "\n" in match.group():
                out.append(Token("sep", "\n", match.start(), match.end()))
            elif "\n\n" in match.group():
                out.append(Token("sep", "\\\\", match.start(), match.end()))
        elif kind == "num":
            value = match.group()
            out.append(Token("num", _COMMAS.sub("", value), match.start(), match.end()))
        elif kind == "letters":
            _letters(match, out, prose=prose, spaced=spaced)
        elif kind == "rel":
            value = match.group()
            out.append(Token("rel", _RELATIONS.get(value, value), match.start(), match.end()))
        else:
            _other(kind, match, out, text, prose=prose)
        spaced = kind in ("space", "cmd")
    return out


def _letters(match: re.Match[str], out: list[Token], *, prose: bool, spaced: bool) -> None:
    word, start, end = match.group(), match.start(), match.end()
    if len(word) == 1:
        out.append(Token("id", word, start, end))
    elif prose:
        kind, value = _WORDS.get(word.lower(), ("word", word))
        out.append(Token(kind, value, start, end))
    elif len(word) >= 4 and (spaced or not out):
        out.append(Token("text", word, start, end))
    elif word in ("sqrt", "pi", "sin", "cos", "tan", "log", "ln"):
        out.append(Token("cmd", word, start, end))
    else:
        out.extend(Token("id", letter, start + i, start + i + 1) for i, letter in enumerate(word))


def _other(kind: str, match: re.Match[str], out: list[Token], text: str, *, prose: bool) -> None:
    value, start, end = match.group(), match.start(), match.end()
    if kind == "text":
        body = match.group("body").strip()
        out.append(Token("id" if len(body) == 1 and body.isalpha() else "text", body, start, end))
    elif kind == "word":
        out.append(Token("word", value, start, end))
    elif kind == "pow":
        if not prose or _is_power(text, start, end):
            out.append(Token("op", "^", start, end))
    elif kind == "mark":
        out.append(Token("sep", value, start, end))
    elif kind == "env":
        out.append(Token("sep", "\\\\", start, end))
    elif kind == "cmd":
        name = value[1:]
        if name not in SILENT and not name.isspace():
            new, canonical = _COMMANDS.get(name, ("cmd", name))
            out.append(Token(new, canonical, start, end))
    else:
        _symbol(value, start, out, text, prose=prose)


def _symbol(char: str, start: int, out: list[Token], text: str, *, prose: bool) -> None:
    if char in _POWERS:
        out += [Token("op", "^", start, start + 1), Token("num", _POWERS[char], start, start + 1)]
    elif char in "~&" and not prose:
        return
    elif prose and char in ".,:?!-*+•" and _punctuation(char, start, text):
        out.append(Token("sep", char, start, start + 1))
    else:
        kind, value = _SYMBOLS.get(char, ("op", char))
        out.append(Token(kind, value, start, start + 1))


def _is_power(text: str, start: int, end: int) -> bool:
    """2**3 and 2 ** 3 are powers, **9** is bold type."""
    before, after = text[start - 1 : start], text[end : end + 1]
    if before.isspace() and after.isspace():
        return True
    return (before.isalnum() or before == ")") and (after.isalnum() or after in ("(", "-"))


def _punctuation(char: str, start: int, text: str) -> bool:
    """Whether a mark ends a phrase: "5! = 120" and "3:00" hold operators; "9!", "Total: 5" and a list's dash do not."""
    before, after = text[start - 1 : start], text[start + 1 : start + 2]
    if char == ":":
        return not (before.isdigit() and after.isdigit())
    if char == "!":
        following = text[start + 1 : start + 4].lstrip()[:1]
        return not (following and following in "+-*/=)^!×·")
    if char in "-*+•":
        indent = text[max(0, start - 8) : start]
        return after.isspace() and not indent.rpartition("\n")[2].strip() and (start == 0 or "\n" in indent)
    return not (char == "." and after in (".", "\u2026"))
