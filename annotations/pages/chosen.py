"""What a search chose, as the tree page shows it: the answer with its confidence, the votes, the first errors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from annotations.pages.treestate import TreeState
from annotations.selectors.chosen import Choice, choice_of, first_errors
from annotations.selectors.trees import Spot, TreeMap

MARKS = {1: ("correct", "the reference answer"), -1: ("incorrect", "not the reference answer")}
UNCHECKED = ("none", "not checked")
# How a method chooses, and what its confidence is.
WAYS = {
    "beam": ("the step beam", "score of its path"),
    "best_of_n": ("best of n", "score of its path"),
    "vote": ("the vote", "of all solutions"),
}
OTHER = ("the search", "confidence")


@dataclass(frozen=True, slots=True)
class Row:
    """An answer with its votes; `share` is of all solutions drawn, in [0, 1]."""

    answer: str
    count: int
    share: float
    url: str
    mark: str
    word: str


@dataclass(frozen=True, slots=True)
class Found:
    """What a tree's search found: the choice and its path, and the first errors; empty where it found nothing."""

    choice: Choice | None
    errors: dict[int, int]

    @property
    def path(self) -> frozenset[int]:
        return self.choice.path if self.choice else frozenset()


def found_in(whole: TreeMap) -> Found:
    return Found(choice_of(whole), first_errors(whole))


def context(whole: TreeMap, found: Found, state: TreeState) -> dict[str, Any]:
    """Return what templates/trees/chosen.html shows."""
    errors = [(whole.spots[wrong], state.at(wrong), state.at(last)) for wrong, last in found.errors.items()]
    return {"chosen": _chosen(whole, found.choice, state) if found.choice else None, "first_errors": errors}


def _chosen(whole: TreeMap, choice: Choice, state: TreeState) -> dict[str, Any]:
    by, of = WAYS.get(choice.method, OTHER)
    mark, word = _marked(choice.spot)
    drawn = max(whole.tree.visits, sum(vote.count for vote in choice.votes), 1)
    rows = [
        Row(
            vote.answer, vote.count, vote.count / drawn, state.at(vote.spot.seq) if vote.spot else "",
            *(_marked(vote.spot) if vote.spot else UNCHECKED),
        )
        for vote in choice.votes
    ]  # fmt: skip
    return {
        "by": by,
        "of": of,
        "answer": choice.spot.head,
        "url": state.at(choice.spot.seq),
        "mark": mark,
        "word": word,
        "confidence": choice.confidence,
        "votes": rows,
        "drawn": drawn,
    }


def _marked(spot: Spot) -> tuple[str, str]:
    return MARKS.get(spot.outcome or 0, UNCHECKED)
