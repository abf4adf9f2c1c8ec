"""Review: steps on which PRM, tool and people disagree, the most confident disagreement first."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils.http import urlencode

from annotations.access import Access
from annotations.pages.http import in_project, page_or_part
from annotations.selectors import review as disagree
from annotations.selectors.review import Disagreement, Row

PAGE = 50
LAST_PAGE = 2000
KINDS = {
    Disagreement.PRM_LABEL: ("PRM against labels", "Labels that the newest PRM head contradicts"),
    Disagreement.TOOL_LABEL: ("Tool against labels", "Labels that a tool contradicts"),
    Disagreement.PRM_TOOL: ("PRM against tool", "Steps that a tool refutes and the PRM believes"),
}
MARK_OF_VERDICT = {"refuted": "incorrect", "supported": "correct", "undecided": "none"}


@in_project
def review(request: HttpRequest, access: Access) -> HttpResponse:
    """The steps of one kind of disagreement; kind and page stand in the address."""
    asked = request.GET.get("kind", "")
    counts = disagree.disagreement_counts(access)
    kind = Disagreement(asked) if asked in set(Disagreement) else _fullest(counts)
    page = _page(request.GET.get("page", ""))
    rows = disagree.disagreements(access, kind=kind, limit=PAGE + 1, offset=(page - 1) * PAGE)
    here = reverse("review", args=[access.project.slug])
    context = {
        "project": access.project,
        "kinds": [
            (f"{here}?{urlencode({'kind': one.value})}", name, counts.get(one, 0), one == kind)
            for one, (name, _) in KINDS.items()
        ],
        "kind": kind,
        "about": KINDS[kind][1],
        "total": counts.get(kind, 0),
        "rows": [_shown(access, row) for row in rows[:PAGE]],
        "page": page,
        "newer": page - 1,
        "older": page + 1 if len(rows) > PAGE else None,
    }
    return page_or_part(request, "review/list.html", "rows", context)


def _fullest(counts: dict[str, int]) -> Disagreement:
    """Return the first kind that has steps: an empty first page helps nobody."""
    return next((kind for kind in KINDS if counts.get(kind)), Disagreement.PRM_LABEL)


def _page(text: str) -> int:
    return min(max(int(text), 1), LAST_PAGE) if text.isascii() and text.isdigit() and len(text) < 6 else 1


def _shown(access: Access, row: Row) -> dict[str, Any]:
    tree = reverse("tree", args=[access.project.slug, row.tree_id])
    return {
        "row": row,
        "url": f"{tree}?node={row.seq}",
        "prm": "" if row.prm is None else f"{row.prm:.2f}",
        "mark": MARK_OF_VERDICT.get(row.verdict or "", "none"),
        "confidence": f"{100 * row.confidence:.0f}",
    }


urlpatterns = [path("p/<slug:slug>/review/", review, name="review")]
