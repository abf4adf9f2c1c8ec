"""What the problem and the earlier steps say about variables. Knows nothing about prose.

An equation that agrees with earlier ones is supported. One that contradicts them earns a hint only: that was right 4
times in 23 when measured, because names are reused and cases are distinguished.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from inference.types import VerdictKind
from inference.verifiers.claims.chains import Link
from inference.verifiers.claims.compare import agreement
from inference.verifiers.claims.evaluate import NoValue, Value, evaluate
from inference.verifiers.claims.extract import links
from inference.verifiers.claims.judge import Judgement, show
from inference.verifiers.claims.parser import Unreadable, parse
from inference.verifiers.claims.trees import Expr, names

MAX_EQUATIONS = 40
MAX_EARLIER_STEPS = 60


@dataclass(frozen=True, slots=True)
class Equation:
    """An equation with its variables, and its source for people."""

    left: Expr
    right: Expr
    names: frozenset[str]
    text: str


@dataclass(slots=True)
class Context:
    """Equations and values known before a step; a name that gets a second value is forgotten."""

    equations: list[Equation] = field(default_factory=list)
    values: dict[str, Value] = field(default_factory=dict)
    reused: set[str] = field(default_factory=set)

    def add(self, equation: Equation) -> None:
        if len(self.equations) >= MAX_EQUATIONS:
            return
        self.equations.append(equation)
        assigned = assignment(equation)
        if assigned is None:
            return
        name, value = assigned
        if name in self.reused or self.values.get(name, value) != value:
            self.values.pop(name, None)
            self.reused.add(name)
        else:
            self.values[name] = value


def context_of(texts: Iterable[str]) -> Context:
    """Return what these texts state, the problem first, then the steps in order."""
    context = Context()
    for text in texts:
        for equation in equations(text):
            context.add(equation)
    return context


@lru_cache(maxsize=4096)
def equations(text: str) -> tuple[Equation, ...]:
    """Return the equations between variables that a text states; cached, for steps share their prefixes."""
    found = (_equation(link, text) for link in links(text))
    return tuple(equation for equation in found if equation is not None)


def _equation(link: Link, text: str) -> Equation | None:
    if link.relation != "=" or link.open or link.modulus is not None:
        return None
    try:
        left, right = parse(link.left.tokens), parse(link.right.tokens)
    except (Unreadable, RecursionError):
        return None
    variables = names(left) | names(right)
    if not variables:
        return None
    start, end = link.left.start, link.right.end
    return Equation(left, right, variables, " ".join(text[start:end].split())[:80])


def assignment(equation: Equation) -> tuple[str, Value] | None:
    """Return (name, value) of an equation such as x = 7 or 7 = x."""
    for name, other in ((equation.left, equation.right), (equation.right, equation.left)):
        if name.op == "name" and not names(other):
            try:
                return name.text, evaluate(other)
            except NoValue:
                return None
    return None


def settle(judgement: Judgement, context: Context) -> Judgement:
    """Return the judgement of a symbolic equation in the light of the context; never a refutation."""
    if judgement.left is None or judgement.right is None:
        return judgement
    left, right = judgement.left, judgement.right
    equation = Equation(left, right, names(left) | names(right), "")
    assigned = assignment(equation)
    if assigned is not None:
        return _assigned(judgement, *assigned, context)
    if equation.names <= context.values.keys():
        known = ", ".join(f"{name} = {show(context.values[name])}" for name in sorted(equation.names))
        if _holds(equation, context.values):
            return Judgement(VerdictKind.SUPPORTED, f"holds with {known} from earlier", left, right)
        return _hint(judgement, f"does not hold with {known} from earlier")
    return judgement


def _assigned(judgement: Judgement, name: str, value: Value, context: Context) -> Judgement:
    values = {**context.values, name: value}
    missed = ""
    for equation in context.equations:
        if name not in equation.names or not equation.names <= values.keys() or assignment(equation) is not None:
            continue
        if _holds(equation, values):
            detail = f"{name} = {show(value)} satisfies {equation.text} from earlier"
            return Judgement(VerdictKind.SUPPORTED, detail, judgement.left, judgement.right)
        if equation.names == {name}:
            missed = equation.text
    if context.values.get(name) == value:
        detail = f"{name} = {show(value)} stands earlier"
        return Judgement(VerdictKind.SUPPORTED, detail, judgement.left, judgement.right)
    if missed:
        return _hint(judgement, f"{name} = {show(value)} does not satisfy {missed} from earlier")
    return judgement


def _hint(judgement: Judgement, detail: str) -> Judgement:
    return Judgement(VerdictKind.UNDECIDED, f"hint: {detail}", judgement.left, judgement.right)


def _holds(equation: Equation, values: dict[str, Value]) -> bool:
    try:
        x, y = evaluate(equation.left, values), evaluate(equation.right, values)
        return bool(agreement(x, y, equation.left, equation.right, approximate=False))
    except NoValue:
        return False
