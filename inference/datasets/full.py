"""Full JSONL, the studio's round-trip form: a header, then problems and trees as lines of their own (docs/formats)."""

from __future__ import annotations

from collections.abc import Iterator

from inference.datasets.base import Dropped, LabelledTree, Recipe, Row, wrong_types
from inference.datasets.params import FullOptions

FORM = "rationale-studio"
VERSION = 1
FIELDS: dict[str, dict[str, type | tuple[type, ...]]] = {
    "project": {"form": str, "version": int, "origin": str, "schemes": list, "guidelines": str},
    "problem": {"hash": str, "kind": str, "text": str, "answer": str},
    "tree": {"problem": str, "key": str, "source": str, "nodes": list, "labels": list},
    "rationales": {"problem": str, "rationales": list},
}


def rows(labelled: LabelledTree, options: FullOptions) -> Iterator[Row | Dropped]:
    """Yield nothing: the lines hold more than a labelled tree does and come from the database whole."""
    return iter(())


def check(row: Row) -> list[str]:
    """Return what is wrong with a line: its `type` is unknown, or a field is absent or of another type."""
    kind = row.get("type")
    if not isinstance(kind, str) or kind not in FIELDS:
        return [f"type is {kind!r}; expected one of {', '.join(FIELDS)}"]
    return wrong_types(row, FIELDS[kind])


def card(options: FullOptions) -> str:
    return (
        "Everything the project holds of its problems: trees, statistics, verdicts with evidence, scores, every label "
        "event, rationales, links, label schemes and guidelines. Importing it into an empty project restores them."
    )


RECIPE = Recipe(
    id="full",
    version=str(VERSION),
    title="Full JSONL (round trip)",
    description="Everything, to be imported again.",
    options=FullOptions,
    rows=rows,
    check=check,
    card=card,
    reads="documents",
)
