"""Why a rating act was not stored: it was already, something newer stands there, or it does not fit."""

from __future__ import annotations

import json
from typing import Any

from django.db import transaction

from annotations.access import Access
from annotations.desk.rating import MINE, OF_ITEM, said_at
from annotations.desk.wire import CONFLICT, Outcome, Rate, refused, saved
from annotations.errors import BadInput, DomainError
from annotations.selectors.labels import voter_of
from annotations.selectors.together import answers

DONE = """
    SELECT id, created_at, node_id FROM annotations_labelevent
    WHERE project_id = %(project)s AND author_id = %(user)s AND idempotency_key = %(key)s
"""
SESSION = """
    SELECT state FROM annotations_labelsession
    WHERE project_id = %(project)s AND user_id = %(user)s AND id = %(session)s
"""
STEP = f"""
    WITH RECURSIVE {MINE}
    SELECT 1 FROM mine m JOIN annotations_node n ON n.id = %(node)s AND n.tree_id = m.tree_id WHERE {OF_ITEM}
"""  # noqa: S608 constants only
STANDS = """
    SELECT rating, category, note, rewrite, data, client, created_at, id FROM annotations_labelevent
    WHERE node_id = %(node)s AND project_id = %(project)s AND voter = %(voter)s ORDER BY id DESC LIMIT 1
"""
CATEGORIES = """
    SELECT c ->> 'key' FROM jsonb_array_elements((
        SELECT categories FROM annotations_labelscheme WHERE project_id = %(project)s ORDER BY version DESC LIMIT 1)) c
    WHERE (c ->> 'active')::boolean
"""
UNDONE = """
    SELECT 1 FROM annotations_labelevent
    WHERE node_id = %(node)s AND voter = %(voter)s AND project_id = %(project)s AND idempotency_key = %(undo_of)s
"""


def in_item(access: Access, session_id: int, node_id: int) -> bool:
    """Return whether a step is part of the item of a session of the person's own."""
    asked = {"project": access.project.pk, "user": access.user.pk, "sessions": [session_id], "node": node_id}
    return bool(answers((STEP, asked))[0])


@transaction.atomic
def explain(access: Access, act: Rate, seen: int) -> Outcome | None:
    """Return what stands in the act's way, or what it was answered before; None: nothing does (any more)."""
    params = {
        "project": access.project.pk,
        "user": access.user.pk,
        "voter": voter_of(access.user.pk),
        "key": act.key,
        "session": act.session,
        "sessions": [act.session],
        "node": act.node,
        "undo_of": act.undo_of,
    }
    done, session, step, stands, categories, undone = answers(
        *((sql, params) for sql in (DONE, SESSION, STEP, STANDS, CATEGORIES, UNDONE))
    )
    if done:
        return _before(act, *done[0])
    try:
        _check(act, session, bool(step), [row[0] for row in categories], bool(undone))
    except DomainError as error:
        return refused(str(act.key), error, act.session)
    version = stands[0][-1] if stands else 0
    if version == seen:
        return None
    return Outcome(str(act.key), CONFLICT, act.session, {"stands": as_stands(*stands[0]) if stands else NOTHING})


def _before(act: Rate, version: int, at: Any, node: int) -> Outcome:
    if node == act.node:
        return saved(act, version=version, at=said_at(at))
    error = BadInput("This key was used for another step: send a new one.", "key")
    return refused(str(act.key), error, act.session)


def _check(act: Rate, session: list[Any], step: bool, categories: list[str], undone: bool) -> None:
    if not session:
        raise BadInput("This item is not yours.", "session")
    if session[0][0] in ("submitted", "surplus"):
        raise BadInput("This item is submitted: take it back before you change it.", "session")
    if not step:
        raise BadInput("This step is not part of the item.", "node")
    category = act.judgement.category
    if category and category not in categories:
        raise BadInput(f"{category!r} is not an active category; expected one of {', '.join(categories)}.", "category")
    if act.undo_of is not None and not undone:
        raise BadInput("There is no such label of yours to take back on this step.", "undo_of")


def as_stands(
    rating: str | None, category: str, note: str, rewrite: str, data: str, client: str, at: Any, version: int
) -> dict[str, Any]:
    """Return a person's word on a step as the page shows it beside the one that met it."""
    flags = json.loads(data)
    return {
        "rating": rating,
        "category": category,
        "note": note,
        "rewrite": rewrite,
        "flagged": bool(flags.get("flagged")),
        "chosen": bool(flags.get("chosen")),
        "version": version,
        "at": said_at(at),
        "client": client,
    }


NOTHING: dict[str, Any] = {
    "rating": None, "category": "", "note": "", "rewrite": "", "flagged": False, "chosen": False, "version": 0,
    "at": None, "client": "",
}  # fmt: skip
