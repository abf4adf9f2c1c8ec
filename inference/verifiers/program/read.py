"""A draft, what a model wrote, to a program: assignments over a small grammar, the last one of `result`. Runs nothing.

let may = 48 / 2  # clips sold in May
result = may  # clips

Lines that begin with # are remarks; "let" may be missing. What the grammar does not know is refused with the reason,
and so is a number from nowhere: each must be known from the problem or the earlier steps, or be one that everybody
knows (60 minutes, 100 %, half), so that a model that makes a quantity up refutes nobody.
"""

from __future__ import annotations

import ast
import keyword
import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from inference.verifiers.claims.judge import show
from inference.verifiers.claims.words import words

MAX_CHARS, MAX_LINES, MAX_LINE, MAX_INLINED = 3000, 24, 200, 9
LARGEST = 10**15
RESULT = "result"
FUNCTIONS = ("abs", "ceil", "floor", "max", "min", "round", "sqrt", "sum")
_MATHS = ("ceil", "floor", "sqrt")

_LINE = re.compile(r"(?:let\s++)?([A-Za-z_][A-Za-z0-9_]{0,39})\s?=(?!=)\s?([^#]++)(?:#(.*+))?")
_FENCE = re.compile(r"```|[Pp]rogram:\s*+\Z")
_COMMON = frozenset(
    Fraction(text)
    for text in words(
        "0 1 2 3 4 5 6 7 8 9 10 12 14 16 24 25 28 30 31 36 50 52 60 90 100 144 180 360 365 366 1000 1440 1760 3600 "
        "5280 1000000 1/2 1/4 3/4 1/5 1/10 1/20 1/100 1/1000 3/2"
    )
)
_NODES = (
    ast.Expression, ast.BinOp, ast.UnaryOp, ast.Constant, ast.Name, ast.Load, ast.Call, ast.List, ast.Tuple,
    ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow, ast.USub, ast.UAdd,
)  # fmt: skip


class Unread(ValueError):
    """The draft is no program of the grammar; the message says why."""


@dataclass(frozen=True, slots=True)
class Written:
    """A program: its Python, what the last line's remark says of the unit, and its result in one line (or "")."""

    code: str
    remark: str
    inlined: str


@dataclass(frozen=True, slots=True)
class _Line:
    name: str
    tree: ast.expr
    source: str
    remark: str


def read(text: str, given: frozenset[Fraction]) -> Written:
    """Return the program of a draft; Unread says what is wrong. `given`: values of the problem and earlier steps."""
    lines: list[_Line] = []
    for source in _lines(text):
        line = _line(source, {each.name for each in lines})
        lines.append(line)
        if line.name == RESULT:
            break
    if not lines or lines[-1].name != RESULT:
        raise Unread("no line says what the result is")
    _grounded(lines, given)
    return Written(_code(lines), lines[-1].remark, _inlined(lines))


def _lines(text: str) -> Sequence[str]:
    found = [line.strip() for line in text[:MAX_CHARS].splitlines()]
    kept = [line for line in found if line and not line.startswith("#") and not _FENCE.match(line)]
    if not kept:
        raise Unread("it is empty")
    return kept[:MAX_LINES]


def _line(source: str, named: set[str]) -> _Line:
    match = _LINE.fullmatch(source) if len(source) <= MAX_LINE else None
    if match is None:
        raise Unread(f"a line is no assignment: {_short(source)}")
    name, expression, remark = match[1], match[2].strip(), " ".join((match[3] or "").split())
    if keyword.iskeyword(name) or name in FUNCTIONS or name.startswith("_"):
        raise Unread(f"{name} cannot be a name")
    try:
        tree = ast.parse(expression, mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        raise Unread(f"not an expression: {_short(expression)}") from None
    _check(tree, named, top=name == RESULT)
    return _Line(name, tree, expression, "".join(each for each in remark if each.isprintable()))


def _check(tree: ast.expr, named: set[str], *, top: bool) -> None:
    """Refuse what is not arithmetic over the names so far; lists only as a result or inside sum, min and max."""
    lists = {id(tree)} if top else set()
    called: set[int] = set()
    for node in ast.walk(tree):
        if not isinstance(node, _NODES):
            raise Unread(f"{type(node).__name__.lower()} is not allowed")
        if isinstance(node, ast.Call):
            if not isinstance(node.func, ast.Name) or node.func.id not in FUNCTIONS or node.keywords:
                raise Unread(f"only {', '.join(FUNCTIONS)} can be called")
            called.add(id(node.func))
            lists |= {id(each) for each in node.args}
        if isinstance(node, ast.List | ast.Tuple) and id(node) not in lists:
            raise Unread("a list stands where a number should")
        if isinstance(node, ast.Name) and id(node) not in called and node.id not in named:
            raise Unread(f"{node.id} is not known at that line")
        if isinstance(node, ast.Constant):
            _number(node)


def _grounded(lines: Sequence[_Line], given: frozenset[Fraction]) -> None:
    """Refuse numbers from nowhere, programs without a number of the problem, and bare constants as results."""
    nodes = [node for line in lines for node in ast.walk(line.tree)]
    constants = {_number(node) for node in nodes if isinstance(node, ast.Constant)}
    taken = {value for value in constants if _taken(value, given)}
    for value in sorted(constants - taken - _COMMON):
        raise Unread(f"{show(value)} stands neither in the problem nor in an earlier step")
    if not taken:
        raise Unread("it uses no number of the problem")


def _number(node: ast.Constant) -> Fraction:
    if type(node.value) not in (int, float) or not 0 <= float(str(node.value)) <= LARGEST:
        raise Unread("a constant is no number of ordinary size")
    return Fraction(str(node.value))


def _taken(value: Fraction, given: frozenset[Fraction]) -> bool:
    """Whether a value is given, or the share that a given percentage is, takes off or adds."""
    shares = (value * 100, (value - 1) * 100, (1 - value) * 100) if value.denominator > 1 else ()
    return value in given or any(each in given for each in shares)


def _code(lines: Sequence[_Line]) -> str:
    used = {node.id for line in lines for node in ast.walk(line.tree) if isinstance(node, ast.Name)}
    head = [f"from math import {', '.join(sorted(used & set(_MATHS)))}"] if used & set(_MATHS) else []
    body = [f"{line.name} = {line.source}{f'  # {line.remark}' if line.remark else ''}" for line in lines]
    return "\n".join([*head, *body])


class _Inlining(ast.NodeTransformer):
    def __init__(self, known: dict[str, ast.expr]) -> None:
        self.known = known

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self.known.get(node.id, node)


def _inlined(lines: Sequence[_Line]) -> str:
    """Return the result as one expression of at most MAX_INLINED operands, "" when it is longer or several."""
    known: dict[str, ast.expr] = {}
    sizes: dict[str, int] = {}
    for line in lines:
        names = [node.id for node in ast.walk(line.tree) if isinstance(node, ast.Name)]
        size = sum(sizes.get(name, 0) for name in names) + sum(
            isinstance(node, ast.Constant) for node in ast.walk(line.tree)
        )
        if size > MAX_INLINED or isinstance(line.tree, ast.List | ast.Tuple):
            return ""
        tree = _Inlining(known).visit(ast.parse(line.source, mode="eval")).body
        known[line.name], sizes[line.name] = tree, size
    return ast.unparse(known[RESULT]) if isinstance(known[RESULT], ast.BinOp) else ""


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 60 else text[:59] + "…"
