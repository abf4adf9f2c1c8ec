"""The items of a labelling queue as whoever manages it sees them: a page of them, with whom, until when."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Exists, F, OuterRef, QuerySet
from django.db.models.functions import Left
from django.utils import timezone

from annotations.access import Access
from annotations.models import LabelItem, LabelQueue, LabelSession
from annotations.selectors.queues import find_queue
from annotations.selectors.together import answers
from inference.desk import ItemRole, ItemState, SessionState

PAGE = 50
HEAD = 160
MOST_PAGES = 10_000
SORTS = {"number": ("number",), "priority": ("-priority", "number")}
GROUPS = "SELECT role, state, count(*) FROM annotations_labelitem WHERE queue_id = %(queue)s GROUP BY role, state"


@dataclass(frozen=True, slots=True)
class ItemQuery:
    """Which items somebody looks at. `held`: those that somebody has now."""

    state: str = ""
    role: str = ""
    held: bool = False
    sort: str = "number"
    page: int = 1

    @classmethod
    def read(cls, given: Mapping[str, str]) -> ItemQuery:
        """Read an address; what it does not know is left out."""
        page = given.get("page", "")
        return cls(
            state=given["state"] if given.get("state") in set(ItemState) else "",
            role=given["role"] if given.get("role") in set(ItemRole) else "",
            held=given.get("held") == "yes",
            sort=given["sort"] if given.get("sort") in SORTS else "number",
            page=min(max(int(page), 1), MOST_PAGES) if page.isascii() and page.isdigit() and len(page) < 9 else 1,
        )

    @property
    def narrowed(self) -> bool:
        return bool(self.state or self.role or self.held)


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody's session with an item."""

    id: int
    name: str
    state: str
    until: datetime | None
    submitted: datetime | None

    @property
    def leased(self) -> bool:
        return self.state == SessionState.LEASED

    @property
    def overdue(self) -> bool:
        return self.leased and self.until is not None and self.until < timezone.now()


@dataclass(slots=True)
class ItemRow:
    """An item with the first words of its problem and who has or had it."""

    item: LabelItem
    head: str
    seq: int | None
    holders: list[Holder] = field(default_factory=list)

    @property
    def leases(self) -> list[Holder]:
        return [each for each in self.holders if each.leased]

    @property
    def submitted(self) -> list[Holder]:
        return [each for each in self.holders if each.submitted is not None and not each.leased]


@dataclass(frozen=True, slots=True)
class ItemPage:
    """A page of items; `groups` counts all of the queue by (role, state)."""

    queue: LabelQueue
    query: ItemQuery
    rows: list[ItemRow]
    has_next: bool
    groups: Mapping[tuple[str, str], int]

    @property
    def first(self) -> int:
        return (self.query.page - 1) * PAGE + 1

    @property
    def last(self) -> int:
        return self.first + len(self.rows) - 1

    @property
    def total(self) -> int | None:
        """How many items fit; None where only a look at all leases would tell."""
        if self.query.held:
            return self.last if not self.has_next else None
        wanted = (self.query.role, self.query.state)
        return sum(
            n for key, n in self.groups.items() if all(not w or w == k for w, k in zip(wanted, key, strict=True))
        )


def item_page(access: Access, queue_id: int, query: ItemQuery) -> ItemPage:
    """Return a page of a queue's items: five messages whatever the number of items."""
    queue = find_queue(access, queue_id)
    (groups,) = answers((GROUPS, {"queue": queue.pk}))
    start = (query.page - 1) * PAGE
    found = list(_fitting(queue, query).values_list("pk", flat=True)[start : start + PAGE + 1])
    shown = LabelItem.objects.filter(pk__in=found[:PAGE]).order_by(*SORTS[query.sort])
    heads = shown.annotate(problem_head=Left(F("tree__problem__text"), HEAD), leaf_seq=F("leaf__seq"))
    rows = {item.pk: ItemRow(item, item.problem_head, item.leaf_seq) for item in heads}
    for item_id, holder in _holders(queue, rows):
        rows[item_id].holders.append(holder)
    counted = {(role, state): int(n) for role, state, n in groups}
    return ItemPage(queue, query, list(rows.values()), len(found) > PAGE, counted)


def _fitting(queue: LabelQueue, query: ItemQuery) -> QuerySet[LabelItem]:
    """Return the items that fit, alone: what is shown of them is asked for one page only."""
    items = LabelItem.objects.filter(queue=queue.pk)
    if query.state:
        items = items.filter(state=query.state)
    if query.role:
        items = items.filter(role=query.role)
    if query.held:
        items = items.filter(Exists(LabelSession.objects.filter(item=OuterRef("pk"), state=SessionState.LEASED)))
    return items.order_by(*SORTS[query.sort])


def _holders(queue: LabelQueue, items: Iterable[int]) -> Iterable[tuple[int, Holder]]:
    rows = LabelSession.objects.filter(queue=queue.pk, item__in=list(items)).order_by("pk")
    values = rows.values_list(
        "item_id", "pk", "user__first_name", "user__last_name", "user__username", "state", "lease_until", "submitted_at"
    )
    for item, key, first, last, username, state, until, submitted in values:
        yield item, Holder(key, f"{first} {last}".strip() or username, state, until, submitted)
