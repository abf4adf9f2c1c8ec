"""Deciding between people who labelled an item, taking that back, and talking about it.

A decision is a row and, for each step that it rates, a label of its own: source "decision", voter "decision", the
reviewer its author. Such labels go before people's wherever ratings are resolved; people's own stay as they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now

from annotations import rules
from annotations.access import Access
from annotations.errors import BadInput, Conflict, NotAllowed, NotFound
from annotations.labelling import Judgement, check_judgement, first_scheme
from annotations.models import Comment, ItemDecision, LabelEvent, LabelItem, LabelSession, Node
from annotations.rules import Act
from annotations.selectors.disputes import Dispute, Row, dispute, first_error_of
from annotations.selectors.labels import DECISION, DONE
from inference.desk import ItemState, LabelFinish
from inference.types import LabelKind, LabelSource, Rating

TEXT_LIMIT = 4_000
UNSETTLED = {
    ItemState.OPEN: "This item is still being labelled: what people say of it can be decided when all have submitted.",
    ItemState.WITHDRAWN: "This item was taken out of its queue.",
}


@dataclass(frozen=True, slots=True)
class Word:
    """What is decided; `session`: whose word it was."""

    ratings: dict[int, Judgement]
    first_error: int | None
    finish: str
    session: LabelSession | None = None


@transaction.atomic
def decide(
    *,
    access: Access,
    item_id: int,
    ratings: Mapping[int, Judgement],
    first_error: int | None,
    why: str = "",
    key: UUID | None = None,
    finish: str = "",
    seen: str | None = None,
) -> ItemDecision:
    """Store what the reviewer says of an item's steps; it replaces an earlier decision of the item.

    `first_error` must be the first step of the path that `ratings` call incorrect; `finish` "" is worked out from it.
    `seen` is the version of the item (selectors.disputes) that he looked at, None to skip the check; a stale one raises
    Conflict. `key` makes a repeated send harmless.
    """
    found, done = _opened(access, item_id, key, seen)
    if done is not None:
        return done
    check_ratings(found, ratings, first_error)
    word = Word(dict(ratings), first_error, _finish(finish, first_error))
    return _store(access, found, word, why, key)


@transaction.atomic
def decide_as(
    *, access: Access, item_id: int, session_id: int, why: str = "", key: UUID | None = None, seen: str | None = None
) -> ItemDecision:
    """Decide as one of those who labelled said: his ratings, first error and finish; see `decide`."""
    found, done = _opened(access, item_id, key, seen)
    if done is not None:
        return done
    session = _labelled_by(found, session_id)
    word = Word(word_of(found, session), session.first_error_id, session.finish, session)
    return _store(access, found, word, why, key)


def _opened(access: Access, item_id: int, key: UUID | None, seen: str | None) -> tuple[Dispute, ItemDecision | None]:
    """Lock an item that may be decided now, and return it, with the decision that this send made before if any."""
    rules.check(access, Act.ADJUDICATE)
    item = _locked(access, item_id)
    found = dispute(access, item_id)
    done = _sent_before(access, item, key)
    if done is None and item.state in UNSETTLED:
        raise Conflict(UNSETTLED[ItemState(item.state)])
    if done is None and seen is not None and seen != found.version:
        raise Conflict("This item changed since you opened it.", fresh=found.version)
    return found, done


def _store(access: Access, found: Dispute, word: Word, why: str, key: UUID | None) -> ItemDecision:
    made = ItemDecision.objects.create(
        project=access.project,
        item=found.item,
        author=access.user,
        session=word.session,
        finish=word.finish,
        first_error_id=word.first_error,
        why=clean("why", why),
        was=found.decision.was if found.decision else found.item.state,
        idempotency_key=key,
    )
    _say(access, made, found.rows, word.ratings)
    LabelItem.objects.filter(pk=found.item.pk).update(state=ItemState.DECIDED, settled_at=Now())
    return made


@transaction.atomic
def take_back(*, access: Access, item_id: int, key: UUID | None = None) -> ItemDecision:
    """Take the decision of an item back: it stands as it did before anybody decided."""
    rules.check(access, Act.ADJUDICATE)
    item = _locked(access, item_id)
    if (done := _sent_before(access, item, key)) is not None:
        return done
    found = dispute(access, item_id)
    if found.decision is None:
        raise Conflict("Nothing is decided about this item.")
    made = ItemDecision.objects.create(
        project=access.project, item=item, author=access.user, was=found.decision.was, back=True, idempotency_key=key
    )
    _say(access, made, found.rows, {})
    # It waits since the last person submitted it, so that it comes back to its place in the list.
    settled = max((one.submitted_at for one in found.people if one.submitted_at), default=item.settled_at)
    LabelItem.objects.filter(pk=item.pk).update(state=found.decision.was, settled_at=settled)
    return made


@transaction.atomic
def comment(*, access: Access, item_id: int, node_id: int | None = None, text: str, asks: bool = False) -> Comment:
    """Say something about an item, or about one of its steps, to those who labelled it; `asks` for a question to them.

    Reviewers may, and whoever has submitted the item; only reviewers ask. The same words twice running count once.
    """
    _check_may_speak(access, item_id, asks)
    item = _locked(access, item_id)
    words = clean("text", text)
    if not words:
        raise BadInput("Write something to send.", "text")
    if node_id is not None and not Node.objects.filter(project=access.project, tree=item.tree_id, pk=node_id).exists():
        raise BadInput("This step is not of the item.", "node")
    last = Comment.objects.filter(project=access.project, item=item).order_by("-id").first()
    if last is not None and (last.author_id, last.node_id, last.text) == (access.user.pk, node_id, words):
        return last
    return Comment.objects.create(
        project=access.project, item=item, node_id=node_id, author=access.user, text=words, asks=asks
    )


def _check_may_speak(access: Access, item_id: int, asks: bool) -> None:
    if rules.can(access, Act.ADJUDICATE):
        return
    rules.check(access, Act.LABEL)
    mine = LabelSession.objects.filter(project=access.project, item=item_id, user=access.user).first()
    if mine is None:
        raise NotFound("There is no such item.")
    if mine.state not in DONE:
        raise NotAllowed("An item can be talked about by those who have submitted it.")
    if asks:
        raise NotAllowed("Questions to those who labelled are asked by reviewers.")


def word_of(found: Dispute, session: LabelSession) -> dict[int, Judgement]:
    """Return what one of those who labelled says of each step; his notes stay his own."""
    cells = ((row.node, cell) for row in found.rows for cell in row.cells if cell.session.pk == session.pk)
    return {
        node: Judgement(cell.rating, category=cell.event.category, rewrite=cell.event.rewrite)
        for node, cell in cells
        if cell.event is not None and cell.rating
    }


def check_ratings(found: Dispute, ratings: Mapping[int, Judgement], first_error: int | None) -> None:
    """Raise BadInput for ratings that are of another item, cannot be stored, or contradict the first error."""
    numbers = {row.node: row.step.spot.name for row in found.rows}
    known = {str(row["key"]) for row in found.categories}
    for node, judgement in ratings.items():
        if node not in numbers:
            raise BadInput("A rating is of a step that the item does not hold.", "ratings")
        check_judgement(judgement)
        if judgement.category and judgement.category not in known:
            expected = ", ".join(sorted(known))
            raise BadInput(
                f"{numbers[node]}: {judgement.category!r} is not an active category; expected one of {expected}.",
                "category",
            )
    said = {node: str(judgement.rating) for node, judgement in ratings.items()}
    wrong = first_error_of(found.rows, said)
    if found.item.leaf_id is None and first_error is not None and said.get(first_error) == Rating.INCORRECT:
        return
    if first_error != wrong:
        stands = f"it is {numbers[wrong].lower()}" if wrong is not None else "no step is rated incorrect"
        raise BadInput(f"The first error does not fit the ratings: {stands}.", "first_error")


def clean(name: str, text: str) -> str:
    """Return the text as it is stored; BadInput for one that cannot be."""
    if "\x00" in text or len(text) > TEXT_LIMIT:
        raise BadInput(f"The {name} may have at most {TEXT_LIMIT} characters and no NUL character.", name)
    return text.strip().replace("\r\n", "\n")


def _finish(finish: str, first_error: int | None) -> str:
    fits = {LabelFinish.FOUND_ERROR} if first_error is not None else set(LabelFinish) - {LabelFinish.FOUND_ERROR}
    usual = LabelFinish.SOLUTION if first_error is None else LabelFinish.FOUND_ERROR
    if finish and finish not in fits:
        raise BadInput(f"{finish!r} does not fit; expected one of {', '.join(sorted(fits))}.", "finish")
    return finish or usual


def _locked(access: Access, item_id: int) -> LabelItem:
    item = LabelItem.objects.select_for_update(no_key=True).filter(project=access.project, pk=item_id).first()
    if item is None:
        raise NotFound("There is no such item.")
    return item


def _sent_before(access: Access, item: LabelItem, key: UUID | None) -> ItemDecision | None:
    if key is None:
        return None
    sent = ItemDecision.objects.filter(project=access.project, author=access.user, idempotency_key=key).first()
    if sent is not None and sent.item_id != item.pk:
        raise BadInput("This key was used for another item: send a new one.", "key")
    return sent


def _labelled_by(found: Dispute, session_id: int) -> LabelSession:
    session = next((session for session in found.people if session.pk == session_id), None)
    if session is None:
        raise BadInput("Nobody submitted this item in that session.", "as")
    return session


def _say(access: Access, made: ItemDecision, rows: list[Row], ratings: Mapping[int, Judgement]) -> None:
    """Append the labels of a decision; what an earlier one rated and this one does not is taken back."""
    scheme = first_scheme(access.project.pk)
    data = {"item": made.item_id, "decision": made.pk}
    common = {"project": access.project, "voter": DECISION, "source": LabelSource.DECISION}
    events = [
        LabelEvent(
            **common, author=access.user, node_id=node, scheme=scheme, rating=said.rating, category=said.category,
            note=said.note, rewrite=said.rewrite, sureness=said.sureness, seconds=said.seconds, client="desk",
            data=data,
        )
        for node, said in ratings.items()
    ]  # fmt: skip
    gone = [row.node for row in rows if row.decided is not None and row.node not in ratings]
    before = _decided_elsewhere(access, made.item_id, gone)
    for node in gone:
        stands = before.get(node)
        events.append(
            LabelEvent(
                **common, node_id=node, scheme=scheme, kind=LabelKind.RETRACT, client="desk",
                rating=stands.rating if stands else None, category=stands.category if stands else "",
                note=stands.note if stands else "", rewrite=stands.rewrite if stands else "",
                data=stands.data if stands else data, author=stands.author if stands else access.user,
            )
        )  # fmt: skip
    LabelEvent.objects.bulk_create(events)


def _decided_elsewhere(access: Access, item_id: int, nodes: list[int]) -> dict[int, LabelEvent]:
    """Return what another item's decision says of steps that two items share."""
    events = LabelEvent.objects.filter(project=access.project, node_id__in=nodes, voter=DECISION)
    others = events.exclude(data__item=item_id).select_related("author").order_by("node_id", "-id").distinct("node_id")
    return {int(event.node_id or 0): event for event in others if event.rating is not None}
