"""Lines of the round-trip form: each is checked whole, then staged as one JSON value for the database to take apart."""

from __future__ import annotations

from typing import Any

from annotations.imports.batches import Batches
from annotations.imports.identity import content_hash
from annotations.imports.merge.staging import json_text
from annotations.imports.records import BadRow, ProblemRow, Row
from annotations.imports.shapes import LISTS, PROBLEM, TREE, check
from inference.datasets import full

BARE = ("rationales", "checks", "scores", "labels")


class Documents:
    """Takes the lines of one file in their order; remembers the header and the keys of the trees."""

    def __init__(self, batches: Batches) -> None:
        self.batches = batches
        self.header: Row | None = None
        self.trees: set[tuple[str, str]] = set()

    def add(self, line: int, row: Row) -> None:
        """Check and stage one line; raises BadRow."""
        kind = row.get("type")
        if kind == "project":
            self.read_header(row)
        elif self.header is None:
            raise BadRow("type", "a line of type project before all others", kind)
        elif kind == "problem":
            self.batches.add_problem(line, problem_of(row))
        elif kind == "tree":
            self.add_tree(line, row)
        elif kind == "rationales":
            self.add_bare(line, row)
        else:
            raise BadRow("type", f"one of {', '.join(full.FIELDS)}", kind)

    def read_header(self, row: Row) -> None:
        if row.get("form") != full.FORM or row.get("version") != full.VERSION:
            raise BadRow("version", f"{full.FORM} {full.VERSION}", f"{row.get('form')} {row.get('version')}")
        if self.header is not None:
            raise BadRow("type", "one line of type project", "a second one")
        schemes = row.get("schemes")
        if not isinstance(schemes, list) or not all(is_scheme(scheme) for scheme in schemes):
            raise BadRow("schemes", "a list of {version, categories: [{key, name, definition, active}]}", schemes)
        self.header = row

    def add_tree(self, line: int, row: Row) -> None:
        tree = check(row, TREE)
        key = (tree["problem"], tree["key"])
        if key in self.trees:
            raise BadRow("key", "a tree that stands once in the file", tree["key"])
        tree |= check_lists(row, tuple(LISTS))
        check_nodes(tree["nodes"])
        check_targets(tree, {node["seq"] for node in tree["nodes"]})
        body = json_text(tree, "row") or ""
        self.trees.add(key)
        self.batches.add_document(line, "tree", *key, body)

    def add_bare(self, line: int, row: Row) -> None:
        """Stage rationales without a tree."""
        problem = check(row, {"problem": TREE["problem"]})["problem"]
        lists = check_lists(row, BARE)
        check_targets(lists, set())
        self.batches.add_document(line, "rationales", problem, "", json_text(lists, "row") or "")


def is_scheme(scheme: Any) -> bool:
    if not isinstance(scheme, dict) or not isinstance(scheme.get("version"), int):
        return False
    categories = scheme.get("categories")
    return isinstance(categories, list) and all(
        isinstance(part, dict) and all(isinstance(part.get(name), str) for name in ("key", "name", "definition"))
        for part in categories
    )


def problem_of(row: Row) -> ProblemRow:
    found = check(row, PROBLEM)
    if not found["text"].strip() or found.pop("hash") != content_hash(found["kind"], found["text"]):
        raise BadRow("hash", "the hash of kind and text", row["hash"])
    return ProblemRow(parent_hash=found.pop("parent"), **found)


def check_lists(row: Row, names: tuple[str, ...]) -> dict[str, Any]:
    found = {}
    for name in names:
        parts = row.get(name, [])
        if not isinstance(parts, list):
            raise BadRow(name, "a list", parts)
        found[name] = [check(part, LISTS[name], f"{name}[{number}].") for number, part in enumerate(parts)]
    return found


def check_nodes(nodes: list[Any]) -> None:
    """Refuse numbers that are there twice, and a parent that does not come before its child."""
    seen: set[int] = set()
    for number, node in enumerate(nodes):
        above = node["parent_seq"]
        if node["seq"] in seen:
            raise BadRow(f"nodes[{number}].seq", "a number that no other node of the tree has", node["seq"])
        if above is not None and (above >= node["seq"] or above not in seen):
            raise BadRow(f"nodes[{number}].parent_seq", "the seq of a node before this one, or null", above)
        seen.add(node["seq"])


def check_targets(row: Row, seqs: set[int]) -> None:
    """Refuse what speaks of a step or a rationale that the line does not hold."""
    keys = {f"{part['source']}/{part['key']}" for part in row["rationales"]}
    for name in ("checks", "scores", "labels"):
        for number, part in enumerate(row[name]):
            seq, key = part["seq"], part["rationale"]
            if (seq is None) == (key is None) or (seq is not None and seq not in seqs) or (key and key not in keys):
                raise BadRow(f"{name}[{number}].seq", "the seq of a node, or rationale: source/key of a rationale", seq)
    for number, part in enumerate(row["labels"]):
        if part["source"] in ("person", "decision") and not part["author"]:
            raise BadRow(f"labels[{number}].author", "the name of the person")
    for number, part in enumerate(row["rationales"]):
        if part["leaf"] is not None and part["leaf"] not in seqs:
            raise BadRow(f"rationales[{number}].leaf", "the seq of a node", part["leaf"])
    for number, part in enumerate(row.get("links", [])):
        if part["source"] not in seqs or (not part["target_problem"] and part["target"] not in seqs):
            raise BadRow(f"links[{number}].source", "the seqs of two nodes", part["source"])
