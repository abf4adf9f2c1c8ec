"""What is logged, and how it is written in a request (docs/logging.md)."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, NamedTuple


class Opening(NamedTuple):
    problem: str
    answer: str
    name: str
    scorer: str


class Node(NamedTuple):
    seq: int
    parent: int | None
    text: str
    score: float | None
    value: float | None
    visits: int
    answer: str
    correct: bool | None


class Update(NamedTuple):
    seq: int
    value: float
    visits: int


class Done(NamedTuple):
    pass


Entry = tuple[str, Opening | Node | Update | Done]


def body(entries: Iterable[Entry], openings: dict[str, Opening]) -> bytes:
    """Return a request's body: the entries by tree, each tree with its problem, so that a body stands alone.

    Openings met are added to `openings`, closed trees leave it. Later updates of a node replace earlier ones.
    """
    trees: dict[str, dict[str, Any]] = {}
    for key, entry in entries:
        if isinstance(entry, Opening):
            openings[key] = entry
        tree = trees.get(key)
        if tree is None:
            tree = trees[key] = {"key": key, **openings[key]._asdict(), "nodes": [], "updates": {}}
        if isinstance(entry, Node):
            tree["nodes"].append(_short(entry))
        elif isinstance(entry, Update):
            tree["updates"][entry.seq] = entry._asdict()
        elif isinstance(entry, Done):
            tree["done"] = True
            del openings[key]
    for tree in trees.values():
        tree["updates"] = list(tree["updates"].values())
    return json.dumps({"trees": list(trees.values())}).encode()


def _short(node: Node) -> dict[str, Any]:
    return {name: value for name, value in zip(node._fields, node, strict=True) if value is not None and value != ""}
