"""A project with queues to label: worked solutions of ten steps, one of them wrong, and a tree of ways to go on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from annotations.models import LabelItem, LabelQueue, Node, Tree
from tests.factories import Cast, label_queue, problem, tree

Steps = tuple[tuple[int, str], ...]


def chain(*texts: str) -> Steps:
    """Return a path of steps, each after the one before."""
    return tuple(enumerate(texts))


CRATES = chain(
    "The shop gets 12 crates with 35 apples each, so it has $12 \\cdot 35 = 420$ apples.",
    "On Monday it sells a third of them: $\\frac{420}{3} = 140$ apples.",
    "After Monday $420 - 140 = 280$ apples are left.",
    "On Tuesday it sells 65 apples in the morning and 55 in the afternoon, $65 + 55 = 120$ in all.",
    "After Tuesday $280 - 120 = 160$ apples are left.",
    "Of these, one in eight is bad: $\\frac{160}{8} = 20$ apples.",
    "So $160 - 20 = 140$ good apples are left.",
    "They are packed in bags of 7: $140 / 7 = 20$ bags.",
    "Each bag costs 3 dollars, so the bags bring in $20 \\cdot 3 = 60$ dollars.",
    "Answer: 60",
)
ASKED = (
    "A shop gets 12 crates with 35 apples each. On Monday it sells a third of the apples, on Tuesday 65 in the morning"
    " and 55 in the afternoon. One in eight of those that are left is bad; the others are packed in bags of 7 that cost"
    " 3 dollars each. How many dollars do the bags bring in? (Item {number})"
)


def crates(team: Cast, number: int = 1) -> Tree:
    """Make a right solution of ten steps."""
    return tree(team.project, problem(team.project, ASKED.format(number=number), "60"), CRATES)


def queue_of(team: Cast, trees: Sequence[Tree], mode: str = "solution", **fields: Any) -> LabelQueue:
    """Make a queue with an item for each tree: the path to its first leaf, or in tree mode the whole."""
    made = label_queue(team.project, mode=mode, **fields)
    for number, grown in enumerate(trees, 1):
        leaf = None if mode == "tree" else first_leaf(grown)
        LabelItem.objects.create(project=team.project, queue=made, tree=grown, leaf=leaf, number=number)
    return made


def first_leaf(grown: Tree) -> Node:
    """Return the end of the way that goes on with the first child of each step."""
    below: dict[int, list[Node]] = {}
    for node in grown.nodes.order_by("seq"):
        below.setdefault(node.parent_seq or 0, []).append(node)
    at = below[0][0]
    while at.seq in below:
        at = below[at.seq][0]
    return at
