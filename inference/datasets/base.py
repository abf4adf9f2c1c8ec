"""What a recipe is, and what it reads: one labelled tree at a time. Knows nothing about rows or files."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from inference.datasets.params import Options
from inference.types import Rating, Tree


@dataclass(frozen=True, slots=True)
class StoredPath:
    """A path that is an object of its own (a row of a corpus): `leaf` is the seq of its last step.

    `label` is the row's first wrong step from 0, -1 for none, None when the row carries no label.
    """

    leaf: int
    key: str
    source: str = ""
    answer: str = ""
    outcome: int | None = None
    label: int | None = None
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LabelledTree:
    """A tree with the rating that stands for each labelled step (by seq), and whose it is."""

    tree: Tree
    ratings: Mapping[int, Rating]
    categories: Mapping[int, str] = field(default_factory=dict)
    by_people: frozenset[int] = frozenset()
    paths: tuple[StoredPath, ...] = ()


@dataclass(frozen=True, slots=True)
class Dropped:
    """A path that became no row, and why; the manifest counts the reasons."""

    reason: str


Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Recipe:
    """A way to write labelled trees as training rows.

    `rows(tree, options)` yields rows and Dropped; `check(row)` returns what is wrong with a row, nothing if it is
    sound; `card(options)` describes the data set in Markdown. `reads` is "trees"; "documents" for the
    round-trip form, whose rows come from the database whole; "sessions" for people's work on items of the desk. `needs`
    names costly parts of a tree that it uses.
    """

    id: str
    version: str
    title: str
    description: str
    options: type[Options]
    rows: Callable[[LabelledTree, Any], Iterator[Row | Dropped]]
    check: Callable[[Row], list[str]]
    card: Callable[[Any], str]
    reads: str = "trees"
    needs: frozenset[str] = frozenset()


def wrong_types(row: Row, expected: Mapping[str, type | tuple[type, ...]]) -> list[str]:
    """Return a sentence for each field of the row that is absent or of another type."""
    found = [f"{name} is missing" for name in expected if name not in row]
    return found + [
        f"{name} is {type(row[name]).__name__}"
        for name, kind in expected.items()
        if name in row and not isinstance(row[name], kind)
    ]
