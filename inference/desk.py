"""The words of the labelling desk as enums."""

from __future__ import annotations

from enum import StrEnum


class DeskMode(StrEnum):
    """What one item of a labelling queue is: a path from problem to answer, or a whole tree that is walked."""

    SOLUTION = "solution"
    TREE = "tree"


class Strategy(StrEnum):
    """Which item of a labelling queue comes next (annotations.desk.priorities)."""

    ORDER = "order"
    RANDOM = "random"
    UNCERTAINTY = "uncertainty"
    DISAGREEMENT = "disagreement"
    COVERAGE = "coverage"


class DeskState(StrEnum):
    """Whether items of a labelling queue are handed out."""

    OPEN = "open"
    PAUSED = "paused"
    CLOSED = "closed"


class ItemRole(StrEnum):
    """What an item is for: to be labelled, or (its labels are known) to measure or to admit who labels it."""

    WORK = "work"
    GOLD = "gold"
    SCREENING = "screening"


class ItemState(StrEnum):
    """What people have made of an item; "dropped": too many labelled it and no first error was agreed on."""

    OPEN = "open"
    AGREED = "agreed"
    DISPUTED = "disputed"
    DECIDED = "decided"
    DROPPED = "dropped"
    WITHDRAWN = "withdrawn"


class SessionState(StrEnum):
    """One person's work on one item. Leased and submitted ones hold a place of the item, the others gave it back."""

    LEASED = "leased"
    SUBMITTED = "submitted"
    SURPLUS = "surplus"
    SKIPPED = "skipped"
    RETURNED = "returned"
    EXPIRED = "expired"


class LabelFinish(StrEnum):
    """Why a person ended an item: PRM800K's finish_reason."""

    FOUND_ERROR = "found_error"
    SOLUTION = "solution"
    BAD_PROBLEM = "bad_problem"
    GIVE_UP = "give_up"


class SessionAct(StrEnum):
    """What happens to a labelling session besides ratings."""

    TAKEN = "taken"
    RETURNED = "returned"
    EXPIRED = "expired"
    SKIPPED = "skipped"
    SUBMITTED = "submitted"
    REOPENED = "reopened"
    OWN_STEP = "own_step"
    FLAGGED = "flagged"
