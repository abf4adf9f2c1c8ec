"""Finds LaTeX in text and marks it for the browser, which renders it; without scripts the source stays readable.

One line of an outline has no room for a drawn formula: `plain` writes it with the signs of a keyboard.
"""

from __future__ import annotations

import re
from html import escape

from django.utils.safestring import SafeString, mark_safe

# A single dollar opens before a non-space and closes after one, not before a digit: "$5 and $6" is money.
# A formula holds no second opening (but "\\[2pt]" is a line's end): openings that nothing closes cost one look each.
FORMULA = re.compile(
    r"\$\$(?P<display>[^$]{1,4000})\$\$"
    r"|\\\[(?P<bracket>(?:(?!\\\]|(?<!\\)\\\[).){1,4000})\\\]"
    r"|\\\((?P<paren>(?:(?!\\\)|(?<!\\)\\\().){1,4000})\\\)"
    r"|(?<![\\\w])\$(?=[^\s$])(?P<inline>[^$\n]{0,4000}[^\s$\\])\$(?!\d)",
    re.DOTALL,
)
# Code that a text holds between fences, as models write it.
FENCED = re.compile(r"```[\w+-]{0,12}[ \t]{0,9}\n(?P<code>(?:(?!```).){1,8000})```", re.DOTALL)
# Where a text was cut, its last formula has no end.
CUT = re.compile(r"(?:\\[(\[]|\$\$?)(?P<cut>[^$]*\\[^$]*)$", re.DOTALL)
SIGNS = {
    **{"cdot": "·", "times": "×", "div": "÷", "pm": "±", "sqrt": "√", "pi": "π", "infty": "∞", "circ": "°"},
    **{"le": "≤", "leq": "≤", "ge": "≥", "geq": "≥", "ne": "≠", "neq": "≠", "approx": "≈", "equiv": "≡"},
    **{"to": "→", "rightarrow": "→", "Rightarrow": "⇒", "ldots": "…", "dots": "…", "cdots": "…", "angle": "∠"},
    **dict.fromkeys(("left", "right", "displaystyle", "text", "textbf", "mathrm", "mathbf", "boxed"), ""),
    **dict.fromkeys(("quad", "qquad"), " "),
}
FRACTION = re.compile(r"\\[dt]?frac\s*\{([^{}]*)\}\s*\{([^{}]*)\}")
BINOMIAL = re.compile(r"\\[dt]?binom\s*\{([^{}]*)\}\s*\{([^{}]*)\}")
ROOT = re.compile(r"\\sqrt\s*\{([^{}]*)\}")
RAISED = re.compile(r"([\^_])\{([^{}]*)\}")
FRAME = re.compile(r"\\(?:text|textbf|mathrm|mathbf|boxed)\s*\{([^{}]*)\}")
DEEPEST = 8
COMMAND = re.compile(r"\\([A-Za-z]+)")
SPACE = re.compile(r"\\[,;:! ]")
# What evidence is made of: a command, a brace, a word of prose, whatever else. A word ends a formula outside braces.
PIECE = re.compile(
    r"\\(?:[A-Za-z]+|.)|(?P<brace>[{}])|(?P<word>\b(?:[A-Za-z][a-z]{2,}|is|of|to|or|at|by|in|an|as)\b)|.", re.DOTALL
)
EDGE = " \t\n,;:"
# By these a run without dollars is known for a formula; a path on a disk has backslashes too.
COMMANDS = """
    frac dfrac tfrac binom dbinom sqrt boxed overline bar hat sum prod int lim log ln exp sin cos tan cot sec csc arcsin
    arccos arctan gcd max min mod pmod bmod lfloor rfloor lceil rceil alpha beta gamma delta theta lambda phi sigma
    omega Delta in cup cap lt gt
"""
KNOWN = frozenset(COMMANDS.split()) | frozenset(SIGNS)


def marked(text: str) -> SafeString:
    """Return escaped text: every formula is a `data-tex` element with its source, code between fences is code."""
    parts: list[str] = []
    end = 0
    for found in FENCED.finditer(text):
        parts.append(_formulae(text[end : found.start()].rstrip("\n")))
        parts.append(f'<code class="fenced">{escape(found["code"].rstrip())}</code>')
        end = found.end()
    parts.append(_formulae(text[end:].lstrip("\n") if end else text))
    return mark_safe("".join(parts))  # noqa: S308 every part is escaped


def _formulae(text: str) -> str:
    parts: list[str] = []
    end = 0
    for found in FORMULA.finditer(text):
        parts.append(escape(text[end : found.start()]))
        parts.append(_element(found))
        end = found.end()
    return "".join([*parts, escape(text[end:])])


def evidence(text: str) -> SafeString:
    r"""Return what a tool says with its formulae marked, also those that stand without dollars: `\frac{1}{2} = 0.5`.

    Where the browser cannot draw what looked like a formula, it stays in one line with the signs of a keyboard.
    """
    if "\\" not in text:
        return marked(text)
    parts: list[str] = []
    end = 0
    for found in FORMULA.finditer(text):
        parts += [_bare(text[end : found.start()]), _element(found)]
        end = found.end()
    parts.append(_bare(text[end:]))
    return mark_safe("".join(parts))  # noqa: S308 every part is escaped


def _bare(text: str) -> str:
    """Return text without dollars in which every run with a command is marked as a formula."""
    parts: list[str] = []
    depth = start = 0
    for piece in PIECE.finditer(text):
        if piece["brace"]:
            depth = max(0, depth + (1 if piece["brace"] == "{" else -1))
        elif piece["word"] and not depth:
            parts += [_guessed(text[start : piece.start()]), escape(piece["word"])]
            start = piece.end()
    return "".join([*parts, _guessed(text[start:])])


def _guessed(run: str) -> str:
    """Return a run between two words, marked if it holds a command of mathematics."""
    core = run.strip(EDGE)
    if KNOWN.isdisjoint(COMMAND.findall(core)):
        return escape(run)
    before, _, after = run.partition(core)
    drawn = f'<span class="tex" data-tex="{escape(core)}" data-guess>{escape(_plain(core))}</span>'
    return f"{escape(before)}{drawn}{escape(after)}"


def plain(text: str) -> str:
    r"""Return text whose formulae are written in one line: `\(\frac{60}{4} \cdot 2\)` becomes `60/4 · 2`."""
    if "$" not in text and "\\" not in text:
        return text
    text = FORMULA.sub(lambda found: _plain(found[str(found.lastgroup)]), text)
    return CUT.sub(lambda found: _plain(found["cut"]), text)


def _plain(source: str) -> str:
    for _ in range(DEEPEST):
        before = source
        source = FRACTION.sub(lambda found: f"{_term(found[1])}/{_term(found[2])}", source)
        source = BINOMIAL.sub(r"C(\1, \2)", source)
        source = ROOT.sub(lambda found: f"√{_term(found[1])}", source)
        source = RAISED.sub(lambda found: f"{found[1]}{_term(found[2])}", source)
        source = FRAME.sub(r"\1", source)
        if source == before:
            break
    source = COMMAND.sub(lambda found: SIGNS.get(found[1], found[1]), SPACE.sub(" ", source)).replace("^°", "°")
    return source.translate({ord(sign): None for sign in "\\{}"}).strip()


def _term(source: str) -> str:
    return source if source.isalnum() else f"({source})"


def _element(found: re.Match[str]) -> str:
    kind = str(found.lastgroup)
    display = " data-display" if kind in ("display", "bracket") else ""
    return f'<span class="tex" data-tex="{escape(found[kind].strip())}"{display}>{escape(found[0])}</span>'
