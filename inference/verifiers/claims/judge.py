"""One link of a chain to a verdict with its evidence. Knows nothing about earlier steps.

A refutation needs numbers on both sides, no reading under which they agree, and no sign that the text is only
supposing, asking, rounding or converting; everything less is undecided.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

from inference.types import Claim, VerdictKind
from inference.verifiers.claims.chains import Link, Side
from inference.verifiers.claims.compare import agreement, compare, identical
from inference.verifiers.claims.evaluate import PLAIN, NoValue, Reading, Value, evaluate, operations, readings
from inference.verifiers.claims.parser import Unreadable, parse
from inference.verifiers.claims.trees import Expr, holds, literal, names
from inference.verifiers.claims.words import FAMILIES, VAGUE_UNITS

WHOLE_FROM = 10
SHOWN_BITS = 100
# Fractions with at most four decimals are shown as decimals: 1/4 is 0.25, 1/3 stays 1/3.
_DECIMAL_PARTS = frozenset(2**twos * 5**fives for twos in range(5) for fives in range(5))

_EQUALITIES = ("=", "≈")
_COMPUTES = frozenset(("+", "-", "*", "/", "juxtapose", "^", "mixed", "factorial", "binom", "sqrt"))
_HEDGES = re.compile(
    r"contradict|impossible|not equal|isn.t equal|no solution|can.?not|can.t|not possible|does ?n.t|does not|do not"
    r"|not true|false|incorrect|error|mistake|remainder|\bmod|\bbase|instead of|round|nearest|whole number"
    r"|integer part|integer division|estimat|not an integer|not integer|would|wrong|not match|unfortunately"
    r"|\btry\b|guess|pattern|thousand|million|billion",
    re.I,
)

_LEAVES_A_REST = re.compile(r"remain|left ?over|\bleft\b|\bfull\b|\bwhole\b|complete", re.I)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is known of a link: its verdict, a sentence, and the trees of its sides where they could be read."""

    kind: VerdictKind
    detail: str
    left: Expr | None = None
    right: Expr | None = None

    @property
    def symbolic(self) -> bool:
        """Whether the link states something about variables that only earlier equations could settle."""
        trees = (self.left, self.right)
        return self.kind is VerdictKind.UNDECIDED and any(tree is not None and names(tree) for tree in trees)


def claim(link: Link, judgement: Judgement, text: str) -> Claim:
    """Return the claim of a link as the rest of the studio knows it."""
    start, end = min(link.left.start, link.right.start), max(link.left.end, link.right.end)
    return Claim(text[start:end], judgement.kind, judgement.detail, start, end)


def judge(link: Link, text: str) -> Judgement:
    """Return the judgement of one link of the step `text`."""
    if link.open == "signs":
        return _undecided("the expression goes on outside the match")
    try:
        left, right = parse(link.left.tokens), parse(link.right.tokens)
    except Unreadable as error:
        return _undecided(f"not read: {error}")
    except RecursionError:
        return _undecided("not read: the expression is nested too deeply")
    try:
        verdict = _compare(link, left, right, text)
    except NoValue as error:
        return _undecided(f"not computed: {error}", left, right)
    if verdict.kind is VerdictKind.REFUTED:
        doubt = _doubt(link, left, right, text)
        if doubt:
            return _undecided(f"{verdict.detail}; not held against the step: {doubt}", left, right)
    return Judgement(verdict.kind, verdict.detail, left, right)


def _undecided(detail: str, left: Expr | None = None, right: Expr | None = None) -> Judgement:
    return Judgement(VerdictKind.UNDECIDED, detail, left, right)


def _compare(link: Link, left: Expr, right: Expr, text: str) -> Judgement:
    if left.op == "i" or right.op == "i":
        return _undecided("i may be an index")
    if names(left) or names(right):
        return _identity(link, left, right)
    if link.modulus is not None or link.relation == "≡":
        return _congruence(link, left, right, text)
    if link.relation in _EQUALITIES:
        return _equality(link, left, right, text)
    return _inequality(link, left, right, text)


def _identity(link: Link, left: Expr, right: Expr) -> Judgement:
    if link.relation != "=" or link.modulus is not None:
        return _undecided("a relation between variables")
    if left == right:
        return _undecided("both sides are the same")
    points = identical(left, right)
    if points > 0:
        return Judgement(VerdictKind.SUPPORTED, f"both sides agree at {points} points")
    return _undecided("a new equation, nothing to compare it with")


def _congruence(link: Link, left: Expr, right: Expr, text: str) -> Judgement:
    if not link.modulus:
        return _undecided("the modulus is not known")
    x, y = evaluate(left), evaluate(right)
    if not (isinstance(x, int) and isinstance(y, int)):
        return _undecided("a congruence between numbers that are not whole")
    detail = f"{_source(link.left, text)} leaves {x % link.modulus} modulo {link.modulus}"
    if (x - y) % link.modulus == 0:
        return Judgement(VerdictKind.SUPPORTED, detail)
    if link.relation != "≡":
        return _undecided(detail)
    return Judgement(VerdictKind.REFUTED, f"{detail}, {_source(link.right, text)} leaves {y % link.modulus}")


def _equality(link: Link, left: Expr, right: Expr, text: str) -> Judgement:
    x, y = evaluate(left), evaluate(right)
    bare = literal(left) is not None and literal(right) is not None
    how = _agree(link, left, right, x, y)
    if how:
        if bare and x == y:
            return _undecided("a number is itself")
        return Judgement(VerdictKind.SUPPORTED, _agreement_sentence(link, x, how, text))
    if bare:
        return _undecided(f"{show(x)} and {show(y)} are bare numbers")
    return Judgement(VerdictKind.REFUTED, _difference_sentence(link, left, right, x, y, text))


def _agree(link: Link, left: Expr, right: Expr, x: Value, y: Value) -> str:
    """Return how the sides agree under any reading, "" when under none."""
    approximate = link.relation == "≈"
    how = agreement(x, y, left, right, approximate=approximate)
    if how:
        return how
    for reading in readings(operations(left) | operations(right)):
        how = _agree_under(reading, left, right, approximate=approximate)
        if how:
            return how
    if any(token.text == "/" for side in (link.left, link.right) for token in side.tokens):
        tight = parse(link.left.tokens, tight=True), parse(link.right.tokens, tight=True)
        if tight != (left, right):
            return _agree_under(PLAIN, *tight, approximate=approximate)
    return ""


def _agree_under(reading: Reading, left: Expr, right: Expr, *, approximate: bool) -> str:
    try:
        x, y = evaluate(left, reading=reading), evaluate(right, reading=reading)
        return agreement(x, y, left, right, approximate=approximate)
    except NoValue:
        return ""


def _inequality(link: Link, left: Expr, right: Expr, text: str) -> Judgement:
    x, y = evaluate(left), evaluate(right)
    outcome = compare(x, link.relation, y)
    if outcome is None:
        return _undecided("complex numbers have no order")
    shown = f"{show(x)} {link.relation} {show(y)}"
    if outcome:
        return Judgement(VerdictKind.SUPPORTED, f"{shown} holds")
    if any(
        _agree_under(reading, left, right, approximate=False)
        for reading in readings(operations(left) | operations(right))
    ):
        return _undecided(f"{shown} depends on how the signs are read")
    return Judgement(VerdictKind.REFUTED, f"{shown} is false")


def _doubt(link: Link, left: Expr, right: Expr, text: str) -> str:
    """Return why a false relation is not held against the step, "" when it is."""
    if _HEDGES.search(text):
        return "the step speaks of an error, a rounding or an impossibility"
    if link.open:
        return "the words around it may change it"
    if link.asked:
        return "it is a question"
    if link.relation in _EQUALITIES:
        if link.first and literal(left) is not None:
            return "a bare number stands first"
        if not holds(left, _COMPUTES) and not holds(right, _COMPUTES) and (link.left.units or link.right.units):
            return "it may convert units"
        if _rounds_to_whole(left, right) or (_LEAVES_A_REST.search(text) and _is_floor(left, right)):
            return "it may be rounded to a whole number"
        if link.prose and not link.last and _runs_on(left, right):
            return "it reads as a running calculation"
    if not VAGUE_UNITS.isdisjoint(link.left.units + link.right.units):
        return "words among the numbers may change them"
    if _converts(link.left.units + link.right.units):
        return "it may convert units"
    theirs = [_stem(unit) for unit in link.right.units]
    ours = {_stem(unit) for unit in link.left.units}
    if theirs and ours and theirs[0] not in ours:
        return "it may convert units"
    return ""


def _converts(units: tuple[str, ...]) -> bool:
    stems = {_stem(unit) for unit in units}
    return any(len(stems & family) > 1 for family in FAMILIES)


def _stem(word: str) -> str:
    return word.rstrip("s.")


def _rounds_to_whole(left: Expr, right: Expr) -> bool:
    """100 / 3 = 33: the nearest whole number, near enough to be meant as one (7 / 2 = 4 is not)."""
    shown = literal(right)
    if shown is None or "." in shown.text:
        return False
    x, y = evaluate(left), evaluate(right)
    if isinstance(x, complex | int) or isinstance(y, complex):
        return False
    return max(x, -x) >= WHOLE_FROM and -0.5 <= x - y <= 0.5


def _is_floor(left: Expr, right: Expr) -> bool:
    """50 / 3 = 16, "with 2 left over"."""
    x, y = evaluate(left), evaluate(right)
    if isinstance(x, complex | int) or not isinstance(y, int):
        return False
    return 0 < x - y < 1


def _runs_on(left: Expr, right: Expr) -> bool:
    """5 + 4 = 9 - 2 = 7: the next side starts with the value of this one."""
    first = right
    while first.args and first.op in ("+", "-", "*", "/"):
        first = first.args[0]
    if first is right or first.op != "num":
        return False
    return bool(agreement(evaluate(left), evaluate(first), left, first, approximate=False))


def show(value: Value) -> str:
    """Return a value for people: exact while short, else six digits."""
    if isinstance(value, complex):
        return f"{value:.6g}"
    try:
        short = f"{float(value):.6g}"
    except OverflowError:
        return "a number of very many digits"
    if isinstance(value, float):
        return short
    if isinstance(value, Fraction) and value.denominator in _DECIMAL_PARTS and -(10**9) < value < 10**9:
        return f"{float(value):.10g}"
    bits = value.numerator.bit_length() + value.denominator.bit_length()
    return str(value) if bits <= SHOWN_BITS else short


def _source(side: Side, text: str) -> str:
    """Return the side as the step wrote it, on one line."""
    if not side.tokens:
        return ""
    source = " ".join(text[side.start : side.end].split())
    if source.count("$") == 1 and source[-1] == "$":
        source = source[:-1]
    return source if len(source) <= 80 else source[:77] + "…"


def _agreement_sentence(link: Link, x: Value, how: str, text: str) -> str:
    ours, theirs = _source(link.left, text), _source(link.right, text)
    if how in ("exact", "float"):
        return f"{ours} = {theirs}"
    return f"{ours} is {show(x)}, which {theirs} rounds"


def _difference_sentence(link: Link, left: Expr, right: Expr, x: Value, y: Value, text: str) -> str:
    ours, theirs = _source(link.left, text), _source(link.right, text)
    if literal(right) is not None:
        return f"{ours} = {show(x)}, not {theirs}"
    if literal(left) is not None:
        return f"{theirs} = {show(y)}, not {ours}"
    return f"{ours} = {show(x)}, but {theirs} = {show(y)}"
