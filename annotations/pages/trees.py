"""The list of trees, the tree page, and a path in every format."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.views.decorators.http import require_safe

from annotations.access import Access
from annotations.errors import NotFound
from annotations.pages import chosen
from annotations.pages.http import in_project, page_or_part, wants_part
from annotations.pages.outline import outline
from annotations.pages.run_view import choices
from annotations.pages.treemap import drawn
from annotations.pages.treestate import MEASURES, TreeState, landed, walk
from annotations.rules import Act, can, can_stop_tree
from annotations.selectors import problems, trees
from annotations.selectors.chosen import chosen_in
from annotations.selectors.steps import path_rationale, step_page
from annotations.selectors.unread import unread
from inference.formats import FORMATS

WAYS = (
    ("h", "Back", "To the step before on the path"),
    ("k", "Up", "To the step above in the outline"),
    ("j", "Down", "To the step below in the outline"),
    ("l", "Forward", "To the first step that continues this one"),
)


@require_safe
@in_project
def tree_list(request: HttpRequest, access: Access) -> HttpResponse:
    number, run = request.GET.get("page", ""), request.GET.get("run", "")
    query = trees.TreeQuery(
        show=request.GET.get("show", ""),
        run=int(run) if run.isdigit() and len(run) < 18 else None,
        page=min(max(int(number), 1), trees.LAST_PAGE) if number.isdigit() and len(number) < 6 else 1,
    )
    found = trees.tree_page(access, query)
    counts = chosen_in(access, query.run) if query.run else (0, 0, 0)
    context = {
        "choices": choices(counts),
        "access": access,
        "query": query,
        "found": found,
        "trees": problems.with_labelled(access, found.rows),
        "next_page": query.page + 1 if found.has_next else None,
        "previous_page": query.page - 1,
        "shows": [("", "all", query.show not in trees.SHOWS)]
        + [(key, name, key == query.show) for key, (name, _) in trees.SHOWS.items()],
    }
    return page_or_part(request, "trees/list.html", "results", context)


@require_safe
@in_project
def tree(request: HttpRequest, access: Access, tree_id: int) -> HttpResponse:
    state = TreeState.read(access, tree_id, request.GET)
    if "live" in request.GET and wants_part(request):
        return grown_since(request, access, state)
    context = tree_context(access, state, whole_page=not wants_part(request) or "map" in request.GET)
    response = page_or_part(request, "trees/tree.html", "here", context)
    if wants_part(request):
        response["HX-Push-Url"] = context["state"].url
    return response


def grown_since(request: HttpRequest, access: Access, state: TreeState) -> HttpResponse:
    """Answer a page that watches a growing tree: nothing, or outline and map with the steps that came since."""
    seen = request.GET.get("live", "")
    if trees.one_tree(access, state.tree_id).standing == seen:
        return HttpResponse(status=204)
    context = tree_context(access, state)
    response = page_or_part(request, "trees/tree.html", "live", context)
    if seen.startswith("growing-0"):
        # There was no step to stand on: the page is drawn anew.
        response["HX-Refresh"] = "true"
    return response


def tree_context(access: Access, state: TreeState, *, whole_page: bool = True) -> dict[str, Any]:
    """Return what the tree page shows; without `whole_page` neither outline nor map is drawn."""
    whole = trees.tree_map(access, state.tree_id)
    kept = whole.fitting(state.filter)
    state = landed(state, whole, kept)
    context: dict[str, Any] = {"access": access, "tree": whole.tree, "problem": whole.tree.problem, "state": state}
    context["measures"] = [(name, state.with_(measure=key), key == state.measure) for key, name in MEASURES.items()]
    context["filters"] = _filters(whole, state)
    context["may_stop"] = can_stop_tree(access, whole.tree.state, whole.tree.run.state if whole.tree.run else None)
    if state.seq:
        page = step_page(access, whole, state.seq)
        ways = walk(state, whole, kept)
        context |= {"page": page, "here": page.here, "can_label": can(access, Act.LABEL)}
        context["walk"] = [(key, name, told, ways[key]) for key, name, told in WAYS]
        context["following"] = ways["j"] or state.url
        context["siblings"] = _linked(whole, state, _brothers(whole, state.seq))
        context["children"] = _linked(whole, state, page.here.spot.children)
        context["lines"] = [(step, state.at(step.spot.seq)) for step in page.path]
        context["form"] = {"key": uuid4(), "version": page.here.version, "typed": page.mine}
        above = page.here.spot.parent
        draws = unread(access, state.tree_id, {above, state.seq})
        context["unread_here"] = [draw for draw in draws if draw.after == above]
        context["unread_next"] = [draw for draw in draws if draw.after == state.seq]
    else:
        context["unread_here"] = unread(access, state.tree_id, {0})
    found = chosen.found_in(whole)
    context |= {**chosen.context(whole, found, state), "erring": found.errors}
    if whole_page:
        context |= {"outline": outline(whole, state, kept, found), "map": drawn(whole, state, kept)}
    return context


def _filters(whole: trees.TreeMap, state: TreeState) -> list[tuple[str, str, int, bool]]:
    """Return name, address, number of steps and whether it stands, for every filter; the first is none of them."""
    rows = [("All", state.with_(filter=""), len(whole.spots), "")]
    for key, (name, _) in trees.FILTERS.items():
        rows.append((name, state.with_(filter=key), len(whole.fitting(key) or ()), key))
    return [(name, url, count, key == state.filter) for name, url, count, key in rows]


def _brothers(whole: trees.TreeMap, seq: int) -> list[int]:
    parent = whole.spots[seq].parent
    brothers = whole.spots[parent].children if parent in whole.spots else whole.roots
    return [brother for brother in brothers if brother != seq]


def _linked(whole: trees.TreeMap, state: TreeState, steps: list[int]) -> list[tuple[trees.Spot, str]]:
    return [(whole.spots[seq], state.at(seq)) for seq in steps]


@require_safe
@in_project
def formats(request: HttpRequest, access: Access, tree_id: int) -> HttpResponse:
    """Show the path to a step side by side in every format of the registry."""
    state = TreeState.read(access, tree_id, request.GET)
    whole = trees.tree_map(access, tree_id)
    state = landed(state, whole, None)
    if not state.seq:
        raise NotFound("This tree has no step yet.")
    page = step_page(access, whole, state.seq)
    rationale = path_rationale(access, tree_id, page)
    context = {
        "access": access,
        "tree": whole.tree,
        "state": state,
        "here": page.here,
        "finished": page.here.spot.terminal,
        "rendered": [(form, form.render(rationale).text) for form in FORMATS.values()],
    }
    return page_or_part(request, "trees/formats.html", "columns", context)


urlpatterns: list[URLPattern] = [
    path("p/<slug:slug>/trees/", tree_list, name="tree-list"),
    path("p/<slug:slug>/trees/<int:tree_id>/", tree, name="tree"),
    path("p/<slug:slug>/trees/<int:tree_id>/formats/", formats, name="formats"),
]
