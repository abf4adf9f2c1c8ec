"""The desk's progress: how far it has come, who did how much how fast, what the aids are worth; a CSV behind each."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import URLPattern, path
from django.views.decorators.http import require_safe

from annotations import rules
from annotations.access import Access
from annotations.errors import BadInput, NotFound
from annotations.pages import aidswords, progresstables, progresswords
from annotations.pages.csvfile import csv_answer
from annotations.pages.deskframe import framed
from annotations.pages.http import in_project, page_or_part
from annotations.pages.links import address
from annotations.rules import Act
from annotations.selectors.deskfigures import Asked, Figures, figures
from annotations.selectors.desktally import compared

ELSEWHERE = "elsewhere"


@require_safe
@in_project
def progress(request: HttpRequest, access: Access) -> HttpResponse:
    """The figures of what the address asks for; `csv` in it names the table that is sent instead of the page."""
    rules.check(access, Act.LABEL)
    found = figures(access, read(request.GET, everybody=rules.can(access, Act.ADJUDICATE)))
    if (name := request.GET.get("csv", "")) != "":
        if name not in progresstables.TABLES:
            raise NotFound(f"There is no such table; expected one of {', '.join(progresstables.TABLES)}.")
        return csv_answer(name, *progresstables.TABLES[name](found))
    context = framed(access, "desk-progress", **_context(request, access, found))
    return page_or_part(request, "desk/progress.html", "figures", context)


def read(given: QueryDict, *, everybody: bool) -> Asked:
    """Read the filters; BadInput names the one that does not fit. Whoever sees himself alone asks for nobody else."""
    queue = given.get("queue", "")
    return Asked(
        queue=None if queue == ELSEWHERE else _number(given, "queue"),
        elsewhere=queue == ELSEWHERE,
        person=_number(given, "person") if everybody else None,
        since=_day(given, "from"),
        until=_day(given, "to"),
    )


def _number(given: QueryDict, name: str) -> int | None:
    text = given.get(name, "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise BadInput(f"{name}: expected a number, got {text[:40]!r}.", name)
    return int(text)


def _day(given: QueryDict, name: str) -> date | None:
    text = given.get(name, "")
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise BadInput(f"{name}: expected a day such as 2026-01-31, got {text[:40]!r}.", name) from None


def _context(request: HttpRequest, access: Access, found: Figures) -> dict[str, Any]:
    asked = found.asked
    kept = {
        "queue": ELSEWHERE if asked.elsewhere else asked.queue or "", "person": asked.person or "",
        "from": str(asked.since or ""), "to": str(asked.until or ""),
    }  # fmt: skip
    worth, lines = compared(found.sums), aidswords.lines(found.sums, found.people)
    return {
        "found": found,
        "kept": kept,
        "narrowed": any(kept.values()),
        "csv": {name.replace("-", "_"): address(request.path, {**kept, "csv": name}) for name in progresstables.TABLES},
        "sentence": progresswords.sentence(found),
        "tiles": progresswords.tiles(found),
        "queues": progresswords.queues(found, access.project.slug),
        "people": progresswords.people(found),
        "charts": progresswords.charts(found),
        "days": [day for day in reversed(found.days) if day.items or day.elsewhere][:31],
        "mixes": progresswords.mixes(found),
        "goal": aidswords.against_goal(found.sums.all()),
        "worth": aidswords.worth(worth),
        "compared": worth,
        "lines": [line for line in lines if not line.who],
        "person_lines": [line for line in lines if line.who],
        "anchoring": aidswords.anchoring(found.anchors),
        "anchored": aidswords.anchored(found.anchors),
    }


urlpatterns: list[URLPattern] = [path("p/<slug:slug>/desk/progress/", progress, name="desk-progress")]
