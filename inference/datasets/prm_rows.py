"""The paths of a labelled tree, and which of their steps a process reward model may learn from.

Knows nothing about tokens or files. Two paths that share steps share their labels, so a path that ends inside another
one is not given twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from inference.datasets.base import Dropped, LabelledTree
from inference.datasets.params import RatedOptions
from inference.types import Node, Rating, Rationale, Step, VerdictKind

UNLABELLED = "no labelled step at its start"
CONTAINED = "its labelled steps are part of another path"


@dataclass(frozen=True, slots=True)
class RatedPath:
    """The first steps of a path, all of them rated; `labels[i]` says whether step i counts as right."""

    rationale: Rationale
    labels: tuple[bool, ...]


def node_path(nodes: dict[int, Node], leaf: int) -> list[Node]:
    """Return the nodes from a first step down to `leaf` (a seq)."""
    found = []
    while leaf:
        found.append(nodes[leaf])
        leaf = nodes[leaf].parent
    return found[::-1]


def leaves(labelled: LabelledTree) -> list[int]:
    """Return the seqs of the nodes without children, in order."""
    parents = {node.parent for node in labelled.tree.nodes}
    return [node.seq for node in labelled.tree.nodes if node.seq not in parents]


def rationale_of(labelled: LabelledTree, path: list[Node], ratings: dict[int, Rating]) -> Rationale:
    """Return a path as a rationale whose steps carry rating, first verdict and first score."""
    last = path[-1]
    steps = tuple(
        Step(
            text=node.text,
            role=node.role,
            key=node.key or str(node.seq),
            rating=ratings.get(node.seq),
            category=labelled.categories.get(node.seq, ""),
            verdict=node.verdicts[0] if node.verdicts else None,
            score=node.scores[0].value if node.scores else None,
            value=node.value_sum / node.visits if node.visits else None,
        )
        for node in path
    )
    return Rationale(labelled.tree.problem, steps, last.answer, last.outcome, key=last.key or str(last.seq))


def ratings_of(labelled: LabelledTree, options: RatedOptions) -> dict[int, Rating]:
    """Return the rating of each step by seq: people and corpora first, then, if asked, what the search found."""
    found = dict(labelled.ratings)
    if options.machine == "veto":
        found = _veto(labelled, options.min_paths) | found
    return found


def _veto(labelled: LabelledTree, min_paths: int) -> dict[int, Rating]:
    """Label by tool and outcome: refuted is wrong; else one right path through a step makes it right."""
    nodes = {node.seq: node for node in labelled.tree.nodes}
    right, wrong = dict.fromkeys(nodes, 0), dict.fromkeys(nodes, 0)
    for node in labelled.tree.nodes:
        if node.terminal and node.outcome in (1, -1):
            counts = right if node.outcome == 1 else wrong
            for above in node_path(nodes, node.seq):
                counts[above.seq] += 1
    found = {}
    for seq, node in nodes.items():
        if any(verdict.kind == VerdictKind.REFUTED for verdict in node.verdicts):
            found[seq] = Rating.INCORRECT
        elif right[seq]:
            found[seq] = Rating.CORRECT
        elif wrong[seq] >= min_paths:
            found[seq] = Rating.INCORRECT
    return found


def counts_as_right(rating: Rating | None, neutral: str) -> bool | None:
    """Return True, False, or None for a step that must not be learnt from."""
    if rating == Rating.NEUTRAL:
        return {"positive": True, "negative": False}.get(neutral)
    return None if rating is None else rating == Rating.CORRECT


def rated_paths(
    labelled: LabelledTree, options: RatedOptions, *, stop_at_error: bool = False
) -> Iterator[RatedPath | Dropped]:
    """Yield each leaf path up to its first step without a label (with `stop_at_error`, to its first wrong step).

    With neutral=drop a neutral step ends the path like one without a label: leaving it out would show later steps
    without a step that they build on.
    """
    ratings = ratings_of(labelled, options)
    kept, dropped = _kept(labelled, lambda seq: counts_as_right(ratings.get(seq), options.neutral), stop_at_error)
    inside = {node.seq for path, _ in kept.values() for node in path[:-1]}
    for last, (path, labels) in kept.items():
        if last in inside:
            dropped.append(Dropped(CONTAINED))
        else:
            yield RatedPath(rationale_of(labelled, path, ratings), tuple(labels))
    yield from dropped


Kept = dict[int, tuple[list[Node], list[bool]]]


def _kept(
    labelled: LabelledTree, right: Callable[[int], bool | None], stop_at_error: bool
) -> tuple[Kept, list[Dropped]]:
    nodes = {node.seq: node for node in labelled.tree.nodes}
    kept: Kept = {}
    dropped: list[Dropped] = []
    for leaf in leaves(labelled):
        path = node_path(nodes, leaf)
        labels = _labels(path, right, stop_at_error)
        if not labels:
            dropped.append(Dropped(UNLABELLED))
        elif path[len(labels) - 1].seq in kept:
            dropped.append(Dropped(CONTAINED))
        else:
            kept[path[len(labels) - 1].seq] = (path[: len(labels)], labels)
    return kept, dropped


def _labels(path: list[Node], right: Callable[[int], bool | None], stop_at_error: bool) -> list[bool]:
    labels: list[bool] = []
    for node in path:
        label = right(node.seq)
        if label is None:
            break
        labels.append(label)
        if stop_at_error and not label:
            break
    return labels
