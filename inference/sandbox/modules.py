"""Which modules a program imports, read from its text without running it."""

from __future__ import annotations

import ast

MAX_CHARS = 20_000
MAX_MODULES = 20
MONTY_MODULES = frozenset({
    "asyncio", "base64", "binascii", "bisect", "collections", "copy", "dataclasses", "datetime", "decimal", "functools",
    "hashlib", "itertools", "json", "math", "os", "pathlib", "posixpath", "random", "re", "sys", "time", "typing",
    "unicodedata",
})  # fmt: skip
"""What pydantic-monty 1.4 brings; the rest of Python's library it has not."""


def modules_of(code: str) -> tuple[str, ...]:
    """Return the top-level modules that a program imports, sorted; () for code that cannot be read. Never raises."""
    if "import" not in code or len(code) > MAX_CHARS:
        return ()
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ()
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names.update(each.name.partition(".")[0] for each in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.partition(".")[0])
    return tuple(sorted(names)[:MAX_MODULES])
