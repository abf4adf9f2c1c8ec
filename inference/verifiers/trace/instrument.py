"""Code rewritten so that it tells what it does: after each statement, the values of its names. Runs nothing itself.

The rewriting works on the syntax tree, because sandboxed interpreters have no tracing hook. The record is bounded in
rows and characters, each row holds only the values that changed, and a run of too many statements is stopped from
within, so that what it did until then is known.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from functools import lru_cache

from inference.sandbox.base import Program
from inference.verifiers.trace.source import OWN, Unfit, parsed

MAX_NOTES = 20_000
MAX_RECORD = 14_000
MAX_VALUE = 200
RESULT = f"{OWN}_result"
_PRELUDE = f"""
{OWN} = {{"rows": [], "size": 0, "notes": 0, "frames": 0, "full": False, "stopped": False}}
{OWN}["returned"] = None
{OWN}["raised"] = ""
{OWN}_seen = {{}}
def {OWN}_add(row, size):
    {OWN}["size"] += size + 30
    if {OWN}["size"] > {MAX_RECORD}:
        {OWN}["full"] = True
    else:
        {OWN}["rows"].append(row)
def {OWN}_changes(frame, names):
    seen = {OWN}_seen.setdefault(frame, {{}})
    changed = {{}}
    size = 0
    for name in names:
        if name[:{len(OWN)}] == "{OWN}" or name[:2] == "__":
            continue
        text = repr(names[name])
        if text[:1] == "<":
            continue
        if len(text) > {MAX_VALUE}:
            text = text[:{MAX_VALUE}] + "\\u2026"
        if seen.get(name) != text:
            seen[name] = text
            changed[name] = text
            size += len(name) + len(text) + 8
    return changed, size
def {OWN}_note(frame, line, event, names, extra=""):
    {OWN}["notes"] += 1
    if {OWN}["notes"] > {MAX_NOTES}:
        {OWN}["stopped"] = True
        raise RuntimeError("stopped after {MAX_NOTES} statements")
    if not {OWN}["full"]:
        changed, size = {OWN}_changes(frame, names)
        {OWN}_add([frame, line, event, changed, extra], size + len(extra))
def {OWN}_enter(line, name, names):
    {OWN}["frames"] += 1
    {OWN}_note({OWN}["frames"], line, "call", names, name)
    return {OWN}["frames"]
def {OWN}_shown(value):
    text = repr(value)
    return text if len(text) <= 2 * {MAX_VALUE} else text[:2 * {MAX_VALUE}] + "\\u2026"
{OWN}_frame = 0
"""
_ENDING = f"""
try:
    pass
except Exception as {OWN}_error:
    {OWN}["raised"] = type({OWN}_error).__name__ + ": " + str({OWN}_error)[:200]
{RESULT} = {OWN}
"""


@lru_cache(maxsize=256)
def instrumented(code: str, call: str) -> Program:
    """Return a program that runs `code`, then the expression `call` ("" for none), and keeps a record of both.

    Its result is {"rows": [[frame, line, event, {name: text}, extra], ...], "returned": text or None, "raised": text,
    "full": bool, "stopped": bool}. Raises Unfit for code that cannot be traced.
    """
    tree = parsed(code)
    try:
        body = _block(tree.body, nested=False)
        if call:
            body += ast.parse(f'{OWN}_value = {call}\n{OWN}["returned"] = {OWN}_shown({OWN}_value)').body
        ending = ast.parse(_ENDING)
        attempt = ending.body[0]
        if isinstance(attempt, ast.Try):
            attempt.body = body or attempt.body
        return Program(_PRELUDE + ast.unparse(ast.fix_missing_locations(ending)), RESULT)
    except (RecursionError, SyntaxError, ValueError) as error:
        raise Unfit("the code is nested too deeply") from error


def _note(line: int, event: str = "", extra: ast.expr | None = None) -> ast.stmt:
    call = ast.parse(f'{OWN}_note({OWN}_frame, {line}, "{event}", locals())').body[0]
    if extra is not None and isinstance(call, ast.Expr) and isinstance(call.value, ast.Call):
        call.value.args.append(extra)
    return call


def _block(body: Sequence[ast.stmt], *, nested: bool = True) -> list[ast.stmt]:
    return [made for statement in body for made in _statement(statement, nested)]


def _statement(node: ast.stmt, nested: bool) -> list[ast.stmt]:
    """Return what stands for one statement: itself with notes around it, and its blocks treated the same way."""
    line = node.lineno
    if isinstance(node, ast.FunctionDef):
        return [_function(node)]
    if isinstance(node, ast.ClassDef):
        node.body = [_function(each) if isinstance(each, ast.FunctionDef) else each for each in node.body]
        return [node]
    if isinstance(node, ast.Return):
        return _return(node)
    if isinstance(node, ast.For | ast.While):
        node.body = [_note(line, "pass"), *_block(node.body)]
        node.orelse = _block(node.orelse)
        return [_note(line, "start"), node, _note(line, "end")]
    if isinstance(node, ast.If):
        node.body = [_note(line, "true"), *_block(node.body)]
        node.orelse = [_note(line, "false"), *_block(node.orelse)]
        return [node]
    if isinstance(node, ast.Break | ast.Continue):
        return [_note(line, "break" if isinstance(node, ast.Break) else ""), node]
    if isinstance(node, ast.Raise):
        return [_note(line), node]
    if isinstance(node, ast.Global | ast.Nonlocal | ast.Import | ast.ImportFrom):
        return [node]
    return [_with_blocks(node), _note(line)]


def _with_blocks(node: ast.stmt) -> ast.stmt:
    """Return a try, with or match statement with its blocks treated; any other as it is."""
    for name in ("body", "orelse", "finalbody"):
        if isinstance(node, ast.Try | ast.With) and getattr(node, name, None):
            setattr(node, name, _block(getattr(node, name)))
    for handler in getattr(node, "handlers", ()):
        handler.body = [_note(handler.lineno), *_block(handler.body)]
    for case in getattr(node, "cases", ()):
        case.body = _block(case.body)
    return node


def _function(node: ast.FunctionDef) -> ast.FunctionDef:
    enter = ast.parse(f"{OWN}_frame = {OWN}_enter({node.lineno}, {node.name!r}, locals())").body
    last = node.body[-1].end_lineno or node.lineno
    left = [] if isinstance(node.body[-1], ast.Return) else [_note(last, "return", ast.Constant("None"))]
    node.body = [*enter, *_block(node.body), *left]
    return node


def _return(node: ast.Return) -> list[ast.stmt]:
    made = ast.parse(f"def f():\n    {OWN}_value = None\n    return {OWN}_value").body[0]
    if not isinstance(made, ast.FunctionDef) or not isinstance(made.body[0], ast.Assign):
        return [node]
    keep, give = made.body
    if isinstance(keep, ast.Assign) and node.value is not None:
        keep.value = node.value
    shown = ast.parse(f"{OWN}_shown({OWN}_value)", mode="eval").body
    return [keep, _note(node.lineno, "return", shown), give]
