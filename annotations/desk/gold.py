"""Items with known labels: marking them, taking the mark off, and who passed the screening.

A known item is handed out among the others, unmarked, to whoever never had it (annotations.desk.taking); whoever
submits it is scored against `expected` (annotations.desk.submitting). What was submitted before it was marked is not.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection, transaction
from django.db.models import F

from annotations import rules
from annotations.access import Access
from annotations.desk.params import ALL, DeskSettings
from annotations.desk.settling import settle
from annotations.errors import BadInput, NotFound
from annotations.models import LabelItem, LabelQueue, LabelSession, QueueMember, SessionEvent, User
from annotations.rules import Act
from annotations.selectors.itemwords import Item, words, works
from annotations.selectors.known import MOST, KnownFrom, expected_params, expected_sql
from annotations.selectors.together import answers
from annotations.teams import record
from inference.desk import ItemRole, SessionAct, SessionState
from inference.labelwork import known_right

# So many people may label a known item: all.
EVERYBODY = 30_000
KNOWN_ROLES = (ItemRole.GOLD, ItemRole.SCREENING)
MARK_SQL = f"""
    UPDATE annotations_labelitem i SET role = %(role)s, expected = k.expected, state = 'open', settled_at = NULL,
           wanted = {EVERYBODY}, places = {EVERYBODY} - i.takers
    FROM known k WHERE i.id = k.item RETURNING i.id
"""  # noqa: S608 a constant
EXPECT_SQL = """
    UPDATE annotations_labelitem i SET expected = k.expected || jsonb_build_object('was', i.expected -> 'was')
    FROM known k WHERE i.id = k.item RETURNING i.id
"""
UNMARK_SQL = """
    UPDATE annotations_labelitem i SET role = 'work', expected = NULL,
           state = CASE WHEN i.expected ->> 'was' = 'decided' THEN 'decided' ELSE 'open' END,
           settled_at = CASE WHEN i.expected ->> 'was' = 'decided' THEN now() END,
           wanted = greatest(q.overlap, i.takers), places = greatest(q.overlap - i.takers, 0)
    FROM annotations_labelqueue q
    WHERE q.id = i.queue_id AND q.id = %(queue)s AND i.project_id = %(project)s AND i.id = ANY(%(items)s)
      AND i.role <> 'work'
    RETURNING i.id
"""


@transaction.atomic
def mark(
    *,
    access: Access,
    queue_id: int,
    role: str,
    source: str,
    items: Sequence[int] | None = None,
    most: int = MOST,
) -> int:
    """Mark items of a queue as gold or screening with what `source` says is right; return how many.

    `items` None: as many as `most` (2,000 at most) of those that fit, drawn by the queue's seed. An item of which too
    little is known is left out. Who labels an item just now goes on and is scored when he submits it.
    """
    rules.check(access, Act.QUEUE)
    queue, known = _queue(access, queue_id), _source(source)
    _check_role(role)
    if most < 1:
        raise BadInput("At least one item is marked at a time.", "most")
    chosen = None if items is None else list(items)
    params = expected_params(access, queue, known, items=chosen, most=most) | {"role": role}
    _lock(access, chosen)
    [rows] = answers((expected_sql(known) + MARK_SQL, params))
    record(actor=access.user, action="items marked", project=access.project, queue=queue.pk, role=role,
           source=known.value, items=len(rows))  # fmt: skip
    return len(rows)


@transaction.atomic
def expect_anew(*, access: Access, queue_id: int, source: str, items: Sequence[int]) -> int:
    """Take what is expected of known items from another source, score again who was scored on them; return how many."""
    rules.check(access, Act.QUEUE)
    queue, known = _queue(access, queue_id), _source(source)
    params = expected_params(access, queue, known, items=list(items), most=MOST, work=False)
    _lock(access, items)
    [rows] = answers((expected_sql(known) + EXPECT_SQL, params))
    _score_again(access, queue, [row[0] for row in rows])
    record(actor=access.user, action="gold changed", project=access.project, queue=queue.pk, source=known.value,
           items=len(rows))  # fmt: skip
    return len(rows)


@transaction.atomic
def unmark(*, access: Access, queue_id: int, items: Sequence[int]) -> int:
    """Make known items ordinary work again; return how many. Nobody is scored on them any more.

    What was labelled stays and counts as work: an item that enough people submitted is settled by what they said.
    """
    rules.check(access, Act.QUEUE)
    queue = _queue(access, queue_id)
    _lock(access, items)
    with connection.cursor() as cursor:
        cursor.execute(UNMARK_SQL, {"project": access.project.pk, "queue": queue.pk, "items": list(items)})
        done = [row[0] for row in cursor.fetchall()]
    LabelSession.objects.filter(item_id__in=done).update(gold_right=None, gold_known=None)
    for item in LabelItem.objects.filter(pk__in=done, takers__gt=0):
        settle(item)
    record(actor=access.user, action="items unmarked", project=access.project, queue=queue.pk, items=len(done))
    return len(done)


@transaction.atomic
def change_role(*, access: Access, queue_id: int, items: Sequence[int], role: str) -> int:
    """Make gold of screening items, or the other way round; return how many changed."""
    rules.check(access, Act.QUEUE)
    queue = _queue(access, queue_id)
    _check_role(role)
    rows = LabelItem.objects.filter(project=access.project, queue=queue, pk__in=list(items), role__in=KNOWN_ROLES)
    changed = rows.exclude(role=role).update(role=role)
    record(actor=access.user, action="items marked", project=access.project, queue=queue.pk, role=role, items=changed)
    return changed


@transaction.atomic
def let_pass(*, access: Access, queue_id: int, user_id: int) -> None:
    """Let somebody work on a queue whatever his screening says."""
    rules.check(access, Act.ADJUDICATE)
    member = _member(access, queue_id, user_id)
    QueueMember.objects.filter(pk=member.pk).update(passed=True, passed_by=access.user)
    record(actor=access.user, action="screening passed", project=access.project, queue=queue_id, user=user_id)


@transaction.atomic
def ask_again(*, access: Access, queue_id: int, user_id: int) -> int:
    """Have somebody do the screening anew; return how many of its items he is given back.

    Items of the screening that he never had come first, then those that he submitted before: their ratings stay as
    what he said, and are said anew.
    """
    rules.check(access, Act.ADJUDICATE)
    member = _member(access, queue_id, user_id)
    done = LabelSession.objects.select_for_update(no_key=True, of=("self",)).filter(
        queue_id=queue_id, user_id=user_id, item__role=ItemRole.SCREENING, state=SessionState.SUBMITTED
    )
    sessions = list(done.order_by("id"))
    for session in sessions:
        told = {"asked_again": True, "by": access.user.pk, "right": session.gold_right, "known": session.gold_known}
        SessionEvent.objects.create(
            project=access.project, session=session, user=access.user, kind=SessionAct.RETURNED, data=told
        )
    ids = [session.pk for session in sessions]
    LabelItem.objects.filter(pk__in=[session.item_id for session in sessions]).update(
        places=F("places") + 1, takers=F("takers") - 1
    )
    LabelSession.objects.filter(pk__in=ids).update(
        state=SessionState.RETURNED, gold_right=None, gold_known=None, lease_until=None
    )
    QueueMember.objects.filter(pk=member.pk).update(passed=None, passed_by=None)
    record(actor=access.user, action="screening asked again", project=access.project, queue=queue_id, user=user_id)
    return len(ids)


def _score_again(access: Access, queue: LabelQueue, items: Sequence[int]) -> None:
    """Score those again who were scored on these items."""
    scored = LabelSession.objects.filter(item_id__in=items, gold_known__isnull=False).select_related("item")
    sessions = {session.pk: session for session in scored}
    if not sessions:
        return
    rate_all = DeskSettings.from_mapping(queue.settings).rate == ALL
    (rows,) = answers(words(access.project.pk, list(sessions)))
    held = [Item(pk, session.item.leaf_id is None, session.own) for pk, session in sessions.items()]
    for pk, work in works(held, rows).items():
        right, known = known_right(work, sessions[pk].item.expected or {}, rate_all=rate_all)
        sessions[pk].gold_right, sessions[pk].gold_known = right, known
    LabelSession.objects.bulk_update(sessions.values(), ["gold_right", "gold_known"])


def _queue(access: Access, queue_id: int) -> LabelQueue:
    queue = LabelQueue.objects.filter(project=access.project, pk=queue_id).first()
    if queue is None:
        raise NotFound("There is no such queue.")
    return queue


def _source(source: str) -> KnownFrom:
    if source not in set(KnownFrom):
        raise BadInput(f"{source[:40]!r} is no source of labels; expected one of {', '.join(KnownFrom)}.", "source")
    return KnownFrom(source)


def _check_role(role: str) -> None:
    if role not in KNOWN_ROLES:
        raise BadInput(f"{role[:40]!r} is no role of a known item; expected {' or '.join(KNOWN_ROLES)}.", "role")


def _lock(access: Access, items: Sequence[int] | None) -> None:
    """Keep the items as they are while they are looked at; of all of a queue each is locked as it is marked."""
    if items is not None:
        rows = LabelItem.objects.filter(project=access.project, pk__in=list(items)).order_by("pk")
        list(rows.select_for_update(no_key=True).values_list("pk"))


def _member(access: Access, queue_id: int, user_id: int) -> QueueMember:
    """Return somebody's place in a queue; whoever never took an item of it gets one."""
    queue = _queue(access, queue_id)
    if not User.objects.filter(pk=user_id, memberships__project=access.project).exists():
        raise NotFound("There is no such member.")
    found, _ = QueueMember.objects.get_or_create(queue=queue, user_id=user_id, defaults={"project": access.project})
    return found
