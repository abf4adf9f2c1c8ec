"""Writing labels: one event an act, appended. Pages and API call these functions and nothing else."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from psycopg.types.json import Jsonb

from annotations import rules
from annotations.access import Access
from annotations.errors import BadInput, Conflict, NotFound
from annotations.models import LabelEvent, LabelScheme
from annotations.rules import Act
from annotations.selectors.labels import label_params, voter_of
from annotations.selectors.together import Prepared, answers
from inference.types import LabelKind, LabelSource, Rating

NOTE_LIMIT = 10_000
RATINGS = frozenset(Rating)
# What a judgement is stored as, with the columns' types.
COLUMNS = {
    "project_id": "bigint",
    "node_id": "bigint",
    "author_id": "bigint",
    "voter": "text",
    "source": "text",
    "kind": "text",
    "rating": "text",
    "category": "text",
    "note": "text",
    "rewrite": "text",
    "sureness": "float8",
    "seconds": "float8",
    "client": "text",
    "supersedes_id": "bigint",
    "idempotency_key": "uuid",
    "shown": "jsonb",
}
LOCK_SQL = "SELECT 1 FROM annotations_node WHERE id = %(node_id)s AND project_id = %(project_id)s FOR UPDATE"
INSERT_SQL = f"""
    INSERT INTO annotations_labelevent ({", ".join(COLUMNS)}, scheme_id)
    SELECT {", ".join(f"%({name})s" for name in COLUMNS)}, s.id FROM (
        SELECT id, categories FROM annotations_labelscheme
        WHERE project_id = %(project_id)s ORDER BY version DESC LIMIT 1
    ) s WHERE true
"""  # noqa: S608 own column names
# Inserts nothing where something is amiss; the slower way then finds out what.
IF_NOTHING_IS_AMISS = """
    AND EXISTS (SELECT FROM annotations_node n WHERE n.id = %(node_id)s AND n.project_id = %(project_id)s)
    AND (%(seen)s IS NULL OR %(seen)s = (
        SELECT coalesce(max(e.id), 0) FROM annotations_labelevent e
        WHERE e.node_id = %(node_id)s AND (%(sees)s IS NULL OR e.voter = %(sees)s)))
    AND (%(category)s = '' OR EXISTS (
        SELECT FROM jsonb_array_elements(s.categories) c
        WHERE c ->> 'key' = %(category)s AND (c ->> 'active')::boolean))
    ON CONFLICT DO NOTHING
"""
RETURNING_SQL = " RETURNING id, created_at, scheme_id"
LOCK = Prepared("lock_step", LOCK_SQL, node_id="bigint", project_id="bigint")
SAVE = Prepared("save_label", INSERT_SQL + IF_NOTHING_IS_AMISS + RETURNING_SQL, **COLUMNS, seen="bigint", sees="text")


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a person says of a step. `rating` None takes his rating back; `category` is a key of the scheme."""

    rating: str | None
    category: str = ""
    note: str = ""
    rewrite: str = ""
    sureness: float | None = None
    seconds: float | None = None
    shown: dict[str, Any] = field(default_factory=dict)
    client: str = ""


@dataclass(frozen=True, slots=True)
class _Ground:
    """The step as it stands: newest visible event (0: none), the active categories of the newest scheme.

    `done` is the event that the viewer sent under this key before, if any.
    """

    version: int
    categories: frozenset[str]
    done: int | None


def save_label(
    *, access: Access, node_id: int, judgement: Judgement, seen_version: int | None, key: UUID | None
) -> LabelEvent:
    """Append the viewer's judgement of a step.

    `seen_version` is the version of the step (its newest visible event) that the form was made from, None to skip the
    check; a stale one raises Conflict. `key` makes a repeated send harmless: the first event is returned again.
    """
    rules.check(access, Act.LABEL)
    check_judgement(judgement)
    event = _event(access, node_id, judgement, LabelKind.RATING, None, key)
    # People wait for this, so it is one message: the second statement sees what the first waited for.
    _, stored = answers(
        LOCK.asked(node_id=node_id, project_id=access.project.pk),
        SAVE.asked(**_values(event), seen=seen_version, sees=label_params(access)["voter"]),
    )
    if stored:
        return _stored(event, stored[0])
    return _save_or_say_why(access, event, seen_version)


@transaction.atomic
def _save_or_say_why(access: Access, event: LabelEvent, seen_version: int | None) -> LabelEvent:
    """Return the event that this send made before, or raise what stands in its way."""
    node_id = event.node_id or 0
    ground = _lock(access, node_id, event.idempotency_key)
    if ground.done is not None:
        return _already(ground.done, node_id)
    if seen_version is not None and seen_version != ground.version:
        raise Conflict("This step was labelled since you opened it.", fresh=ground.version)
    if event.category and event.category not in ground.categories:
        known = ", ".join(sorted(ground.categories))
        raise BadInput(f"{event.category!r} is not an active category; expected one of {known}.", "category")
    return _append(event)


@transaction.atomic
def undo_label(*, access: Access, node_id: int, key: UUID | None = None) -> LabelEvent:
    """Append the state before the viewer's last judgement of a step; with another key it goes further back."""
    rules.check(access, Act.LABEL)
    ground = _lock(access, node_id, key)
    if ground.done is not None:
        return _already(ground.done, node_id)
    stack: list[LabelEvent] = []
    mine = LabelEvent.objects.filter(project=access.project, node_id=node_id, voter=voter_of(access.user.pk))
    for event in mine.order_by("id"):
        if event.kind == LabelKind.RETRACT:
            stack.pop()
        else:
            stack.append(event)
    if not stack:
        raise BadInput("There is nothing of yours to undo on this step.")
    undone = stack.pop()
    before = stack[-1] if stack else None
    judgement = Judgement(
        rating=before.rating if before else None,
        category=before.category if before else "",
        note=before.note if before else "",
        rewrite=before.rewrite if before else "",
        sureness=before.sureness if before else None,
    )
    return _append(_event(access, node_id, judgement, LabelKind.RETRACT, undone, key))


def step_version(access: Access, node_id: int) -> int:
    """Return the version of a step for this viewer: the id of its newest event that he may see, 0 if none."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(max(id), 0) FROM annotations_labelevent"
            " WHERE node_id = %(node)s AND project_id = %(project)s"
            " AND (%(voter)s::text IS NULL OR voter = %(voter)s)",
            {**label_params(access), "node": node_id},
        )
        return int(cursor.fetchone()[0])


def _lock(access: Access, node_id: int, key: UUID | None) -> _Ground:
    """Lock the step, then read what a judgement needs (a second statement: it must see what it waited for)."""
    with connection.cursor() as cursor:
        cursor.execute(LOCK_SQL, {"node_id": node_id, "project_id": access.project.pk})
        if cursor.fetchone() is None:
            raise NotFound("There is no such step.")
        cursor.execute(
            """
            SELECT (SELECT coalesce(max(e.id), 0) FROM annotations_labelevent e
                    WHERE e.node_id = %(node)s AND (%(voter)s::text IS NULL OR e.voter = %(voter)s)),
                   (SELECT coalesce(array_agg(c ->> 'key'), '{}') FROM jsonb_array_elements(s.categories) c
                          WHERE (c ->> 'active')::boolean),
                   (SELECT e.id FROM annotations_labelevent e WHERE e.project_id = %(project)s
                    AND e.author_id = %(author)s AND e.idempotency_key = %(key)s)
            FROM annotations_labelscheme s WHERE s.project_id = %(project)s ORDER BY s.version DESC LIMIT 1
            """,
            {**label_params(access), "node": node_id, "author": access.user.pk, "key": key},
        )
        row = cursor.fetchone()
    return _Ground(version=int(row[0]), categories=frozenset(row[1]), done=row[2])


def _already(event_id: int, node_id: int) -> LabelEvent:
    """Return the event of a repeated send; BadInput if its key was used for another step."""
    done = LabelEvent.objects.get(pk=event_id)
    if done.node_id != node_id:
        raise BadInput("This key was used for another step: send a new one.", "key")
    return done


def check_judgement(judgement: Judgement) -> None:
    """Raise BadInput for the first field that cannot be stored."""
    if judgement.rating is not None and judgement.rating not in RATINGS:
        raise BadInput(f"{judgement.rating!r} is not a rating; expected {', '.join(Rating)}.", "rating")
    for name, text in (("category", judgement.category), ("note", judgement.note), ("rewrite", judgement.rewrite)):
        if len(text) > NOTE_LIMIT:
            raise BadInput(f"The {name} may have at most {NOTE_LIMIT} characters.", name)
        check_text(text, name)
    if judgement.sureness is not None and not 0 <= judgement.sureness <= 1:
        raise BadInput("Sureness is a number from 0 to 1.", "sureness")


def check_text(text: str, name: str) -> None:
    """Raise BadInput for what a database cannot hold."""
    if not text:
        return
    if "\x00" in text:
        raise BadInput(f"The {name} holds a NUL character, which cannot be stored.", name)
    if not text.isascii() and any("\ud800" <= letter <= "\udfff" for letter in text):
        raise BadInput(f"The {name} holds half a character, which cannot be stored.", name)


def _event(
    access: Access,
    node_id: int,
    judgement: Judgement,
    kind: LabelKind,
    supersedes: LabelEvent | None,
    key: UUID | None,
) -> LabelEvent:
    return LabelEvent(
        project_id=access.project.pk,
        node_id=node_id,
        author=access.user,
        voter=voter_of(access.user.pk),
        source=LabelSource.PERSON,
        kind=kind,
        rating=judgement.rating,
        category=judgement.category,
        note=judgement.note,
        rewrite=judgement.rewrite,
        sureness=judgement.sureness,
        seconds=judgement.seconds,
        shown=judgement.shown or None,
        client=judgement.client[:40],
        supersedes=supersedes,
        idempotency_key=key,
    )


def _values(event: LabelEvent) -> dict[str, Any]:
    shown = Jsonb(event.shown) if event.shown else None
    return {name: getattr(event, name) for name in COLUMNS} | {"shown": shown}


def _append(event: LabelEvent) -> LabelEvent:
    with connection.cursor() as cursor:
        cursor.execute(INSERT_SQL + RETURNING_SQL, _values(event))
        return _stored(event, cursor.fetchone())


def _stored(event: LabelEvent, row: tuple[Any, ...]) -> LabelEvent:
    event.pk, event.created_at, event.scheme_id = row
    return event


def first_scheme(project_id: int) -> LabelScheme:
    """Return the project's newest scheme, made from the default categories if it has none."""
    scheme = LabelScheme.objects.filter(project_id=project_id).order_by("-version").first()
    return scheme or LabelScheme.objects.create(project_id=project_id, version=1, categories=rules.DEFAULT_CATEGORIES)
