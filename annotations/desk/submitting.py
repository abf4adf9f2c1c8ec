"""Ending an item, and taking that back. What a person made of it is worked out here and stored with his session."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Sum
from django.db.models.functions import Now

from annotations import rules
from annotations.access import Access
from annotations.desk.leasing import regain, renewal
from annotations.desk.params import ALL, DeskSettings
from annotations.desk.settling import settle
from annotations.errors import BadInput
from annotations.models import LabelEvent, LabelItem, LabelSession, QueueMember, SessionEvent
from annotations.rules import Act
from annotations.selectors.itemwords import Item, words, works
from annotations.selectors.together import answers
from inference.desk import ItemRole, ItemState, LabelFinish, SessionAct, SessionState
from inference.labelwork import Work, against, first_error, known_right

WORKED_OUT = ("state", "finish", "first_error_id", "ratings", "seconds", "gold_right", "gold_known")
ENDED = (SessionState.SUBMITTED, SessionState.SURPLUS)


@dataclass(frozen=True, slots=True)
class Submitted:
    """What became of a session; `gold` says what was right, where the queue's settings let it be seen."""

    state: str
    gold: Mapping[str, Any] | None = None


@transaction.atomic
def submit(
    *, access: Access, session_id: int, finish: str, seconds: float | None = None, key: UUID | None = None
) -> Submitted:
    """End an item: check how, store what it comes to, settle the item with the others' work.

    A session that lost its place to somebody else is kept as surplus and does not count. `seconds` is the page's
    count of active time; that of the ratings stands where it is less. BadInput says why the item cannot end so.
    """
    rules.check(access, Act.LABEL)
    session = locked(access, session_id)
    if session.state in ENDED:
        raise BadInput("This item is submitted already.", "session")
    if finish not in set(LabelFinish):
        raise BadInput(f"{finish[:40]!r} is no way to end an item; expected one of {', '.join(LabelFinish)}.", "finish")
    settings = DeskSettings.from_mapping(session.queue.settings)
    work = work_of(session)
    if wrong := against(work, LabelFinish(finish)):
        raise BadInput(wrong, "finish")
    held = session.state == SessionState.LEASED or has_again(access, session)
    session.state = SessionState.SUBMITTED if held else SessionState.SURPLUS
    _work_out(session, work, settings, finish, seconds)
    gold = _gold(session, settings)
    done = {"session_state": session.state, "finish": finish, "gold": gold}
    append(session, SessionAct.SUBMITTED, done, key)
    _screened(session, settings)
    settle(session.item)
    return Submitted(session.state, gold)


@transaction.atomic
def reopen(*, access: Access, session_id: int, key: UUID | None = None) -> None:
    """Take a submitted item back to work on it again; its place is still the person's."""
    rules.check(access, Act.LABEL)
    session = locked(access, session_id)
    if session.state != SessionState.SUBMITTED:
        raise BadInput("Only an item that you submitted can be taken back.", "session")
    item = LabelItem.objects.select_for_update(no_key=True).get(pk=session.item_id)
    why_not = _stays_submitted(session, item)
    if why_not:
        raise BadInput(why_not, "session")
    LabelSession.objects.filter(pk=session.pk).update(
        state=SessionState.LEASED, lease_until=Now(), submitted_at=None, finish=""
    )
    answers(renewal(access, [session.pk]))
    append(session, SessionAct.REOPENED, {"session_state": SessionState.LEASED}, key)
    settle(item)


def _stays_submitted(session: LabelSession, item: LabelItem) -> str:
    """Return why a submitted item cannot be taken back, "" if it can."""
    settings = DeskSettings.from_mapping(session.queue.settings)
    if item.state in (ItemState.DECIDED, ItemState.WITHDRAWN):
        return "A reviewer has decided this item: it cannot be taken back."
    if item.role != ItemRole.WORK and settings.feedback:
        return "You have seen what is right here: this item cannot be taken back."
    if item.role == ItemRole.SCREENING and _member(session).passed is not None:
        return "The screening is over: its items cannot be taken back."
    others = LabelSession.objects.filter(item=item, state=SessionState.SUBMITTED).exclude(pk=session.pk)
    if settings.reveal == "submitted" and others.exists():
        return "Since you submitted this item you may see how others labelled it: it cannot be taken back."
    return ""


def has_again(access: Access, session: LabelSession) -> bool:
    """Take the place of a session that had lost it, where one is free; whoever settles the item is waited for."""
    LabelItem.objects.select_for_update(no_key=True).get(pk=session.item_id)
    return bool(regain(access, [session.pk], [session.state]))


def submitted_as(event: SessionEvent) -> dict[str, Any]:
    """Return what an act that was carried out before was answered."""
    return {name: event.data[name] for name in ("session_state", "gold") if name in event.data}


def locked(access: Access, session_id: int) -> LabelSession:
    """Return a session of the person's own with item and queue, locked; BadInput if there is none."""
    rows = LabelSession.objects.select_for_update(of=("self",), no_key=True).select_related("item", "queue")
    session = rows.filter(project=access.project, user=access.user, pk=session_id).first()
    if session is None:
        raise BadInput("This item is not yours.", "session")
    return session


def append(session: LabelSession, kind: SessionAct, data: Mapping[str, Any], key: UUID | None) -> None:
    """Say what happened to a session."""
    SessionEvent.objects.create(
        project_id=session.project_id,
        session=session,
        user_id=session.user_id,
        kind=kind,
        data=dict(data),
        idempotency_key=key,
    )


def work_of(session: LabelSession) -> Work:
    """Return what the session's person says of its item now."""
    (rows,) = answers(words(session.project_id, [session.pk]))
    item = Item(session.pk, session.item.leaf_id is None, session.own)
    return works([item], rows)[session.pk]


def _work_out(session: LabelSession, work: Work, settings: DeskSettings, finish: str, seconds: float | None) -> None:
    spent = LabelEvent.objects.filter(session=session).aggregate(sum=Sum("seconds"))["sum"] or 0.0
    wrong = first_error(work.path())
    session.finish = finish
    session.first_error_id = wrong.node if wrong else None
    session.ratings = sum(step.rating is not None for step in work.steps)
    session.seconds = min(spent or seconds or 0.0, spent if seconds is None else seconds)
    expected = session.item.expected
    if expected is not None:
        right = known_right(work, expected, rate_all=settings.rate == ALL)
        session.gold_right, session.gold_known = right
    # One update, for a second one of the row would lock the item by its key.
    LabelSession.objects.filter(pk=session.pk).update(
        lease_until=None,
        submitted_at=Now(),
        seen_at=Now(),
        **{name: getattr(session, name) for name in WORKED_OUT},
    )


def _gold(session: LabelSession, settings: DeskSettings) -> dict[str, Any] | None:
    if not settings.feedback or session.item.expected is None:
        return None
    told = {name: session.item.expected[name] for name in ("ratings", "first_error") if name in session.item.expected}
    return {"right": session.gold_right, "known": session.gold_known, **told}


def _member(session: LabelSession) -> QueueMember:
    found, _ = QueueMember.objects.get_or_create(
        queue_id=session.queue_id, user_id=session.user_id, defaults={"project_id": session.project_id}
    )
    return found


def _screened(session: LabelSession, settings: DeskSettings) -> None:
    """Say whether the person passed, when this was the last of the screening."""
    if session.item.role != ItemRole.SCREENING or settings.screening < 1:
        return
    member = _member(session)
    done = LabelSession.objects.filter(
        queue_id=session.queue_id, user_id=session.user_id, item__role=ItemRole.SCREENING, state=SessionState.SUBMITTED
    )
    there = LabelItem.objects.filter(queue_id=session.queue_id, role=ItemRole.SCREENING).count()
    if member.passed is not None or done.count() < min(settings.screening, there):
        return
    sums = done.aggregate(right=Sum("gold_right"), known=Sum("gold_known"))
    share = (sums["right"] or 0) / sums["known"] if sums["known"] else 0.0
    QueueMember.objects.filter(pk=member.pk, passed=None).update(passed=share >= settings.pass_mark)
