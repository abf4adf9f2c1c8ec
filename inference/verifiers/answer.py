"""A final answer against the reference. Knows nothing about steps or trees.

Own parsing comes first (exact fractions through the claims parser), because math-verify was measured wrong on
`50,000 * 20`, `i^2` and `\\cos 60^\\circ`; what it cannot read goes to math-verify (Kydlíček, Hugging Face, 2025) with
its own time limits off: they work by signals, and the pool bounds the time from outside.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from types import MappingProxyType
from typing import cast

from inference.types import Problem, Verdict, VerdictKind
from inference.verifiers import verifier
from inference.verifiers.base import AnswerTool
from inference.verifiers.claims.compare import agreement, identical
from inference.verifiers.claims.evaluate import PLAIN, NoValue, Reading, Value, evaluate, operations, readings
from inference.verifiers.claims.parser import Unreadable, parse
from inference.verifiers.claims.tokens import Token, tokenise
from inference.verifiers.claims.trees import Expr, names
from inference.verifiers.params import AUTO, tools_for

ID = "answer"
VERSION = "1"
MAX_CHARS = 2000
# The time of math-verify's grammar grows fast with length and exponentially with depth.
MAX_GRAMMAR, MAX_DEPTH = 400, 10
_LONG_NUMBER = 200

_LEAD = re.compile(
    r"^(?:(?:so|thus|therefore|hence),?\s++)?(?:the\s++)?(?:final\s++)?(?:answer|result)\s*+(?:is|:|=)\s*+"
    r"|^####\s*+",
    re.I,
)
_NOISE = re.compile(r"(?<!\\)\\(?:left(?![a-z])|right(?![a-z])|displaystyle|[!,;: ()\[\]])|(?<!\\)\$|^\*\*|\*\*$")
_MIXED = re.compile(r"(?<![\d.])(\d++)\s++(\d++)/(\d++)(?![\d.])")
_UNIT_POWER = re.compile(r"((?:\}|[A-Za-z]{2}))\s*+\^\s*+(?:\{\d\}|\d)$")
_NUMERALS = {
    "zero": "0", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7",
    "eight": "8", "nine": "9", "ten": "10", "eleven": "11", "twelve": "12", "twenty": "20",
}  # fmt: skip
_SLASHED = re.compile(r"^([-+]?)\\[dt]?frac\{(\d++)\}\{(\d++)\}")
_NUMBER = re.compile(
    r"(?:[A-Za-z]\s*+=\s*+)?\\?[$\u20ac\u00a3]?\s*+([-+]?(?:\d{1,3}(?:,\d{3})++|\d++)(?:\.\d++)?)(?:/(\d++))?"
    r"(?:\s*+\\?%|\s++(?!pi\b)[A-Za-z]{2}[A-Za-z ]*+)?"
)
_WORDS_ONLY = re.compile(r"(?:\\text\{)?[A-Za-z][A-Za-z .'\u2019-]*+\}?")
_WARMING = (
    (r"\sqrt{8}", r"2\sqrt{2}x"),
    (r"\{1, 2\}", r"[1, 2)"),
    (r"\begin{pmatrix}1\end{pmatrix}", "x<1"),
)
_BRACKETS = {"(": ")", "[": "]"}


def check_answer(given: str, reference: str) -> Verdict:
    """Return SUPPORTED when the answers are equal, REFUTED when they differ, UNDECIDED when that cannot be told.

    Both are read as LaTeX or plain text; units, currency and "the answer is" are ignored, 25% equals both 0.25 and 25.
    Run it in the pool: math-verify has no time limit of its own here.
    """
    ours, theirs = clean(given), clean(reference)
    if not ours or not theirs:
        return _verdict(None, "there is no reference answer" if not theirs else "no answer was given")
    if len(ours) > MAX_CHARS or len(theirs) > MAX_CHARS:
        return _verdict(None, f"an answer is longer than {MAX_CHARS} characters")
    if _folded(ours) == _folded(theirs):
        return _verdict(True, f"{_short(ours)} is the reference")
    equal = _equal(ours, theirs)
    if equal is None:
        equal = _math_verify(ours, theirs)
    if equal is None:
        return _verdict(None, f"{_short(ours)} could not be compared with {_short(theirs)}")
    return _verdict(equal, f"{_short(ours)} {'equals' if equal else 'is not'} {_short(theirs)}")


class AnswerVerifier:
    """check_answer as a verifier: the "step" is the final answer, the problem holds the reference."""

    id: str = ID
    version: str = VERSION
    params: Mapping[str, object] = MappingProxyType({})

    def __init__(self) -> None:
        # math-verify imports parts of sympy late; a confined child may not be able to read them any more.
        for given, reference in _WARMING:
            _math_verify(given, reference)

    def applies(self, problem: Problem) -> bool:
        """Whether there is a reference to compare with."""
        return bool(problem.answer.strip())

    def check(self, problem: Problem, prefix: Sequence[str], step: str) -> Verdict:
        """Return the verdict on the final answer `step`; kinds of problem whose tool compares answers are its."""
        for name in tools_for((AUTO,), problem.kind):
            tool = verifier(name)
            if hasattr(tool, "check_answer"):
                return replace(cast(AnswerTool, tool).check_answer(problem, step), verifier=self.id)
        return check_answer(step, problem.answer)


def canonical(answer: str) -> str:
    """Return the same text for answers that are plainly the same, to count them by; cheap, never an error.

    A number becomes an exact fraction whatever its currency, commas, percent sign or unit in words ("$1,200.50 in all"
    is "2401/2"); of anything else spaces and case are dropped.
    """
    text = clean(answer)[:MAX_CHARS]
    number = _NUMBER.fullmatch(_SLASHED.sub(r"\1\2/\3", text)) if len(text) < _LONG_NUMBER else None
    if number is None or (number[2] and not int(number[2])):
        return _folded(text)
    return str(Fraction(number[1].replace(",", "")) / Fraction(number[2] or 1))


def clean(text: str) -> str:
    """Return an answer without its box, delimiters, "the answer is" and closing full stop."""
    text = _unboxed(text[: 4 * MAX_CHARS].strip())
    text = _LEAD.sub("", _NOISE.sub("", text).strip())
    text = text.strip().rstrip(".").strip()
    return _NUMERALS.get(text.lower(), _MIXED.sub(r"\1\\frac{\2}{\3}", text))


def _unboxed(text: str) -> str:
    """Return what stands in the last \\boxed{}, or the text when there is none."""
    start = text.rfind("\\boxed{")
    if start < 0:
        return text
    begin, depth = start + len("\\boxed{"), 1
    for at in range(begin, len(text)):
        depth += {"{": 1, "}": -1}.get(text[at], 0)
        if depth == 0:
            return text[begin:at]
    return text[begin:]


def _equal(ours: str, theirs: str) -> bool | None:
    """Compare with own parsing: words, tuples, lists, expressions; None when one side cannot be read."""
    if _WORDS_ONLY.fullmatch(theirs) and len(theirs) > 1:
        return None if _folded(theirs) in _folded(ours) else False
    items = _items(ours), _items(theirs)
    if items[0] is not None and items[1] is not None:
        return _equal_items(items[0], items[1])
    if items[0] is not None or items[1] is not None:
        return None
    left, right = read(ours), read(theirs)
    if left is None or right is None:
        return None
    return equal_trees(left, right)


def _items(text: str) -> tuple[str, list[str]] | None:
    """Return (brackets, parts) of a tuple, interval or list, None for anything without a comma of its own."""
    brackets = ""
    if text[0] in _BRACKETS and text[-1] in ")]":
        brackets, text = text[0] + text[-1], text[1:-1]
    parts, depth, begin = [], 0, 0
    tokens = tokenise(text, 0, len(text), prose=False)
    for token in tokens:
        depth += {"(": 1, "{": 1, ")": -1, "}": -1}.get(token.text, 0)
        if token.text == "," and depth == 0:
            parts.append(text[begin : token.start].strip())
            begin = token.end
    return (brackets, [*parts, text[begin:].strip()]) if parts else None


def _equal_items(left: tuple[str, list[str]], right: tuple[str, list[str]]) -> bool | None:
    if left[0] != right[0] or not all(left[1]) or not all(right[1]):
        return None
    if len(left[1]) != len(right[1]):
        return False
    if left[0]:
        return _all_equal(zip(left[1], right[1], strict=True))
    rest = list(right[1])
    for item in left[1]:
        match = next((other for other in rest if _equal(item, other)), None)
        if match is None:
            return None if any(_equal(item, other) is None for other in rest) else False
        rest.remove(match)
    return True


def _all_equal(pairs: zip[tuple[str, str]]) -> bool | None:
    outcomes = [True if _folded(a) == _folded(b) else _equal(a, b) for a, b in pairs]
    if False in outcomes:
        return False
    return None if None in outcomes else True


def read(text: str) -> Expr | None:
    """Return the expression of an answer, units and an "x =" before it left out; None when it is none."""
    for prose in ("\\" not in text, False):
        amount = _UNIT_POWER.sub(r"\1", text) if "text" in text or "mathrm" in text or prose else text
        tokens = tokenise(amount, 0, len(amount), prose=prose)
        tokens = _after_equals(tokens)
        tokens = [token for token in tokens if token.kind not in ("word", "text", "money")]
        try:
            return parse(tokens) if not _is_sentence(text) else None
        except (Unreadable, RecursionError):
            continue
    return None


def _is_sentence(text: str) -> bool:
    """Whether so many words stand there that dropping them would change the meaning."""
    return len(re.findall(r"(?<!\\)\b[A-Za-z]{2,}", text)) > 4


def _after_equals(tokens: list[Token]) -> list[Token]:
    for at in range(len(tokens) - 1, -1, -1):
        if tokens[at].kind == "rel" and tokens[at].text == "=":
            return tokens[at + 1 :]
    return tokens


def equal_trees(left: Expr, right: Expr) -> bool | None:
    """Return whether two expressions are equal under any reading of their signs, None when that cannot be told."""
    if names(left) or names(right):
        return identical(left, right) > 0
    rounded = False
    for reading in (PLAIN, *readings(operations(left) | operations(right))):
        how = _how(left, right, reading)
        if how in ("exact", "float"):
            return True
        rounded |= how == "rounded"
        if how is None:
            return None
    return None if rounded else False


def _how(left: Expr, right: Expr, reading: Reading) -> str | None:
    try:
        x: Value = evaluate(left, reading=reading)
        y: Value = evaluate(right, reading=reading)
        return agreement(x, y, left, right, approximate=False)
    except NoValue:
        return None


def _math_verify(ours: str, theirs: str) -> bool | None:
    from math_verify import LatexExtractionConfig, parse, verify  # type: ignore[import-untyped]

    if any(len(text) > MAX_GRAMMAR or _depth(text) > MAX_DEPTH for text in (ours, theirs)):
        return None
    logging.getLogger("math_verify").setLevel(logging.CRITICAL)
    # Only the LaTeX grammar: the plain-expression one ends in sympy's parse_expr, which evaluates its text.
    config = [LatexExtractionConfig()]
    gold = parse(f"${theirs}$", extraction_config=config, parsing_timeout=None)
    answer = parse(f"${ours}$", extraction_config=config, parsing_timeout=None)
    if not gold or not answer:
        return None
    return bool(verify(gold, answer, timeout_seconds=None))


def _depth(text: str) -> int:
    """Return how deep brackets nest; those that never close count too."""
    deep = deepest = 0
    for sign in text:
        deep += (sign in "([{") - (sign in ")]}")
        deepest = max(deepest, deep)
    return deepest


def _verdict(equal: bool | None, message: str) -> Verdict:
    kind = {True: VerdictKind.SUPPORTED, False: VerdictKind.REFUTED, None: VerdictKind.UNDECIDED}[equal]
    return Verdict(kind, ID, VERSION, (), message)


def _folded(text: str) -> str:
    """Return the text without spaces, case and \\text{}, to see whether two answers are written alike."""
    text = re.sub(r"\\(?:text|mathrm|mbox|textbf)\{([^{}]*+)\}", r"\1", text)
    return re.sub(r"[\s\\]++", "", text.replace("dfrac", "frac").replace("tfrac", "frac")).casefold()


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "…"
