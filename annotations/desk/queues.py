"""Making labelling queues and changing them: settings, overlap, state, who they are assigned to."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection, transaction

from annotations import rules
from annotations.access import Access
from annotations.desk import priorities
from annotations.desk.filling import fill
from annotations.desk.managing import change_overlap
from annotations.desk.params import DeskSettings
from annotations.desk.sources import From, Source
from annotations.errors import BadInput
from annotations.models import LabelQueue, LabelSession
from annotations.rules import Act
from annotations.selectors.queues import find_queue
from annotations.teams import record
from inference.desk import DeskMode, DeskState, Strategy
from inference.engines.fields import SettingError
from inference.types import Role

NAME_LIMIT = 120
MOST_OVERLAP = 30
# What labels mean depends on these: they stay once somebody has begun.
FIXED_ONCE_BEGUN = ("rate", "alternatives")
LABELLERS = (Role.ANNOTATOR, Role.REVIEWER, Role.OWNER)
ASSIGN = """
    INSERT INTO annotations_queuemember (project_id, queue_id, user_id, assigned)
    SELECT %(project)s, %(queue)s, m.user_id, true FROM annotations_membership m
    WHERE m.project_id = %(project)s AND m.user_id = ANY(%(users)s) AND m.role = ANY(%(roles)s)
    ON CONFLICT (queue_id, user_id) DO UPDATE SET assigned = true
"""
UNASSIGN = """
    UPDATE annotations_queuemember SET assigned = false
    WHERE project_id = %(project)s AND queue_id = %(queue)s AND assigned AND NOT user_id = ANY(%(users)s)
"""


@transaction.atomic
def create_queue(
    *,
    access: Access,
    name: str,
    mode: str = DeskMode.SOLUTION,
    strategy: str = Strategy.ORDER,
    overlap: int = 1,
    agree: int = 0,
    most: int = 0,
    settings: Mapping[str, Any] | None = None,
    source: Source | Mapping[str, Any] | None = None,
    seed: int | None = None,
) -> LabelQueue:
    """Make an open queue and fill it from `source` (annotations.desk.sources); BadInput names what does not fit.

    With `agree` above 0 each item is labelled until that many agree on the first error, by at most `most` people.
    """
    rules.check(access, Act.QUEUE)
    wanted = source if isinstance(source, Source) else Source.from_mapping(source or {})
    queue = LabelQueue.objects.create(
        project=access.project,
        name=_name(name),
        mode=_one_of(DeskMode, mode, "mode"),
        strategy=_one_of(Strategy, strategy, "strategy"),
        **protocol(overlap, agree, most),
        settings=_settings(settings or {}),
        source=wanted.as_dict(),
        seed=secrets.randbelow(2**31) if seed is None else seed,
        created_by=access.user,
    )
    record(actor=access.user, action="queue made", project=access.project, queue=queue.pk, name=queue.name)
    if wanted.kind != From.NOTHING:
        fill(access=access, queue=queue, source=wanted)
    return queue


@transaction.atomic
def change_queue(
    *,
    access: Access,
    queue_id: int,
    name: str,
    strategy: str,
    overlap: int,
    agree: int = 0,
    most: int = 0,
    settings: Mapping[str, Any],
) -> LabelQueue:
    """Change a queue; once somebody has begun, what its labels mean must stay (FIXED_ONCE_BEGUN, agree and most).

    More overlap opens places of the items that are not settled; less takes only places that nobody has.
    """
    queue = _locked(access, queue_id)
    read, asked = _settings(settings), protocol(overlap, agree, most)
    if has_begun(queue):
        _check_fixed(queue, read, asked)
    before, turned = queue.overlap, queue.strategy != strategy
    queue.name, queue.strategy = _name(name), _one_of(Strategy, strategy, "strategy")
    queue.settings, queue.overlap, queue.agree, queue.most = read, asked["overlap"], asked["agree"], asked["most"]
    queue.save(update_fields=["name", "strategy", "settings", "overlap", "agree", "most"])
    if queue.overlap != before:
        change_overlap(queue, before)
    if turned:
        priorities.refresh(queue)
    return queue


@transaction.atomic
def set_state(*, access: Access, queue_id: int, state: str) -> LabelQueue:
    """Open, pause or close a queue. Who has an item may finish it."""
    queue = _locked(access, queue_id)
    queue.state = _one_of(DeskState, state, "state")
    queue.save(update_fields=["state"])
    record(actor=access.user, action=f"queue {state}", project=access.project, queue=queue.pk, name=queue.name)
    return queue


@transaction.atomic
def assign(*, access: Access, queue_id: int, users: Sequence[int]) -> int:
    """Assign a queue to these members and to nobody else; return to how many. BadInput for one who may not label."""
    queue = _locked(access, queue_id)
    chosen = sorted(set(users))
    values: dict[str, Any] = {"project": access.project.pk, "queue": queue.pk, "users": chosen}
    with connection.cursor() as cursor:
        cursor.execute(UNASSIGN, values)
        cursor.execute(ASSIGN, {**values, "roles": [role.value for role in LABELLERS]})
        assigned = int(cursor.rowcount)
    if assigned != len(chosen):
        raise BadInput("A queue is assigned to members who may label: annotators, reviewers and owners.", "members")
    record(actor=access.user, action="queue assigned", project=access.project, queue=queue.pk, users=chosen)
    return assigned


def has_begun(queue: LabelQueue) -> bool:
    return LabelSession.objects.filter(queue=queue.pk).exists()


def protocol(overlap: int, agree: int, most: int) -> dict[str, int]:
    """Return how many label an item, checked; until `agree` agree, that many label it to begin with."""
    for name, value, least in (("overlap", overlap, 1), ("agree", agree, 0), ("most", most, 0)):
        if type(value) is not int or not least <= value <= MOST_OVERLAP:
            raise BadInput(f"Expected a whole number from {least} to {MOST_OVERLAP}.", name)
    if agree == 1:
        raise BadInput("One person always agrees with himself: expected at least 2, or 0 for no such rule.", "agree")
    if agree and most < agree:
        raise BadInput(f"At least {agree} people are needed for {agree} to agree.", "most")
    if agree:
        return {"overlap": agree, "agree": agree, "most": most}
    return {"overlap": overlap, "agree": 0, "most": 0}


def _locked(access: Access, queue_id: int) -> LabelQueue:
    """Return the queue, held against other changes but not against people who take items."""
    rules.check(access, Act.QUEUE)
    find_queue(access, queue_id)
    return LabelQueue.objects.select_for_update(no_key=True).get(project=access.project, pk=queue_id)


def _check_fixed(queue: LabelQueue, settings: Mapping[str, Any], asked: Mapping[str, int]) -> None:
    stored = DeskSettings.from_mapping(queue.settings).as_dict()
    why = "This stays as it is once somebody has begun: make another queue for it."
    for name in FIXED_ONCE_BEGUN:
        if settings[name] != stored[name]:
            raise BadInput(why, name)
    for name in ("agree", "most"):
        if asked[name] != getattr(queue, name):
            raise BadInput(why, name)


def _name(name: str) -> str:
    name = name.strip()
    if not name or len(name) > NAME_LIMIT or "\x00" in name:
        raise BadInput(f"A queue needs a name of 1 to {NAME_LIMIT} characters.", "name")
    return name


def _one_of(words: Any, value: str, field: str) -> str:
    if value not in set(words):
        raise BadInput(f"{value!r} is no {field}; expected one of {', '.join(words)}.", field)
    return str(words(value))


def _settings(values: Mapping[str, Any]) -> dict[str, Any]:
    try:
        return DeskSettings.from_mapping(values).as_dict()
    except SettingError as error:
        raise BadInput(str(error), error.field) from None
