"""What a run that checked again changed: two matrices, the changed steps, using its labels, taking them back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import path, reverse
from django.views.decorators.http import require_POST

from annotations import relabelling, rules
from annotations.access import Access
from annotations.models import Run
from annotations.pages import checked
from annotations.pages.checked import LABEL, NONE, VALUES, VERDICT, Value
from annotations.pages.http import in_project, page_or_part
from annotations.pages.links import address
from annotations.pages.posting import leave
from annotations.selectors import runs
from annotations.selectors.changes import ChangedStep, Labels, Wanted, changed_steps


@dataclass(frozen=True, slots=True)
class View:
    """What of the changes is shown, as the address says it; an unknown value counts as not given."""

    kind: str = VERDICT
    before: str = ""
    after: str = ""
    start: int | None = None

    @classmethod
    def read(cls, given: QueryDict) -> View:
        kind = LABEL if given.get("kind") == LABEL else VERDICT
        before, after = (given.get(name, "") for name in ("before", "after"))
        if before not in VALUES[kind] or after not in VALUES[kind]:
            before = after = ""
        start = given.get("from", "")
        return cls(kind, before, after, int(start) if start.isascii() and start.isdigit() and len(start) < 19 else None)

    @property
    def wanted(self) -> Wanted:
        before, after = (each.replace(NONE, "") if each else None for each in (self.before, self.after))
        return Wanted(self.kind, before, after, self.start)

    def url(self, page: str, start: int | None = None) -> str:
        kind = "" if self.kind == VERDICT else self.kind
        return address(page, {"kind": kind, "before": self.before, "after": self.after, "from": start or ""})


@dataclass(frozen=True, slots=True)
class Line:
    """A changed step as its line shows it; `url` opens the tree at the step."""

    step: ChangedStep
    url: str
    before: Value
    after: Value


@in_project
def run_changes(request: HttpRequest, access: Access, run_id: int) -> HttpResponse:
    run = runs.find_run(access, run_id)
    view = View.read(request.GET)
    return page_or_part(request, "runs/changes.html", "changes", _context(access, run, view))


def _context(access: Access, run: Run, view: View) -> dict[str, Any]:
    slug = access.project.slug
    page = reverse("run-changes", args=[slug, run.pk])
    steps, more, labels = changed_steps(access, run, view.wanted)
    current = (view.kind, view.before, view.after) if view.before else None
    found = checked.matrices(slug, run.pk, run.report, current)
    return {
        "project": access.project,
        "run": run,
        "view": view,
        "matrices": found,
        "lines": [_line(slug, view.kind, step) for step in steps],
        "about": _about(view),
        "all_url": address(page, {"kind": "" if view.kind == VERDICT else view.kind}) if view.before else "",
        "first_url": view.url(page) if view.start else "",
        "more_url": view.url(page, steps[-1].id) if more else "",
        "labels": labels,
        "asks": _asks(labels),
        "given": bool(run.report.get("labels")),
        "may_use": rules.can_use_labels(access, run.state, given=labels.used < labels.changed + labels.dropped),
        "may_take_back": rules.can_use_labels(access, run.state, given=labels.used > 0),
    }


def _line(slug: str, kind: str, step: ChangedStep) -> Line:
    url = address(reverse("tree", args=[slug, step.tree_id]), {"node": step.seq})
    return Line(step, url, checked.value(kind, step.before), checked.value(kind, step.after))


def _about(view: View) -> str:
    what = "verdict" if view.kind == VERDICT else "label"
    if not view.before:
        return f"Steps with another {what}"
    words = [checked.value(view.kind, each).word for each in (view.before, view.after)]
    return f"{what.capitalize()}: {words[0]} before, {words[1]} now"


def _asks(labels: Labels) -> str:
    """Say what using the labels does."""
    parts = []
    if labels.changed:
        parts.append(f"{labels.changed:,} label{'s' * (labels.changed != 1)} change{'s' * (labels.changed == 1)}")
    if labels.dropped:
        parts.append(f"{labels.dropped:,} {'are' if labels.dropped != 1 else 'is'} dropped")
    return ", ".join(parts)


@require_POST
@in_project
def labels_use(request: HttpRequest, access: Access, run_id: int) -> HttpResponse:
    """Put the run's labels in use."""
    count = relabelling.use_labels(access=access, run_id=run_id)
    return _done(request, access, run_id, f"{count:,} steps have the labels of this run now.")


@require_POST
@in_project
def labels_back(request: HttpRequest, access: Access, run_id: int) -> HttpResponse:
    """Give the steps the labels that they had before."""
    count = relabelling.take_back_labels(access=access, run_id=run_id)
    return _done(request, access, run_id, f"{count:,} steps have the labels that they had before.")


def _done(request: HttpRequest, access: Access, run_id: int, word: str) -> HttpResponse:
    messages.info(request, word)
    return leave(request, address(reverse("run-changes", args=[access.project.slug, run_id]), {"kind": LABEL}))


urlpatterns = [
    path("p/<slug:slug>/runs/<int:run_id>/changes/", run_changes, name="run-changes"),
    path("p/<slug:slug>/runs/<int:run_id>/labels/use/", labels_use, name="labels-use"),
    path("p/<slug:slug>/runs/<int:run_id>/labels/back/", labels_back, name="labels-back"),
]
