"""An item that people see differently as its page shows it: columns, lines, what the form starts from. Asks nothing."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict

from annotations.labelling import Judgement
from annotations.models import Comment, ItemDecision, LabelSession
from annotations.selectors.disputes import Dispute, Row, written
from inference.desk import LabelFinish
from inference.types import Rating

MOST_KEYS = 9
ENDED = {
    LabelFinish.FOUND_ERROR: "an error",
    LabelFinish.SOLUTION: "no error",
    LabelFinish.BAD_PROBLEM: "bad problem",
    LabelFinish.GIVE_UP: "gave up",
}
PICKS = (("correct", "c"), ("neutral", "n"), ("incorrect", "i"), ("", ""))


@dataclass(frozen=True, slots=True)
class Column:
    """A person who submitted, the key that decides as he said, and how he ended."""

    session: LabelSession
    key: str
    ended: str
    wrote: str


@dataclass(frozen=True, slots=True)
class Line:
    """A step with everybody's word, and the rating and category that the form starts from."""

    row: Row
    pick: str
    category: str
    picks: list[tuple[str, str, bool]]


def ended(finish: str, depth: int | None) -> str:
    """Say how a person ended an item: by his first error, or why there is none."""
    if depth is not None:
        return f"first error: step {depth}"
    return ENDED[LabelFinish(finish)] if finish else "not ended"


def columns(found: Dispute) -> list[Column]:
    return [
        Column(
            session,
            str(at) if at <= MOST_KEYS else "",
            ended(session.finish, session.first_error.depth if session.first_error else None),
            written(session, 0),
        )
        for at, session in enumerate(found.people, 1)
    ]


def lines(found: Dispute, typed: QueryDict | None = None) -> list[Line]:
    """Return the rows with what was typed, else with what stands decided."""
    return [_line(row, typed) for row in found.rows]


def _line(row: Row, typed: QueryDict | None) -> Line:
    stands = row.decided
    pick = (stands.rating or "") if stands else ""
    category = stands.category if stands else _usual_category(row)
    if typed is not None:
        pick = typed.get(f"rating-{row.node}", pick)
        category = typed.get(f"category-{row.node}", category)
    return Line(row, pick, category, [(value, key, value == pick) for value, key in PICKS])


def _usual_category(row: Row) -> str:
    """Return the category that most of those who found the step incorrect gave it."""
    said = Counter(
        cell.event.category for cell in row.cells if cell.event and cell.rating == Rating.INCORRECT
    )  # fmt: skip
    said.pop("", None)
    return said.most_common(1)[0][0] if said else ""


def judgements(found: Dispute, given: QueryDict) -> dict[int, Judgement]:
    """Read the form's ratings; a category counts for an incorrect step alone."""
    read: dict[int, Judgement] = {}
    for row in found.rows:
        rating = given.get(f"rating-{row.node}", "")
        if rating:
            category = given.get(f"category-{row.node}", "") if rating == Rating.INCORRECT else ""
            read[row.node] = Judgement(rating, category=category)
    return read


def told(decision: ItemDecision) -> str:
    """Say what a decision is: the first error or how it ends, and whose word it took over."""
    depth = decision.first_error.depth if decision.first_error else None
    words = ended(decision.finish, depth)
    return f"{words}, as {decision.session.user} said" if decision.session else words


def threads(found: Dispute) -> list[tuple[str, list[Comment]]]:
    """Return what was said of the whole item, then of each step, with the name of what it is about."""
    whole = [comment for comment in found.comments if comment.node_id is None]
    parts = [("The whole item", whole)] if whole else []
    parts += [(row.step.spot.name, row.comments) for row in found.rows if row.comments]
    return parts


def context(found: Dispute, typed: QueryDict | None = None) -> dict[str, Any]:
    """Return what both pages of an item show: a reviewer's and that of somebody who labelled it."""
    decision = found.decision
    return {
        "found": found,
        "item": found.item,
        "problem": found.item.tree.problem,
        "columns": columns(found),
        "lines": lines(found, typed),
        "threads": threads(found),
        "decision": decision,
        "decision_told": told(decision) if decision else "",
        "names": {row["key"]: row["name"] for row in found.categories},
    }
