"""ProcessBench's protocol over first errors: until so many agree, else drop. Knows nothing about people or rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from enum import StrEnum


class OutcomeKind(StrEnum):
    """How a solution ends: so many agreed, they never did, or more words are needed."""

    AGREED = "agreed"
    DROPPED = "dropped"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a solution after `after` words; `first_error` is what was agreed on (None: no error)."""

    kind: OutcomeKind
    after: int
    first_error: Hashable = None


def until_agree(first_errors: Sequence[Hashable], agree: int = 3, most: int = 5) -> Outcome:
    """Return how a solution ends whose annotators named these first errors (None: no error), in this order.

    Zheng et al. (2024), "ProcessBench: Identifying Process Errors in Mathematical Reasoning", section 3.3: a solution
    is labelled until three annotators name the same first error, and is dropped when five have not. Words after that
    change nothing. It is open while fewer than `most` have spoken, even where those that are left
    cannot agree any more: that is how the protocol counts. ValueError unless 1 <= agree <= most.
    """
    if not 1 <= agree <= most:
        raise ValueError(f"expected 1 <= agree <= most, got {agree} and {most}")
    votes: Counter[Hashable] = Counter()
    for after, named in enumerate(first_errors[:most], 1):
        votes[named] += 1
        if votes[named] == agree:
            return Outcome(OutcomeKind.AGREED, after, named)
    said = min(len(first_errors), most)
    return Outcome(OutcomeKind.DROPPED if said == most else OutcomeKind.OPEN, said)
