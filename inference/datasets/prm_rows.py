"""The paths of a labelled tree, and which of their steps a process reward model may learn from.

Knows nothing about tokens or files. Two paths that share steps share their labels, so a path that ends inside another
one is not given twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import takewhile

from inference.datasets.base import Dropped, LabelledTree
from inference.datasets.params import RatedOptions
from inference.types import Node, Rating, Rationale, Step, VerdictKind

UNLABELLED = "no labelled step to learn from"
CONTAINED = "its labelled steps are part of another path"


Labels = list[bool | None]


@dataclass(frozen=True, slots=True)
class RatedPath:
    """The first steps of a path; `labels[i]` says whether step i counts as right, None that it has no label.

    The last label is never None; without gaps none is.
    """

    rationale: Rationale
    labels: tuple[bool | None, ...]


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
    labelled: LabelledTree, options: RatedOptions, *, stop_at_error: bool = False, gaps: bool = False
) -> Iterator[RatedPath | Dropped]:
    """Yield each leaf path up to its first step without a label; with `gaps`, up to its last step with one.

    With `stop_at_error` a path ends with its first wrong step. With neutral=drop a neutral step is like one without a
    label: leaving it out altogether would show later steps without a step that they build on.
    """
    ratings = ratings_of(labelled, options)

    def labels_of(path: list[Node]) -> Labels:
        found: Labels = [counts_as_right(ratings.get(node.seq), options.neutral) for node in path]
        if stop_at_error and False in found:
            found = found[: found.index(False) + 1]
        return _up_to_last(found) if gaps else list(takewhile(lambda label: label is not None, found))

    kept, dropped = _kept(labelled, labels_of)
    inside = {node.seq for path, _ in kept.values() for node in path[:-1]}
    for last, (path, labels) in kept.items():
        if last in inside:
            dropped.append(Dropped(CONTAINED))
        else:
            yield RatedPath(rationale_of(labelled, path, ratings), tuple(labels))
    yield from dropped


def _up_to_last(labels: Labels) -> Labels:
    while labels and labels[-1] is None:
        labels = labels[:-1]
    return labels


def _kept(
    labelled: LabelledTree, labels_of: Callable[[list[Node]], Labels]
) -> tuple[dict[int, tuple[list[Node], Labels]], list[Dropped]]:
    """Return the labelled beginnings of leaf paths by their last step, and the paths that have none of their own."""
    nodes = {node.seq: node for node in labelled.tree.nodes}
    kept: dict[int, tuple[list[Node], Labels]] = {}
    dropped: list[Dropped] = []
    for leaf in leaves(labelled):
        path = node_path(nodes, leaf)
        labels = labels_of(path)
        last = path[len(labels) - 1].seq if labels else 0
        if not labels or last in kept:
            dropped.append(Dropped(CONTAINED if labels else UNLABELLED))
        else:
            kept[last] = (path[: len(labels)], labels)
    return kept, dropped
