"""What the people who labelled an item make of it together: agreed, disputed, one more place, dropped.

Decided is what a reviewer says (annotations.desk.deciding); an item that is decided or withdrawn stays so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection, transaction

from annotations.desk.params import ALL
from annotations.models import LabelItem
from annotations.selectors.itemwords import Item, words, works
from annotations.selectors.together import answers
from inference.desk import ItemRole, ItemState, LabelFinish
from inference.types import Rating

ITEM = """
    SELECT i.role, i.state, i.wanted, i.places, i.takers, q.overlap, q.agree, q.most, q.settings ->> 'rate'
    FROM annotations_labelitem i JOIN annotations_labelqueue q ON q.id = i.queue_id
    WHERE i.id = %s FOR NO KEY UPDATE OF i
"""
SUBMITTED = "SELECT id, finish, first_error_id FROM annotations_labelsession WHERE item_id = %s AND state = 'submitted'"
Verdict = tuple[str, int | None]


@dataclass(frozen=True, slots=True)
class Rules:
    """How many people label an item: `overlap`, or (agree > 0) until `agree` of at most `most` say the same."""

    overlap: int
    agree: int
    most: int


def outcome(rules: Rules, verdicts: Sequence[Verdict], wanted: int, at_work: int) -> tuple[ItemState, bool]:
    """Return what the item is now, and whether one more person shall label it.

    A verdict is how a person ended the item and which step he found wrong first; giving up agrees with nobody.
    """
    said = Counter(verdict for verdict in verdicts if verdict[0] != LabelFinish.GIVE_UP)
    most_common = max(said.values(), default=0)
    given = len(verdicts)
    if rules.agree > 0:
        if most_common >= rules.agree and given >= min(wanted, rules.overlap) and not at_work:
            return ItemState.AGREED, False
        if given < wanted:
            return ItemState.OPEN, False
        if given >= max(rules.most, rules.agree, rules.overlap):
            return (ItemState.AGREED if most_common >= rules.agree else ItemState.DROPPED), False
        return ItemState.OPEN, True
    if given < wanted:
        return ItemState.OPEN, False
    return (ItemState.AGREED if most_common == given else ItemState.DISPUTED), False


@transaction.atomic
def settle(item: LabelItem) -> ItemState:
    """Work out what an item is, store it and return it. Whoever settles it at the same time waits."""
    with connection.cursor() as cursor:
        cursor.execute(ITEM, [item.pk])
        role, state, wanted, places, takers, overlap, agree, most, rate = cursor.fetchone()
        if role != ItemRole.WORK or state in (ItemState.DECIDED, ItemState.WITHDRAWN):
            return ItemState(state)
        cursor.execute(SUBMITTED, [item.pk])
        sessions = cursor.fetchall()
        verdicts = [(finish, first_error) for _, finish, first_error in sessions]
        now, more = outcome(Rules(overlap, agree, most), verdicts, wanted, takers - len(verdicts))
        if now == ItemState.AGREED and not agree and rate == ALL and len(sessions) > 1:
            now = ItemState.DISPUTED if opposed(item.project_id, [row[0] for row in sessions]) else now
        # An item that is settled has no place left that nobody took.
        free = places + more if now == ItemState.OPEN else 0
        cursor.execute(
            "UPDATE annotations_labelitem SET state = %(now)s, wanted = wanted - places + %(free)s, places = %(free)s,"
            " settled_at = CASE WHEN %(now)s = 'open' THEN NULL WHEN state = %(now)s THEN settled_at ELSE now() END"
            " WHERE id = %(item)s",
            {"now": now, "free": free, "item": item.pk},
        )
    return now


def opposed(project_id: int, session_ids: Sequence[int]) -> bool:
    """Return whether some step is correct for one of these sessions' people and incorrect for another."""
    (rows,) = answers(words(project_id, session_ids))
    said: dict[int, set[Rating]] = {}
    for work in works([Item(session, False, {}) for session in session_ids], rows).values():
        for step in work.steps:
            if step.rating is not None:
                said.setdefault(step.node, set()).add(step.rating)
    return any({Rating.CORRECT, Rating.INCORRECT} <= ratings for ratings in said.values())
