"""Quality: how people meet what is known, how far they agree, and how that goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.views.decorators.http import require_safe

from annotations import rules
from annotations.access import Access
from annotations.errors import NotFound
from annotations.models import LabelQueue
from annotations.pages import qualitytables
from annotations.pages.csvfile import csv_answer
from annotations.pages.deskframe import framed
from annotations.pages.http import in_project, page_or_part
from annotations.pages.qualityfiles import FILES
from annotations.pages.qualitystate import ITEMS, QualityState
from annotations.rules import Act
from annotations.selectors import quality as asking
from annotations.selectors.quality import CELL_STEPS, Said

if TYPE_CHECKING:
    from annotations.desk.measuring import Pair, Quality

# ProcessBench's protocol, for queues that have none of their own.
AGREE, MOST = 3, 5
ITEM_WORDS = dict(zip(ITEMS, ("Work", "Gold and screening", "All items"), strict=True))
STRETCHES = (("week", "By week"), ("items", "By 50 items"))


@require_safe
@in_project
def quality(request: HttpRequest, access: Access) -> HttpResponse:
    """The figures of what the address asks for; `csv` in it names the table that is sent instead of the page."""
    rules.check(access, Act.ADJUDICATE)
    state = QualityState.read(access.project.slug, request.GET)
    queues = asking.queues(access)
    said = asking.said(access, state.asked)
    found = measured(said, state)
    agree, most = _protocol(queues, state)
    if (name := request.GET.get("csv", "")) != "":
        if name not in FILES:
            raise NotFound(f"There is no such table; expected one of {', '.join(FILES)}.")
        return csv_answer(f"{access.project.slug}-{name}", *FILES[name](found, state, agree, most))
    context = {"state": state, "queues": queues, "anybody": bool(said.people), **_choices(state, said)}
    if said.sessions:
        context |= _tables(access, found, state, agree, most)
    return page_or_part(request, "desk/quality.html", "quality", framed(access, "desk-quality", **context))


def measured(said: Said, state: QualityState) -> Quality:
    # It loads numpy, a fifth of a second that no other page needs to pay.
    from annotations.desk.measuring import Quality

    return Quality(said, state.items)


def _protocol(queues: list[LabelQueue], state: QualityState) -> tuple[int, int]:
    """Return how many must agree, of how many at most: the queue's own, else ProcessBench's."""
    queue = next((each for each in queues if each.pk == state.queue), None)
    if queue is None or queue.agree < 1:
        return AGREE, MOST
    return queue.agree, max(queue.most, queue.agree)


def _choices(state: QualityState, said: Said) -> dict[str, Any]:
    files = {name: state.table(name) for name in FILES}
    return {
        "people_choices": [(user, name, user in state.who) for user, name in said.people],
        "items_choices": [(name, words, name == state.items) for name, words in ITEM_WORDS.items()],
        "filtered": any(state.filters.values()),
        "files": files,
    }


def _tables(access: Access, found: Quality, state: QualityState, agree: int, most: int) -> dict[str, Any]:
    agreement, pairs = found.agreement(agree, most), found.pairs()
    person = state.person if state.person in found.names else None
    name = found.names[person] if person else "everybody"
    chosen = qualitytables.chosen(found, pairs, state)
    return {
        "sentence": qualitytables.sentence(found, agreement),
        "agreement": qualitytables.agreement(agreement),
        "people": qualitytables.people(found.persons(), state),
        "drift": qualitytables.drift(found.drift(person, state.by), name),
        "drift_of": name,
        "everybody": state.with_(person=None) if person else "",
        "stretches": [(words, state.with_(by=by), by == state.by) for by, words in STRETCHES],
        "heads": [found.names[user] for user in found.shown[:-1]],
        "matrix": qualitytables.matrix(found, pairs, state),
        "left_out": len(found.people) - len(found.shown),
        "confusion": qualitytables.confusion(found, chosen, state) if chosen else None,
        "protocol": qualitytables.protocol(agreement, agree, most),
        **(_steps(access, found, chosen, state) if chosen and state.cell else {}),
    }


def _steps(access: Access, found: Quality, pair: Pair, state: QualityState) -> dict[str, Any]:
    """Return the steps behind a cell of the confusion matrix, and the ways to the pages beside."""
    cell = state.cell or ("", "")
    steps = asking.cell_steps(access, state.asked, (pair.first, pair.second), cell, state.page)
    said = (found.names[pair.first], cell[0], found.names[pair.second], cell[1])
    return {
        "cell": "{} says {}, {} says {}".format(*said),
        "steps": steps[:CELL_STEPS],
        "sooner": state.with_(page=state.page - 1) if state.page > 1 else "",
        "later": state.with_(page=state.page + 1) if len(steps) > CELL_STEPS else "",
    }


urlpatterns: list[URLPattern] = [path("p/<slug:slug>/desk/quality/", quality, name="desk-quality")]
