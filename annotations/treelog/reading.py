"""Reading a logged body: what does not fit is refused by its place, what fits goes on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from math import isfinite
from typing import Any, TypeVar

from annotations.errors import BadInput

MOST_TREES, MOST_NODES = 1000, 5000
TEXT_LIMIT, NAME_LIMIT, KEY_LIMIT, SCORER_LIMIT = 100_000, 200, 100, 60
MOST = 2**31 - 1
Read = TypeVar("Read")


@dataclass(frozen=True, slots=True)
class Refusal:
    """What was refused: its place in the body, and what was expected."""

    where: str
    error: str


@dataclass(frozen=True, slots=True)
class LoggedNode:
    """A step; `seq` from 1, `parent` None for a first step, `score` in [0, 1], `outcome` 1, -1 or None."""

    where: str
    seq: int
    parent: int | None
    text: str
    score: float | None
    value: float | None
    visits: int
    answer: str
    outcome: int | None

    @property
    def terminal(self) -> bool:
        return bool(self.answer) or self.outcome is not None


@dataclass(frozen=True, slots=True)
class LoggedUpdate:
    seq: int
    value: float
    visits: int


@dataclass(slots=True)
class LoggedTree:
    """What was logged of one tree; `key` is its own, made by who logs."""

    key: str
    problem: str
    answer: str
    name: str
    scorer: str
    nodes: list[LoggedNode] = field(default_factory=list)
    updates: list[LoggedUpdate] = field(default_factory=list)
    done: bool = False


class _Misfit(Exception):
    """Something of a body does not fit."""


def read_log(body: Any) -> tuple[list[LoggedTree], list[Refusal]]:
    """Return what fits of a body and what was refused; BadInput for a body that is no log at all."""
    given = body.get("trees") if isinstance(body, Mapping) else None
    if not isinstance(given, list) or len(given) > MOST_TREES:
        raise BadInput(f"Expected an object with “trees”, a list of at most {MOST_TREES}.", "trees")
    if sum(len(tree.get("nodes") or ()) for tree in given if isinstance(tree, Mapping)) > MOST_NODES:
        raise BadInput(f"Expected at most {MOST_NODES} nodes in one body.", "trees")
    trees: dict[str, LoggedTree] = {}
    refused: list[Refusal] = []
    for at, one in enumerate(given):
        where = f"trees[{at}]"
        try:
            tree = _tree(one)
        except _Misfit as misfit:
            refused.append(Refusal(where, str(misfit)))
            continue
        tree = trees.setdefault(tree.key, tree)
        tree.done = tree.done or one.get("done") is True
        tree.nodes += _each(one, "nodes", where, refused, partial(_node, refused=refused))
        tree.updates += _each(one, "updates", where, refused, _update)
    return list(trees.values()), refused


def _each(
    tree: Mapping[str, Any],
    name: str,
    where: str,
    refused: list[Refusal],
    read: Callable[[Mapping[str, Any], str], Read],
) -> list[Read]:
    rows = tree.get(name, [])
    if not isinstance(rows, list):
        refused.append(Refusal(f"{where}.{name}", "expected a list"))
        return []
    found: list[Read] = []
    for at, raw in enumerate(rows):
        place = f"{where}.{name}[{at}]"
        try:
            if not isinstance(raw, Mapping):
                raise _Misfit("expected an object")
            found.append(read(raw, place))
        except _Misfit as misfit:
            refused.append(Refusal(place, str(misfit)))
    return found


def _tree(raw: Any) -> LoggedTree:
    if not isinstance(raw, Mapping):
        raise _Misfit("expected an object")
    return LoggedTree(
        key=_text(raw, "key", KEY_LIMIT, needed=True),
        problem=_text(raw, "problem", TEXT_LIMIT, needed=True),
        answer=_text(raw, "answer", TEXT_LIMIT),
        name=_text(raw, "name", NAME_LIMIT),
        scorer=_text(raw, "scorer", SCORER_LIMIT) or "logged",
    )


def _node(raw: Mapping[str, Any], where: str, refused: list[Refusal]) -> LoggedNode:
    """Read a node; a score or value that does not fit is refused by itself, so that the step is not lost with it."""
    correct = raw.get("correct")
    if correct is not None and not isinstance(correct, bool):
        raise _Misfit("correct: expected true, false or null")
    numbers: dict[str, float | None] = {}
    for name, least, most in (("score", 0.0, 1.0), ("value", -1e300, 1e300)):
        try:
            numbers[name] = _number(raw, name, least, most)
        except _Misfit as misfit:
            numbers[name] = None
            refused.append(Refusal(where, str(misfit)))
    seq, parent = _whole(raw, "seq", 1), raw.get("parent")
    if parent is not None:
        parent = _whole(raw, "parent", 1)
        if parent >= seq:
            raise _Misfit(f"parent: expected a number below seq, which is {seq}")
    return LoggedNode(
        where=where,
        seq=seq,
        parent=parent,
        text=_text(raw, "text", TEXT_LIMIT, needed=True),
        score=numbers["score"],
        value=numbers["value"],
        visits=_whole(raw, "visits", 0, 1),
        answer=_text(raw, "answer", TEXT_LIMIT),
        outcome=None if correct is None else (1 if correct else -1),
    )


def _update(raw: Mapping[str, Any], where: str) -> LoggedUpdate:
    value = _number(raw, "value", -1e300, 1e300)
    if value is None:
        raise _Misfit("value: expected a number")
    return LoggedUpdate(_whole(raw, "seq", 1), value, _whole(raw, "visits", 0))


def _text(raw: Mapping[str, Any], name: str, limit: int, *, needed: bool = False) -> str:
    text = raw.get(name, "")
    if not isinstance(text, str) or (needed and not text.strip()):
        raise _Misfit(f"{name}: expected a text{' that is not empty' * needed}")
    if len(text) > limit:
        raise _Misfit(f"{name}: expected at most {limit} characters, not {len(text)}")
    # PostgreSQL holds no NUL characters and no halves of surrogate pairs; a model may draw both.
    return text.replace("\x00", "").encode("utf-8", "replace").decode()


def _whole(raw: Mapping[str, Any], name: str, least: int, default: int | None = None) -> int:
    value = raw.get(name, default)
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= MOST:
        raise _Misfit(f"{name}: expected a whole number from {least}")
    return value


def _number(raw: Mapping[str, Any], name: str, least: float, most: float) -> float | None:
    value = raw.get(name)
    if value is None:
        return None
    if (
        not isinstance(value, int | float)
        or isinstance(value, bool)
        or not isfinite(value)
        or not least <= value <= most
    ):
        span = f" from {least:g} to {most:g}" if most < 1e300 else ""
        raise _Misfit(f"{name}: expected a finite number{span}")
    return float(value)
