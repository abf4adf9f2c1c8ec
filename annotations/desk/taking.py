"""Handing out items: the next one for a person, correct under any number of people who ask at once.

1. The person's takings from this queue go one after the other; overdue leases of others are taken away.
2. What he holds and the page does not show comes first; then a screening item, a gold item where his share is due, a
   half-done item near the front that he never had, a fresh one, any half-done one, what he gave back, what he skipped.
3. The item's row is locked, passing over locked ones; session, places, counter and event are written; one message.
4. If there was nothing, `why` says why. If all that is left was locked, it is asked again a moment later.

Knows nothing of priorities but that they are stored (annotations.desk.priorities).
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.db import DEFAULT_DB_ALIAS, models

from annotations import rules
from annotations.access import Access
from annotations.desk.leasing import give_back, overdue, regain, renew, renewal, skip
from annotations.desk.nothing import BUSY, Nothing, why
from annotations.desk.params import DeskSettings
from annotations.desk.takesql import ITEM_FIELDS, QUEUE_FIELDS, SESSION_FIELDS, TAKE, TURN, asked
from annotations.models import LabelItem, LabelQueue, LabelSession
from annotations.rules import Act
from annotations.selectors.itemsql import Shown, read_shown, shown_params
from annotations.selectors.together import BY_INDEX, answers

__all__ = ["Nothing", "Taken", "give_back", "regain", "renew", "renewal", "skip", "take"]

MOST_EXPIRED = 20
TRIES, PAUSE_SECONDS = 12, 0.01
PARTS: tuple[tuple[type[models.Model], list[str]], ...] = (
    (LabelSession, SESSION_FIELDS),
    (LabelItem, ITEM_FIELDS),
    (LabelQueue, QUEUE_FIELDS),
)
SETTINGS = len(SESSION_FIELDS) + len(ITEM_FIELDS) + QUEUE_FIELDS.index("settings")
AS_TEXT = {
    model: [at for at, name in enumerate(names) if isinstance(model._meta.get_field(name), models.JSONField)]
    for model, names in PARTS
}


@dataclass(frozen=True, slots=True)
class Taken:
    """A leased item: the person's session with its item and queue loaded, the queue's settings, what the item shows."""

    session: LabelSession
    settings: DeskSettings
    shown: Shown


def take(*, access: Access, queue_id: int, have: Sequence[int] = (), want: int | None = None) -> Taken | Nothing:
    """Lease the next item of a queue to the viewer, or say why there is none; `have` are sessions that his page holds.

    With `want`, that session of his is taken up again, where it is his still or its item has a place for him; else the
    next item comes. NotFound for another project's queue.
    """
    rules.check(access, Act.LABEL)
    if want is not None and (taken := _take(access, queue_id, have, want)):
        return taken
    for attempt in range(1, TRIES + 1):
        taken = _take(access, queue_id, have, None)
        if taken is not None:
            return taken
        nothing = why(access, queue_id)
        if nothing is not None:
            return nothing
        time.sleep(PAUSE_SECONDS * attempt)
    return BUSY


def _take(access: Access, queue_id: int, have: Sequence[int], want: int | None) -> Taken | None:
    person = access.user.pk
    *_, rows = answers(
        BY_INDEX,
        TURN.asked(queue=queue_id, user=person),
        overdue(queue_id, but=person, most=MOST_EXPIRED),
        TAKE.asked(**(asked(access.project.pk, queue_id, person) | shown_params(person)), have=list(have), want=want),
    )
    return _read(rows[0]) if rows else None


def _read(told: tuple[Any, ...]) -> Taken:
    *row, shown = told
    parts, at = [], 0
    for model, names in PARTS:
        parts.append(_row_of(model, names, row[at : at + len(names)]))
        at += len(names)
    session, item, queue = parts
    session.item, session.queue, item.queue = item, queue, queue
    return Taken(session, _settings(row[SETTINGS]), read_shown(shown))


@lru_cache(maxsize=256)
def _settings(text: str) -> DeskSettings:
    return DeskSettings.from_mapping(json.loads(text))


def _row_of(model: type[models.Model], names: list[str], values: Sequence[Any]) -> Any:
    """Return a row as its model. Django's connections give JSON as text, for a field to read."""
    read = list(values)
    for at in AS_TEXT[model]:
        if read[at] is not None:
            read[at] = json.loads(read[at])
    return model.from_db(DEFAULT_DB_ALIAS, names, read)
