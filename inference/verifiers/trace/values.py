"""Python values as text: read without being run, compared, shown. Knows nothing about code or steps.

A value is a number, text, True, False, None, or a list, tuple, set or dict of values; sums and products of numbers
count as numbers ("1 + 2"). Text is bounded before it is read.
"""

from __future__ import annotations

import ast
import math
import operator
import warnings
from collections.abc import Callable
from typing import Any

MAX_CHARS = 1000
MAX_DEPTH = 12
MAX_SIGNS = 60
LARGEST = 10**30
_OPERATIONS: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}
# How the collections that a program may hold write themselves.
_HOLDERS = {"set", "frozenset", "list", "tuple", "dict", "deque", "Counter", "OrderedDict", "defaultdict"}


class Unreadable(ValueError):
    """A text that is no value."""


def read(text: str) -> Any:
    """Return the value that a text of at most MAX_CHARS characters writes; Unreadable when it writes none."""
    if len(text) > MAX_CHARS or not shallow(text):
        raise Unreadable("too long or too deep")
    try:
        return _value(expression(text))
    except (SyntaxError, ValueError, TypeError, ArithmeticError, RecursionError, MemoryError) as error:
        raise Unreadable(str(error)) from error


def expression(text: str) -> ast.expr:
    """Return the tree of an expression; SyntaxError and its like when it is none."""
    tree = quietly(text.strip(), "eval")
    if not isinstance(tree, ast.Expression):
        raise Unreadable("no expression")
    return tree.body


def quietly(text: str, mode: str = "exec") -> ast.AST:
    """Return the tree of Python text; what Python thinks of its style ("invalid decimal literal") is nobody's here."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(text, mode=mode)


def shallow(text: str, depth: int = MAX_DEPTH) -> bool:
    """Return whether brackets nest at most `depth` deep and signs do not run on, so that a parser keeps its stack."""
    deep = run = 0
    for sign in text:
        deep += (sign in "([{") - (sign in ")]}")
        run = run + 1 if sign in "+-~*/%|&^ \t" else 0
        if deep > depth or run > MAX_SIGNS:
            return False
    return True


def _value(node: ast.expr) -> Any:
    if isinstance(node, ast.Constant):
        return _constant(node.value)
    if isinstance(node, ast.List | ast.Tuple):
        return [_value(each) for each in node.elts]
    if isinstance(node, ast.Set):
        return {_frozen(_value(each)) for each in node.elts}
    if isinstance(node, ast.Dict):
        if None in node.keys:
            raise Unreadable("an unpacked dict")
        return {_frozen(_value(key)): _value(each) for key, each in zip(node.keys, node.values, strict=True) if key}
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
        number = _number(_value(node.operand))
        return -number if isinstance(node.op, ast.USub) else number
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATIONS:
        return _number(_OPERATIONS[type(node.op)](_number(_value(node.left)), _number(_value(node.right))))
    if isinstance(node, ast.Call):
        return _held(node)
    raise Unreadable("no value")


def _constant(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise Unreadable("bytes, a complex number or an ellipsis")


def _number(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > LARGEST:
        raise Unreadable("no number")
    return value


def _frozen(value: Any) -> Any:
    return tuple(map(_frozen, value)) if isinstance(value, list) else value


def _held(node: ast.Call) -> Any:
    """Return what Counter({...}), deque([...]), set() and their like hold."""
    name = node.func.id if isinstance(node.func, ast.Name) else ""
    if name not in _HOLDERS:
        raise Unreadable("a call")
    if not node.args:
        return set() if "set" in name else {} if name in ("dict", "Counter", "OrderedDict", "defaultdict") else []
    inner = _value(node.args[-1])
    return set(map(_frozen, inner)) if "set" in name else inner


def same(claimed: Any, found: Any) -> bool:
    """Return whether two values are equal: numbers within 1e-9, lists like tuples, 3 like "3" and like 3.0."""
    if isinstance(claimed, int | float) and isinstance(found, int | float):
        return _near(claimed, found)
    if isinstance(claimed, str) != isinstance(found, str):
        written, other = (claimed, found) if isinstance(claimed, str) else (found, claimed)
        return bool(isinstance(other, int | float) and not isinstance(other, bool) and written.strip() == repr(other))
    if isinstance(claimed, list | tuple) and isinstance(found, list | tuple):
        return len(claimed) == len(found) and all(map(same, claimed, found))
    if isinstance(claimed, dict) and isinstance(found, dict):
        return claimed.keys() == found.keys() and all(same(claimed[key], found[key]) for key in claimed)
    return bool(claimed == found)


def _near(claimed: float, found: float) -> bool:
    try:
        return claimed == found or math.isclose(claimed, found, rel_tol=1e-9, abs_tol=1e-9)
    except OverflowError:
        return False


def rounds_to(written: str, found: Any) -> bool:
    """Return whether a number written with some decimals ("3.33") is `found`, rounded or cut to them."""
    _, point, decimals = written.strip().partition(".")
    if not point or not decimals.isdecimal() or isinstance(found, bool) or not isinstance(found, int | float):
        return False
    try:
        claimed = read(written)
        return bool(abs(claimed - found) < 10.0 ** -min(len(decimals), 15))
    except (Unreadable, OverflowError, TypeError):
        return False


def cut(text: str, chars: int) -> str:
    """Return a text of at most `chars` characters, "…" where more stood."""
    return text if len(text) <= chars else text[: chars - 1] + "…"
