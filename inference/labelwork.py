"""One person's work on an item of the labelling desk: what he said of its steps, and what follows from it.

Knows nothing about rows, leases or pages.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from inference.desk import LabelFinish
from inference.types import Rating


@dataclass(frozen=True, slots=True)
class SaidStep:
    """A step of an item with a person's newest word. `parent` is the seq of the step before it, 0 for a first step."""

    node: int
    seq: int
    parent: int
    text: str = ""
    on_path: bool = False
    terminal: bool = False
    answer: str = ""
    rating: Rating | None = None
    chosen: bool = False
    flagged: bool = False


@dataclass(frozen=True, slots=True)
class Work:
    """All steps of an item by seq. `own` holds the steps that he wrote, by the id of the step before ("0": none)."""

    steps: Sequence[SaidStep]
    whole_tree: bool = False
    own: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def children(self) -> dict[int, list[SaidStep]]:
        """Return the steps that go on from each step, by its seq (0: first steps)."""
        found: dict[int, list[SaidStep]] = {}
        for step in self.steps:
            found.setdefault(step.parent, []).append(step)
        return found

    def path(self) -> list[SaidStep]:
        """Return the steps that were walked: the item's path, or in a tree the ones chosen up to its end or an error.

        Where a person has marked none of several steps as chosen, the only one that he did not find wrong is. A walk
        that ends at steps which he found wrong ends with the first of them.
        """
        if not self.whole_tree:
            return [step for step in self.steps if step.on_path]
        walked: list[SaidStep] = []
        children, last = self.children(), 0
        while step := _chosen(children.get(last, [])):
            walked.append(step)
            last = step.seq
            if step.rating == Rating.INCORRECT:
                break
        return walked


def _chosen(steps: Sequence[SaidStep]) -> SaidStep | None:
    marked = [step for step in steps if step.chosen]
    good = [step for step in steps if step.rating in (Rating.CORRECT, Rating.NEUTRAL)]
    wrong = [step for step in steps if step.rating == Rating.INCORRECT]
    if marked:
        return marked[0]
    return good[0] if len(good) == 1 else (wrong[0] if wrong and not good else None)


def first_error(path: Sequence[SaidStep]) -> SaidStep | None:
    """Return the first step of a path that was rated incorrect."""
    return next((step for step in path if step.rating == Rating.INCORRECT), None)


def against(work: Work, finish: LabelFinish) -> str:
    """Return a sentence that says why the work may not end so, "" if it may."""
    path = work.path()
    if finish == LabelFinish.FOUND_ERROR:
        found = first_error(path) is not None or bool(work.own)
        return "" if found else "No step is rated incorrect and none is written: rate the step that is wrong first."
    if finish != LabelFinish.SOLUTION:
        return ""
    if first_error(path):
        return "A step is rated incorrect: the item ends with an error found."
    unrated = next((number for number, step in enumerate(path, 1) if step.rating is None), 0)
    if unrated:
        return f"Step {unrated} has no rating yet."
    if not path or (work.whole_tree and work.children().get(path[-1].seq)):
        return "The solution is not walked to its end: rate the steps that come next and choose one."
    return ""


def known_right(work: Work, expected: Mapping[str, Any], *, rate_all: bool) -> tuple[int, int]:
    """Return how many of the ratings that are known he met, and how many he had to meet.

    `expected` is {"ratings": {node id: rating}, "first_error": node id or null}. Where a person stops at the first
    error, what lies after the first one that he or the expected ratings name is not asked of him. Without expected
    ratings the first error itself is the one thing known.
    """
    path = work.path()
    ratings: Mapping[str, str] = expected.get("ratings") or {}
    if not ratings:
        found = first_error(path)
        return int((found.node if found else None) == expected.get("first_error")), 1
    due = {step.node for step in work.steps if step.rating is not None}
    for step in path:
        due.add(step.node)
        if not rate_all and Rating.INCORRECT in (step.rating, ratings.get(str(step.node))):
            break
    known = [step for step in work.steps if step.node in due and str(step.node) in ratings]
    return sum(step.rating == ratings[str(step.node)] for step in known), len(known)
