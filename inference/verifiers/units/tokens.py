"""Text to tokens with offsets, LaTeX and prose alike. Knows nothing about units or truth."""

from __future__ import annotations

import re
from typing import NamedTuple

from inference.verifiers.claims.extract import regions
from inference.verifiers.claims.words import words as word_set

MAX_CHARS = 6000
MAX_DIGITS = 24


class Token(NamedTuple):
    """`kind` is num, word, op, rel, sep or bad; `text` is the canonical spelling, offsets are into the step."""

    kind: str
    text: str
    start: int
    end: int
    spaced: bool = False


# Every quantifier that could meet the same text twice is possessive: model text must not make the lexer backtrack.
_TOKEN = re.compile(
    r"""
    (?P<space>[^\S\n]++|[~&])
  | (?P<clock>\d{1,2}:\d\d(?!\d)|0\d{2,}+(?![.\d]))
  | (?P<num>(?:\d{1,3}(?:(?:,|\{,\})\d{3})++(?![\d])|\d++)(?:\.\d++)?+(?:[eE][-+]?\d{1,3}(?![\w.]))?+|\.\d++)
  | (?P<degree>\^?\{?\\circ\}?|°)\s*+(?:\\(?:text|mathrm)\{)?+(?P<scale>[CF](?![A-Za-z]))?+\}?+
  | (?P<cmd>\\(?:[A-Za-z]++|.))
  | (?P<pow>\*\*|\^)
  | (?P<sup>[⁺⁻]?[⁰¹²³⁴-⁹]++)
  | (?P<rel><=|>=|!=|=>|->|==|[=≈≃≅<>≤≥≠→⇒∝])
  | (?P<word>%|[A-Za-zΩΩµμÅ]++(?:['\u2019][A-Za-z]++)?+)
  | (?P<op>[-+*/()\[\]{}×·⋅∗•÷−–π½¼√])
  | (?P<sep>[\n,;:.?!|])
  | (?P<bad>.)
""",
    re.X | re.S,
)
# The braces of \\text{m/s} are no brackets: a power after them belongs to the last unit.
TEXT = re.compile(r"\\(?:text[a-z]*+|mathrm|mathbf|mathit|mbox|operatorname)\s*+\{([^{}]*+)\}")
_SUPERSCRIPTS = str.maketrans("⁺⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "+-0123456789")
_OPS = {
    "×": "*", "·": "*", "⋅": "*", "∗": "*", "•": "*", "÷": "/", "−": "-", "–": "-", "[": "(", "]": ")", "{": "(",
    "}": ")",
}  # fmt: skip
_NUMBERS = {"π": "3.14159265358979", "½": "0.5", "¼": "0.25"}
_COMMANDS = {
    "cdot": ("op", "*"), "times": ("op", "*"), "ast": ("op", "*"), "div": ("op", "/"), "approx": ("rel", "≈"),
    "simeq": ("rel", "≈"), "frac": ("op", "frac"), "dfrac": ("op", "frac"), "tfrac": ("op", "frac"),
    "sqrt": ("op", "sqrt"), "pi": ("num", _NUMBERS["π"]), "Omega": ("word", "Ω"), "mu": ("word", "µ"),
    "Rightarrow": ("sep", "⇒"), "implies": ("sep", "⇒"), "to": ("sep", "→"), "rightarrow": ("sep", "→"),
    "\\": ("sep", "\n"), "quad": ("sep", ";"), "qquad": ("sep", ";"), "[": ("sep", "\n"), "]": ("sep", "\n"),
    "%": ("word", "%"), "{": ("op", "("), "}": ("op", ")"), "degree": ("word", "°"),
}  # fmt: skip
_SILENT = word_set(
    "text textrm textbf mathrm mathbf mathit operatorname left right displaystyle boxed , ; : ! ( ) big Big "
    "bigl bigr rm"
)
_RELATIONS = {"==": "=", "≃": "≈", "≅": "≈"}
_ARROWS = {"=>", "->", "→", "⇒"}
_WORDS = {
    "times": ("op", "*"), "plus": ("op", "+"), "minus": ("op", "-"), "per": ("op", "per"),
    "equals": ("rel", "="), "equal": ("rel", "="), "is": ("rel", "is"), "are": ("rel", "is"), "gives": ("rel", "is"),
}  # fmt: skip


def tokenise(text: str) -> list[Token]:
    """Return the tokens of the first MAX_CHARS characters; `spaced` says that a space stood before.

    Dollars around LaTeX are left out, other dollars are "bad": money has no unit that is known here.
    """
    text = TEXT.sub(_bare, _without_delimiters(text[:MAX_CHARS]))
    out: list[Token] = []
    spaced = False
    for match in _TOKEN.finditer(text):
        kind, value = match.lastgroup or "bad", match.group()
        if kind == "space" or (kind == "cmd" and (value[1:] in _SILENT or value[1:].isspace())):
            spaced = True
            continue
        if kind == "scale":
            kind = "degree"
        out += [Token(new, name, match.start(), match.end(), spaced) for new, name in _named(kind, value, match)]
        spaced = False
    return [
        _times(token, before, after) for before, token, after in zip([None, *out], out, [*out[1:], None], strict=False)
    ]


def _times(token: Token, before: Token | None, after: Token | None) -> Token:
    """The letter x between two factors is a sign: "3 km x 4"."""
    if token.text not in ("x", "X") or token.kind != "word" or before is None or after is None:
        return token
    factors = before.kind in ("num", "word") or before.text == ")"
    return token._replace(kind="op", text="*") if factors and (after.kind == "num" or after.text == "(") else token


def _without_delimiters(text: str) -> str:
    if "$" not in text:
        return text
    letters = list(text)
    for region in regions(text):
        for at in (*range(region.outer_start, region.start), *range(region.end, region.outer_end)):
            letters[at] = " "
    return "".join(letters)


def _bare(match: re.Match[str]) -> str:
    """Return what stands in \\text{}, as long as before so that offsets stay."""
    before = match.start(1) - match.start()
    return f"{' ' * before}{match[1]} "


def _named(kind: str, value: str, match: re.Match[str]) -> list[tuple[str, str]]:
    if kind == "num":
        digits = value.replace("{", "").replace("}", "").replace(",", "")
        return [("num" if len(digits) <= MAX_DIGITS else "bad", digits)]
    if kind == "degree":
        return [("word", f"°{match['scale'] or ''}")]
    if kind == "sup":
        return [("op", "^"), ("num", value.translate(_SUPERSCRIPTS))]
    if kind == "rel":
        return [("sep" if value in _ARROWS else "rel", _RELATIONS.get(value, value))]
    if kind == "op" and value in _NUMBERS:
        return [("num", _NUMBERS[value])]
    return [_one(kind, value)]


def _one(kind: str, value: str) -> tuple[str, str]:
    if kind == "clock":
        return "bad", value
    if kind == "cmd":
        return _COMMANDS.get(value[1:], ("bad", value))
    if kind == "word":
        return _WORDS.get(value.lower(), ("word", value)) if len(value) > 1 else ("word", value)
    if kind == "pow":
        return "op", "^"
    if kind == "op":
        return "op", "sqrt" if value == "√" else _OPS.get(value, value)
    return kind, value
