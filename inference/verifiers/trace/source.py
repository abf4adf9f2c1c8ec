"""What can be said of code without running it: its functions, names, loops and lines. Knows nothing about steps."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from inference.verifiers.trace.values import expression, quietly, shallow

MAX_CHARS = 8000
MAX_LINES = 200
MAX_DEPTH = 40
OWN = "_studio"


class Unfit(ValueError):
    """Code that cannot be traced; the message says why, for people."""


@dataclass(frozen=True, slots=True)
class Loop:
    """A loop: its first line, "for" or "while", and how many loops of its function stand around it."""

    line: int
    word: str
    depth: int


@dataclass(frozen=True, slots=True)
class Source:
    """Code with what is known of it. Lines count from 1; `starts` leads from any line of a statement to its first.

    `loops` stand from the top; `functions` are the names that it defines at its outer level.
    """

    text: str
    lines: tuple[str, ...]
    functions: tuple[str, ...]
    names: frozenset[str]
    loops: tuple[Loop, ...]
    starts: Mapping[int, int]


@lru_cache(maxsize=64)
def source(text: str) -> Source:
    """Return what is known of a text of code; Unfit when it is too long, no Python, or uses what cannot be traced."""
    tree = parsed(text)
    names: set[str] = set()
    starts: dict[int, int] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, ast.arg):
            names.add(node.arg)
        if isinstance(node, ast.stmt):
            for line in _own_lines(node):
                starts[line] = max(node.lineno, starts.get(line, 0))
    functions = tuple(each.name for each in tree.body if isinstance(each, ast.FunctionDef))
    lines = tuple(text.replace("\r\n", "\n").rstrip().split("\n"))
    return Source(text, lines, functions, frozenset(names), tuple(_loops(tree, 0)), starts)


def parsed(text: str) -> ast.Module:
    """Return the tree of a text of code; Unfit when that cannot be had or holds what no run could be told apart in."""
    if len(text) > MAX_CHARS or text.count("\n") > MAX_LINES:
        raise Unfit(f"the code is longer than {MAX_CHARS:,} characters or {MAX_LINES} lines")
    if not shallow(text, MAX_DEPTH):
        raise Unfit("the code is nested too deeply")
    try:
        tree = quietly(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise Unfit(f"the code is no Python that can be read ({type(error).__name__})") from error
    if not isinstance(tree, ast.Module):
        raise Unfit("the code is no module")
    for node in ast.walk(tree):
        if isinstance(node, ast.AsyncFunctionDef | ast.Await | ast.Yield | ast.YieldFrom):
            raise Unfit("the code uses generators or coroutines, which are not traced")
        if isinstance(node, ast.Name) and (node.id.startswith(OWN) or node.id == "locals"):
            raise Unfit(f"the code uses the name {node.id[:40]}, which tracing needs itself")
    return tree


def _loops(node: ast.AST, depth: int) -> Iterator[Loop]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.For | ast.While):
            yield Loop(child.lineno, "for" if isinstance(child, ast.For) else "while", depth)
            yield from _loops(child, depth + 1)
        elif isinstance(child, ast.stmt | ast.excepthandler | ast.match_case):
            yield from _loops(child, 0 if isinstance(child, ast.FunctionDef) else depth)


def _own_lines(node: ast.stmt) -> range:
    """Return the lines of a statement that are not those of statements inside it."""
    end = node.end_lineno or node.lineno
    inner = [each.lineno for name in ("body", "cases") for each in getattr(node, name, ()) if hasattr(each, "lineno")]
    return range(node.lineno, max(node.lineno, min([end, *[line - 1 for line in inner]])) + 1)


def call_of(text: str, functions: tuple[str, ...]) -> str | None:
    """Return a call of one of the functions with plain values, spelt the one way, or None when the text is none."""
    if len(text) > MAX_CHARS or not shallow(text, MAX_DEPTH):
        return None
    try:
        node = expression(text)
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or node.func.id not in functions:
            return None
        for value in (*node.args, *[each.value for each in node.keywords]):
            ast.literal_eval(value)
        return ast.unparse(node)
    except (SyntaxError, ValueError, TypeError, RecursionError, MemoryError):
        return None
