"""Tools: can their verdicts be trusted on this project's steps? One verifier closely, and the steps behind a count."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import NoReverseMatch, path, reverse
from django.views.decorators.http import require_safe

from annotations import rules
from annotations.access import Access
from annotations.errors import NotFound
from annotations.pages import toolcharts, tooldocs, toolwords
from annotations.pages.http import in_project, page_or_part, wants_part
from annotations.pages.links import address
from annotations.rules import Act
from annotations.selectors import tools as measuring
from annotations.selectors.projects import newest_scheme
from annotations.selectors.review import MISTAKES, Matrix
from annotations.selectors.tools import Measured, Tools
from annotations.selectors.toolsteps import STEPS_A_PAGE, Cell, closely, steps_of
from annotations.selectors.workers import SandboxOfWorker, sandbox_status
from annotations.trust import Calibration, Trust, percent
from inference.types import LabelSource, Rating
from inference.verifiers.params import TOOLS

LAST_PAGE = 10_000
RATED = (*(rating.value for rating in Rating), "")
SOURCES = {
    LabelSource.PERSON: "People",
    LabelSource.DECISION: "Decisions",
    LabelSource.IMPORT: "Imported",
    LabelSource.PLANTED: "Planted",
}
PAGES_ABOUT = {"trust": "How tools are measured", "sandbox": "How programs are confined"}
RATED_WORDS = {"": "no label"}


@dataclass(frozen=True, slots=True)
class Card:
    """A verifier as the list shows it; `measured` is None where it has looked at nothing here."""

    name: str
    title: str
    says: str
    kinds: tuple[str, ...]
    measured: Measured | None
    url: str

    @property
    def sentence(self) -> str:
        return toolwords.sentence(self.name, self.measured.trust) if self.measured else ""

    @property
    def rows(self) -> list[toolwords.Row]:
        return (
            toolwords.rows(self.name, self.measured.trust) if self.measured and self.measured.trust.labelled() else []
        )

    @property
    def verdicts(self) -> list[tuple[str, str, int]]:
        return toolwords.verdicts(self.measured.trust) if self.measured else []

    @property
    def broken(self) -> str:
        return toolwords.broken(self.measured) if self.measured else ""


@require_safe
@in_project
def tool_list(request: HttpRequest, access: Access) -> HttpResponse:
    found = measuring.tools(access)
    cards = [_card(access, name, found.newest().get(name)) for name in _names(found)]
    context = {
        **_frame(access),
        "cards": [card for card in cards if card.measured],
        "unused": [card for card in cards if not card.measured],
        "labelled": any(card.measured.trust.labelled() for card in cards if card.measured),
        "due": found.due,
        "jails": jails(sandbox_status(access)),
        "documented": tooldocs.about("trust") is not None,
        "sandbox_documented": tooldocs.about("sandbox") is not None,
    }
    return page_or_part(request, "tools/list.html", "tools", context)


def _frame(access: Access) -> dict[str, Any]:
    may = {"may_run": rules.can(access, Act.RUN), "may_import": rules.can(access, Act.IMPORT)}
    return {"project": access.project, "blind": not rules.can(access, Act.SEE_OTHERS), **may}


def _names(found: Tools) -> list[str]:
    """Return the verifiers to show: those of the registry in its order, then others that have spoken here."""
    spoke = [each.verifier for each in found.measured]
    fitting = [name for name in TOOLS if name in spoke or name in found.fitting()]
    return list(dict.fromkeys([*fitting, *spoke]))


def _card(access: Access, name: str, measured: Measured | None) -> Card:
    url = _page(access, name)
    if name not in TOOLS:
        return Card(name, name, "A verifier that is not part of this studio.", (), measured, url)
    return Card(name, TOOLS[name].title, TOOLS[name].says, TOOLS[name].kinds, measured, url)


def _page(access: Access, name: str) -> str:
    """Return the address of a verifier's page; "" for a name that stands in none, such as one with a line break."""
    try:
        return reverse("tool", args=[access.project.slug, name])
    except NoReverseMatch:
        return ""


@dataclass(frozen=True, slots=True)
class Jail:
    """Where alike workers of a queue run models' programs; None: the worker does not know yet."""

    queue: str
    name: str
    light: bool | None
    heavy: bool | None
    why: str


def jails(found: list[SandboxOfWorker]) -> list[Jail]:
    """Return what the workers say of their sandboxes, alike ones once."""
    return list(dict.fromkeys(_jail(each.worker.queue, each.status) for each in found))


def _jail(queue: str, said: Mapping[str, Any]) -> Jail:
    if not said:
        return Jail(queue, "not known yet", None, None, "")
    # The version names each sandbox in use.
    name = str(said.get("version") or said.get("name", ""))
    return Jail(queue, name, bool(said.get("light")), bool(said.get("heavy")), str(said.get("reason", "")))


@require_safe
@in_project
def tool_page(request: HttpRequest, access: Access, verifier: str) -> HttpResponse:
    """One verifier: its versions, label sources, error categories, sureness; `cell` in the address lists steps."""
    found = measuring.tools(access, verifier)
    if not found.measured and verifier not in TOOLS:
        raise NotFound("There is no such tool.")
    chosen = next((each for each in found.measured if each.version == request.GET.get("version")), None)
    chosen = chosen or next(iter(found.measured), None)
    context = {**_frame(access), "card": _card(access, verifier, chosen), "chosen": chosen, "due": found.due}
    context |= {"doc": tooldocs.about(verifier)}
    if chosen is None:
        return page_or_part(request, "tools/tool.html", "tool", context)
    context |= _listing(request, access, chosen)
    if wants_part(request) and request.headers.get("HX-Target") == "steps":
        return page_or_part(request, "tools/tool.html", "steps", context)
    context |= _closely(access, found.measured, chosen)
    return page_or_part(request, "tools/tool.html", "tool", context)


def _listing(request: HttpRequest, access: Access, chosen: Measured) -> dict[str, Any]:
    """Return the steps of the cell that the address names, and the ways to the pages beside."""
    cell = Cell.read(request.GET.get("cell", ""))
    if cell is None:
        return {"cell": None}
    given = request.GET.get("page", "")
    page = min(max(int(given), 1), LAST_PAGE) if given.isascii() and given.isdigit() and len(given) < 6 else 1
    steps = steps_of(access, chosen.verifier, chosen.version, cell, page)
    beside = {"later": page + 1 if len(steps) > STEPS_A_PAGE else 0, "sooner": page - 1}
    here = _address(access, chosen, str(cell))
    return {
        "cell": cell,
        "rated": RATED_WORDS.get(cell.rating, cell.rating),
        "steps": [(step, toolwords.MARKS[step.verdict]) for step in steps[:STEPS_A_PAGE]],  # type: ignore[index]
        **{name: f"{here}&page={number}" if number else "" for name, number in beside.items()},
    }


def _address(access: Access, chosen: Measured, cell: str = "") -> str:
    at = reverse("tool", args=[access.project.slug, chosen.verifier])
    return address(at, {"version": chosen.version, "cell": cell})


def _closely(access: Access, versions: list[Measured], chosen: Measured) -> dict[str, Any]:
    near = closely(access, chosen.verifier, chosen.version)
    scheme = newest_scheme(access)
    names = {each["key"]: each["name"] for each in (scheme.categories if scheme else [])}
    sources = [(SOURCES[LabelSource(name)], found) for name, found in near.by_source.items()]
    sure = near.calibration
    return {
        "matrix": _matrix(access, chosen),
        "heads": [(rating or "none", RATED_WORDS.get(rating, rating)) for rating in RATED],
        "versions": [_version(access, each, chosen) for each in versions] if len(versions) > 1 else [],
        "sources": _sources(sources, chosen.trust) if len(sources) > 1 else [],
        "only_source": sources[0][0] if len(sources) == 1 else "",
        "categories": toolwords.categories(chosen, names),
        "reliability": toolcharts.reliability(sure) if sure else None,
        "sure": _sure(sure) if sure else None,
        "bins": [(each, percent(each.share.value), toolwords.interval(each.share)) for each in sure.bins]
        if sure
        else [],
    }


def _sure(found: Calibration) -> dict[str, str]:
    told = {name: f"{getattr(found, name):.3f}" for name in ("ece", "brier", "always")}
    return {**told, "n": f"{found.n:,}", "worth": "no better than" if found.brier >= found.always else "against"}


def _matrix(access: Access, chosen: Measured) -> list[tuple[str, str, list[tuple[str, int, bool]]]]:
    """Return a line a verdict: its mark, and by rating the steps' address, number, and whether the two contradict."""
    return [
        (kind, mark, [
            (_address(access, chosen, str(Cell(kind, rating))), chosen.trust.said(kind, rating),
             (kind, rating) in MISTAKES[Matrix.TOOL])
            for rating in RATED
        ])
        for kind, mark, _ in toolwords.verdicts(chosen.trust)
    ]  # fmt: skip


def _version(access: Access, each: Measured, chosen: Measured) -> dict[str, Any]:
    lines = toolwords.compared(each.trust)
    return {
        "name": each.version, "url": _address(access, each), "current": each is chosen, "steps": each.trust.said(),
        "verdicts": toolwords.verdicts(each.trust), "lines": lines, "broken": toolwords.broken(each),
    }  # fmt: skip


def _sources(sources: list[tuple[str, Trust]], together: Trust) -> list[tuple[str, int, Any]]:
    rows = [*sources, ("Together, people first", together)]
    return [(name, found.labelled(), toolwords.compared(found)) for name, found in rows]


@require_safe
@in_project
def about_page(request: HttpRequest, access: Access, name: str) -> HttpResponse:
    """What docs/verifiers says of how tools are measured and which policy is offered, and of the sandbox."""
    title, text = PAGES_ABOUT.get(name, ""), tooldocs.about(name)
    if not title or text is None:
        raise NotFound("There is no such page.")
    return page_or_part(request, "tools/about.html", "text", {"project": access.project, "title": title, "html": text})


urlpatterns = [
    path("p/<slug:slug>/tools/", tool_list, name="tool-list"),
    path("p/<slug:slug>/tools/about/<slug:name>/", about_page, name="tools-about"),
    path("p/<slug:slug>/tools/<path:verifier>/", tool_page, name="tool"),
]
