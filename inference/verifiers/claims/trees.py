"""The expression tree and questions to it. Knows nothing about text or values."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Expr:
    """A node: `op` names it, `text` is the literal or the variable's name ("" for operations)."""

    op: str
    args: tuple[Expr, ...] = ()
    text: str = ""


def names(tree: Expr) -> frozenset[str]:
    """Return the variables of a tree."""
    found: set[str] = set()
    stack = [tree]
    while stack:
        node = stack.pop()
        if node.op == "name":
            found.add(node.text)
        stack += node.args
    return frozenset(found)


def literal(tree: Expr) -> Expr | None:
    """Return the number of a bare literal such as -3.5%, or None for anything that computes."""
    while tree.op in ("neg", "percent", "degrees"):
        tree = tree.args[0]
    return tree if tree.op == "num" else None


def holds(tree: Expr, ops: frozenset[str]) -> bool:
    """Whether any node of the tree is one of these operations."""
    return tree.op in ops or any(holds(arg, ops) for arg in tree.args)
