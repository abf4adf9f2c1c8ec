"""Step labels from a grown tree, with a reason for each that is given or left out. Knows nothing about people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from inference.search.params import SAMPLING, SearchParams
from inference.search.tree import support_of
from inference.types import Node, NodeRole, Rating


class Reason(StrEnum):
    """Why a step was labelled, or why it was not."""

    REFUTED = "refuted by a tool"
    SUCCEEDS = "a path through it reaches the right answer"
    NEVER_SUCCEEDS = "no path through it reaches the right answer"
    AGREES = "value and tool agree"
    TOO_FEW = "too few complete paths through it"
    DISAGREES = "value and tool disagree"
    UNDECIDED = "the tool could not decide"
    NO_VALUE = "no value, or a value of zero"


class Consistency(StrEnum):
    """Whether the sign of a step's value and the tool's verdict agree, where both say something (GroundedPRM)."""

    AGREE = "agree"
    DISAGREE = "disagree"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class StepLabel:
    """The label of one step (None: unlabelled), the reason, and whether value and verdict agree."""

    seq: int
    rating: Rating | None
    reason: Reason
    consistency: Consistency


@dataclass(frozen=True, slots=True)
class LabelCounts:
    """How many steps were labelled (`kept`) and left out (`dropped`), by reason; and of all, by `consistency`."""

    kept: Mapping[str, int]
    dropped: Mapping[str, int]
    consistency: Mapping[str, int]


def label_steps(nodes: Sequence[Node], params: SearchParams) -> list[StepLabel]:
    """Label every step of one tree (answers are not steps); `nodes` are in seq order, parents before children.

    veto: wrong if refuted, or if none of at least `min_rollouts` complete paths through it succeeds; right if one
    does. paper (GroundedPRM): kept only where the sign of the mean value and the tool's verdict agree. Complete paths
    are distinct ones, but every single draw where the method draws whole solutions.
    """
    right, complete = _paths_through(nodes, every_draw=params.method in SAMPLING)
    trusted = params.trusted_names
    labels: list[StepLabel] = []
    for node in nodes:
        if node.role is not NodeRole.STEP:
            continue
        if params.policy == "paper":
            rating, reason = _by_agreement(node, trusted)
        else:
            rating, reason = _by_veto(node, right[node.seq], complete[node.seq], params.min_rollouts)
        labels.append(StepLabel(node.seq, rating, reason, consistency(node, trusted)))
    return labels


def count_labels(labels: Sequence[StepLabel]) -> LabelCounts:
    """Count labels by reason, kept and dropped apart."""
    kept = Counter(label.reason.value for label in labels if label.rating is not None)
    dropped = Counter(label.reason.value for label in labels if label.rating is None)
    consistent = Counter(label.consistency.value for label in labels)
    return LabelCounts(kept=dict(kept), dropped=dict(dropped), consistency=dict(consistent))


def consistency(node: Node, trusted: Collection[str] = ()) -> Consistency:
    """Return whether the sign of the mean value agrees with the verdict; undecided where either says nothing."""
    support = support_of(node.verdicts, trusted)
    if not node.visits or not node.value_sum or not support:
        return Consistency.UNDECIDED
    return Consistency.AGREE if (node.value_sum > 0) == (support > 0) else Consistency.DISAGREE


def _paths_through(nodes: Sequence[Node], *, every_draw: bool) -> tuple[Counter[int], Counter[int]]:
    """Count, for every seq, the judged complete paths through it: the right ones, and all."""
    right: Counter[int] = Counter()
    complete: Counter[int] = Counter()
    for node in reversed(nodes):
        if node.outcome is not None and node.terminal:
            draws = node.visits if every_draw else 1
            right[node.seq] += draws * (node.outcome == 1)
            complete[node.seq] += draws
        right[node.parent] += right[node.seq]
        complete[node.parent] += complete[node.seq]
    return right, complete


def _by_veto(node: Node, right: int, complete: int, least: int) -> tuple[Rating | None, Reason]:
    if support_of(node.verdicts) < 0:
        return Rating.INCORRECT, Reason.REFUTED
    if right:
        return Rating.CORRECT, Reason.SUCCEEDS
    if complete >= least:
        return Rating.INCORRECT, Reason.NEVER_SUCCEEDS
    return None, Reason.TOO_FEW


def _by_agreement(node: Node, trusted: Collection[str]) -> tuple[Rating | None, Reason]:
    agreement, support = consistency(node, trusted), support_of(node.verdicts, trusted)
    if agreement is Consistency.AGREE:
        return (Rating.CORRECT if support > 0 else Rating.INCORRECT), Reason.AGREES
    if agreement is Consistency.DISAGREE:
        return None, Reason.DISAGREES
    return None, Reason.UNDECIDED if node.visits and node.value_sum else Reason.NO_VALUE
