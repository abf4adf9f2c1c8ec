"""The acts of a labelling page that are no ratings, one function each: BadInput says why one cannot be."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.db import transaction

from annotations.access import Access
from annotations.desk import leasing, wire
from annotations.desk.doubts import in_item
from annotations.desk.submitting import ENDED, append, locked, submitted_as
from annotations.desk.submitting import reopen as reopen_session
from annotations.desk.submitting import submit as submit_session
from annotations.desk.wire import Outcome, SessionWord, saved
from annotations.errors import BadInput
from annotations.labelling import NOTE_LIMIT
from annotations.models import LabelSession, SessionEvent
from inference.desk import SessionAct, SessionState

Carrying = Callable[[Access, SessionWord, LabelSession], dict[str, Any]]


def once(carry_out: Carrying) -> Callable[[Access, SessionWord], Outcome]:
    """Carry an act out under its session's lock; sent again, it answers what it answered first."""

    @wraps(carry_out)
    def inner(access: Access, act: SessionWord) -> Outcome:
        with transaction.atomic():
            session = locked(access, act.session)
            before = SessionEvent.objects.filter(
                project=access.project, user=access.user, idempotency_key=act.key
            ).first()
            if before is not None and before.session_id != session.pk:
                raise BadInput("This key was used for another item: send a new one.", "key")
            return saved(act, **(submitted_as(before) if before is not None else carry_out(access, act, session)))

    return inner


def open_for_work(session: LabelSession) -> None:
    if session.state in ENDED:
        raise BadInput("This item is submitted: take it back before you change it.", "session")


@once
def own(access: Access, act: SessionWord, session: LabelSession) -> dict[str, Any]:
    """Keep the step that the person wrote after a step of the item (0: as the first); without text it is taken back."""
    open_for_work(session)
    above, words = wire.whole(act.given, "parent"), wire.text(act.given, "text", limit=NOTE_LIMIT).strip()
    if above and not in_item(access, session.pk, above):
        raise BadInput("This step is not part of the item.", "parent")
    written = {"text": words, "flagged": wire.flag(act.given, "flagged")}
    others = {place: step for place, step in session.own.items() if place != str(above)}
    LabelSession.objects.filter(pk=session.pk).update(own={**others, str(above): written} if words else others)
    append(session, SessionAct.OWN_STEP, {"parent": above, **written}, act.key)
    return {}


@once
def flag(access: Access, act: SessionWord, session: LabelSession) -> dict[str, Any]:
    """Mark the whole item as one that somebody should look at, or unmark it."""
    flagged = wire.flag(act.given, "flagged")
    LabelSession.objects.filter(pk=session.pk).update(flagged=flagged)
    append(session, SessionAct.FLAGGED, {"flagged": flagged}, act.key)
    return {}


@once
def submit(access: Access, act: SessionWord, session: LabelSession) -> dict[str, Any]:
    finish, seconds = wire.text(act.given, "finish"), wire.seconds(act.given)
    done = submit_session(access=access, session_id=session.pk, finish=finish, seconds=seconds, key=act.key)
    return {"session_state": done.state, "gold": done.gold}


@once
def reopen(access: Access, act: SessionWord, session: LabelSession) -> dict[str, Any]:
    reopen_session(access=access, session_id=session.pk, key=act.key)
    return {"session_state": SessionState.LEASED}


@once
def skip(access: Access, act: SessionWord, session: LabelSession) -> dict[str, Any]:
    """Give an item back that the person does not want, with the reason; also one whose lease ran out meanwhile."""
    open_for_work(session)
    reason = wire.text(act.given, "reason", limit=leasing.REASON_LIMIT).strip()
    if not reason:
        raise BadInput("Say why you skip this item.", "reason")
    if session.state == SessionState.LEASED:
        leasing.skip(access, session.pk, reason)
    else:
        LabelSession.objects.filter(pk=session.pk).update(state=SessionState.SKIPPED, reason=reason)
    return {"session_state": SessionState.SKIPPED}


@once
def give_back(access: Access, act: SessionWord, session: LabelSession) -> dict[str, Any]:
    """Give the place of an item back; one that is held no more stays as it is."""
    given = leasing.give_back(access, [session.pk])
    return {"session_state": SessionState.RETURNED if given else session.state}


def keep(access: Access, act: SessionWord) -> Outcome:
    """Say that somebody is still there: the lease is renewed, or had again."""
    return Outcome(str(act.key), wire.SAVED, act.session, {}, leasing.renew(access, [act.session]).get(act.session))
