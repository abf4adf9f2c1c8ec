"""Gold and screening: the known items of a queue, how people meet them, marking and unmarking, who passed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_http_methods

from annotations import rules
from annotations.access import Access
from annotations.desk import gold
from annotations.desk.params import DeskSettings
from annotations.errors import BadInput, NotFound
from annotations.models import LabelQueue
from annotations.pages import goldwords
from annotations.pages.deskframe import framed
from annotations.pages.goldwords import SOURCES, Question, counted
from annotations.pages.http import in_project, page_or_part
from annotations.pages.links import address
from annotations.pages.qualitytables import told
from annotations.rules import Act
from annotations.selectors import quality as asking
from annotations.selectors.known import MOST, Candidate, KnownFrom, candidates, known_items
from inference.desk import ItemRole

SHOWN = 20
USUAL = 20


@dataclass(frozen=True, slots=True)
class Wish:
    """What a form of the page asks for; `items` None: as many as `most` of those that fit."""

    act: str
    queue: LabelQueue
    role: str
    source: str
    items: list[int] | None
    most: int
    user: int
    sure: bool


@require_http_methods(["GET", "HEAD", "POST"])
@in_project
def known(request: HttpRequest, access: Access) -> HttpResponse:
    """The known items and who is screened; a form is carried out once the question that it brings is answered."""
    rules.check(access, Act.QUEUE if request.method == "POST" else Act.ADJUDICATE)
    queues = asking.queues(access)
    queue = _chosen(queues, (request.POST or request.GET).get("queue", ""))
    if request.method == "POST":
        if queue is None:
            raise NotFound("There is no such queue.")
        return _answer(request, access, _wish(request, queue))
    context = {"queues": queues, "queue": queue, **(_shown(request, access, queue) if queue else {})}
    return page_or_part(request, "desk/gold.html", "gold", framed(access, "desk-quality", **context))


def _chosen(queues: list[LabelQueue], asked: str) -> LabelQueue | None:
    """Return the queue that is asked for, else the newest."""
    if asked:
        return next((queue for queue in queues if str(queue.pk) == asked), None)
    return queues[-1] if queues else None


def _shown(request: HttpRequest, access: Access, queue: LabelQueue) -> dict[str, Any]:
    given = request.GET.get("from", "")
    source = KnownFrom(given) if given in set(KnownFrom) else None
    fitting = candidates(access, queue, source) if source else []
    items, people = known_items(access, queue)
    settings = DeskSettings.from_mapping(queue.settings)
    here = reverse("desk-gold", args=[access.project.slug])
    return {
        "items": [(each, told(each.right), told(each.right_ratings)) for each in items],
        "suspects": sum(each.suspect for each in items),
        "people": [(each, told(each.right)) for each in people],
        "settings": settings,
        "screens": settings.screening > 0 or any(each.role == ItemRole.SCREENING for each in items),
        "sources": [
            (name, words, address(here, {"queue": queue.pk, "from": name.value}), name == source)
            for name, words in SOURCES.items()
        ],
        "source": source,
        "source_words": SOURCES[source] if source else "",
        "fitting": fitting[:SHOWN],
        "fit": len(fitting),
        "all_fit": f"{MOST:,} or more items" if len(fitting) == MOST else counted(len(fitting), "item"),
        "usual": min(USUAL, len(fitting)),
    }


def _wish(request: HttpRequest, queue: LabelQueue) -> Wish:
    given = request.POST
    act, _, role = given.get("act", "").partition(" ")
    if act not in goldwords.ACTS:
        raise BadInput(f"{act[:40]!r} is no act of this page; expected one of {', '.join(goldwords.ACTS)}.", "act")
    items = [_whole(text, "item") for text in given.getlist("item")[:MOST]]
    drawn = act == "mark" and given.get("which") == "drawn"
    if act not in ("mark", "pass", "ask") and not items:
        raise BadInput("Choose items first.", "item")
    if act == "mark" and not drawn and not items:
        raise BadInput("Choose items first, or draw some.", "item")
    return Wish(
        act, queue, role or given.get("role", ""), given.get("source", ""), None if drawn else items,
        _whole(given.get("most", "") or "1", "most"), _whole(given.get("user", "") or "0", "user"),
        given.get("sure") == "yes",
    )  # fmt: skip


def _whole(text: str, name: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise BadInput(f"{name}: expected a whole number, got {text[:40]!r}.", name)
    return int(text)


def _answer(request: HttpRequest, access: Access, wish: Wish) -> HttpResponse:
    """Ask whether it is meant, or do it and go back to the list."""
    if not wish.sure and wish.act != "pass":
        question = _question(access, wish)
        context = framed(access, "desk-quality", wish=wish, question=question, back=_back(access, wish))
        return render(request, "desk/gold_sure.html", context)
    messages.info(request, _done(access, wish))
    return redirect(_back(access, wish))


def _back(access: Access, wish: Wish) -> str:
    return address(reverse("desk-gold", args=[access.project.slug]), {"queue": wish.queue.pk})


def _question(access: Access, wish: Wish) -> Question:
    if wish.act == "mark":
        return goldwords.marking(wish.queue.name, wish.role, _source(wish), _meant(access, wish))
    items, people = known_items(access, wish.queue)
    if wish.act == "ask":
        person = next((each for each in people if each.user == wish.user), None)
        if person is None:
            raise NotFound("There is no such member of this queue.")
        return goldwords.asking_again(person)
    meant = [each for each in items if each.id in set(wish.items or ())]
    if not meant:
        raise BadInput("None of these items is gold or screening any more.", "item")
    if wish.act == "unmark":
        return goldwords.unmarking(meant)
    return goldwords.anew(meant, _source(wish)) if wish.act == "anew" else goldwords.changing(meant, wish.role)


def _meant(access: Access, wish: Wish) -> list[Candidate]:
    fitting = candidates(access, wish.queue, _source(wish))
    meant = fitting if wish.items is None else [each for each in fitting if each.id in set(wish.items)]
    if not meant:
        raise BadInput("None of these items fits: too little is known of them.", "item")
    return meant[: wish.most] if wish.items is None else meant


def _source(wish: Wish) -> KnownFrom:
    if wish.source not in set(KnownFrom):
        raise BadInput(f"{wish.source[:40]!r} is no source; expected one of {', '.join(KnownFrom)}.", "source")
    return KnownFrom(wish.source)


def _done(access: Access, wish: Wish) -> str:
    """Do what is wished and say what was done."""
    on: dict[str, Any] = {"access": access, "queue_id": wish.queue.pk}
    items = wish.items or []
    if wish.act == "mark":
        done = gold.mark(**on, role=wish.role, source=wish.source, items=wish.items, most=max(wish.most, len(items)))
        return f"{counted(done, 'item')} marked as {wish.role}."
    if wish.act == "unmark":
        return f"{counted(gold.unmark(**on, items=items), 'item')} made ordinary work again."
    if wish.act == "anew":
        done = gold.expect_anew(**on, source=wish.source, items=items)
        return f"What is expected of {counted(done, 'item')} is changed; those who were scored are scored again."
    if wish.act == "role":
        return f"{counted(gold.change_role(**on, items=items, role=wish.role), 'item')} made {wish.role}."
    if wish.act == "pass":
        gold.let_pass(**on, user_id=wish.user)
        return "Passed: work of this queue is handed out from now on."
    return f"Asked again: {counted(gold.ask_again(**on, user_id=wish.user), 'item')} given back."


urlpatterns: list[URLPattern] = [path("p/<slug:slug>/desk/quality/gold/", known, name="desk-gold")]
