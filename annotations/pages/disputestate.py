"""Which disagreements a reviewer walks through. The address says all of it, so that it can be sent."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from django.http import QueryDict
from django.urls import reverse
from django.utils.http import urlencode

from annotations.pages.links import address
from annotations.selectors.disputelist import KINDS, LAST_PAGE, STATES, DisputeQuery
from inference.desk import ItemState


@dataclass(frozen=True, slots=True)
class DisputeState:
    """The filter of the list; "" and None are what the address does not say."""

    slug: str
    state: str = ItemState.DISPUTED.value
    queue: int | None = None
    person: int | None = None
    kind: str = ""
    page: int = 1

    @classmethod
    def read(cls, slug: str, given: QueryDict) -> DisputeState:
        """Read a query string; an unknown value counts as not given, so that an old link still opens."""
        state, kind = given.get("state", ""), given.get("kind", "")
        return cls(
            slug=slug,
            state=state if state in STATES else ItemState.DISPUTED.value,
            queue=number(given.get("queue", "")),
            person=number(given.get("person", "")),
            kind=kind if kind in KINDS else "",
            page=min(number(given.get("page", "")) or 1, LAST_PAGE),
        )

    @property
    def query(self) -> DisputeQuery:
        return DisputeQuery(self.state, self.queue, self.person, self.kind, self.page)

    @property
    def fields(self) -> dict[str, str | int]:
        """Return the filter as the address says it, without the page."""
        state = "" if self.state == ItemState.DISPUTED else self.state
        return {"state": state, "queue": self.queue or "", "person": self.person or "", "kind": self.kind}

    @property
    def said(self) -> str:
        """The filter as a query string, for forms to send along."""
        return urlencode({name: value for name, value in self.fields.items() if value != ""})

    @property
    def url(self) -> str:
        return address(reverse("desk-disputes", args=[self.slug]), {**self.fields, "page": self.page_field})

    @property
    def page_field(self) -> str | int:
        return self.page if self.page > 1 else ""

    def with_(self, **fields: Any) -> str:
        """Return the address of another list, from its first page."""
        return replace(self, **{"page": 1, **fields}).url

    def item(self, item_id: int, **more: str | int) -> str:
        """Return the address of an item of this list."""
        return address(reverse("desk-dispute", args=[self.slug, item_id]), {**self.fields, **more})


def number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else None
