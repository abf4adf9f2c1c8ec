"""What the quality page shows: filters, a person, a pair, a cell. The address says all of it and can be sent."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.http import QueryDict
from django.urls import reverse

from annotations.pages.links import address
from annotations.selectors.quality import ALL, KNOWN, WORK, Asked
from inference.types import Rating

ITEMS = (WORK, KNOWN, ALL)
BY = ("week", "items")
LAST_PAGE = 1_000


@dataclass(frozen=True, slots=True)
class QualityState:
    """The state as the address says it; None and () are what the address does not say."""

    slug: str
    queue: int | None = None
    who: tuple[int, ...] = ()
    since: date | None = None
    until: date | None = None
    items: str = WORK
    by: str = "week"
    person: int | None = None
    pair: tuple[int, int] | None = None
    cell: tuple[str, str] | None = None
    page: int = 1

    @classmethod
    def read(cls, slug: str, given: QueryDict) -> QualityState:
        """Read a query string; an unknown value counts as not given, so that an old link still opens."""
        who = [number for part in given.getlist("who")[:50] for text in part.split(".")[:50] if (number := _int(text))]
        pair = [_int(text) for text in given.get("pair", "").split(".")]
        row, _, column = given.get("cell", "").partition(".")
        return cls(
            slug=slug,
            queue=_int(given.get("queue", "")),
            who=tuple(dict.fromkeys(who)),
            since=_day(given.get("since", "")),
            until=_day(given.get("until", "")),
            items=_one_of(given.get("items", ""), ITEMS),
            by=_one_of(given.get("by", ""), BY),
            person=_int(given.get("person", "")),
            pair=(pair[0], pair[1]) if len(pair) == 2 and pair[0] and pair[1] and pair[0] != pair[1] else None,
            cell=(row, column) if {row, column} <= set(Rating) else None,
            page=min(_int(given.get("page", "")) or 1, LAST_PAGE),
        )

    @property
    def asked(self) -> Asked:
        return Asked(self.queue, self.who, self.since, self.until, self.items)

    @property
    def filters(self) -> dict[str, str | int]:
        """Return what the address says of the filter."""
        return {
            "queue": self.queue or "",
            "who": ".".join(map(str, self.who)),
            "since": self.since.isoformat() if self.since else "",
            "until": self.until.isoformat() if self.until else "",
            "items": self.items if self.items != WORK else "",
        }

    @property
    def url(self) -> str:
        return self._url()

    def with_(self, **fields: Any) -> str:
        """Return the address of another view of the same filter."""
        return replace(self, **fields).url

    def table(self, name: str) -> str:
        """Return the address of a table as a file."""
        return self._url(csv=name)

    def _url(self, **more: str) -> str:
        shown: dict[str, str | int] = {
            "by": self.by if self.by != BY[0] else "",
            "person": self.person or "",
            "pair": "{}.{}".format(*self.pair) if self.pair else "",
            "cell": "{}.{}".format(*self.cell) if self.cell else "",
            "page": self.page if self.page > 1 else "",
        }
        return address(reverse("desk-quality", args=[self.slug]), {**self.filters, **shown, **more})


def _int(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _one_of(text: str, known: tuple[str, ...]) -> str:
    return text if text in known else known[0]
