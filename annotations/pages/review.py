"""Review: matrices of who disagrees with whom, the steps by confidence of the mistake, one step in its path."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.views.decorators.http import require_POST, require_safe

from annotations.access import Access
from annotations.errors import NotFound
from annotations.pages.http import in_project, page_or_part, wants_part
from annotations.pages.reviewrows import lines
from annotations.pages.reviewstate import ReviewState
from annotations.pages.reviewtables import facets, sayers, tables
from annotations.reviewing.slices import MOST_STEPS, NAME_LIMIT, delete_slice, send_slice
from annotations.rules import Act, can, can_delete_slice
from annotations.selectors import review as disagree
from annotations.selectors.review import MISTAKES, Ground, Matrix
from annotations.selectors.reviewed import reviewed_step
from annotations.selectors.slices import one_slice

PAGE = 50


@require_safe
@in_project
def review(request: HttpRequest, access: Access) -> HttpResponse:
    """The whole page, its three columns, or (asked for by a row of the list) the step alone."""
    state = ReviewState.read(access.project.slug, request.GET)
    if wants_part(request) and request.headers.get("HX-Target") == "step" and state.node:
        context = {"access": access, "project": access.project, **step_context(access, state)}
        return page_or_part(request, "review/review.html", "step", context)
    return page_or_part(request, "review/review.html", "columns", review_context(access, state))


def review_context(access: Access, state: ReviewState) -> dict[str, Any]:
    part = None if state.slice is None else one_slice(access, state.slice)
    ground = disagree.ground(access, state.question)
    state = _with_matrix(_with_scorers(state, ground), ground)
    found = disagree.find(access, state.question, ground, limit=PAGE + 1, offset=(state.page - 1) * PAGE)
    rows = found.rows[:PAGE]
    total = found.chosen(state.question)
    node = state.node or (rows[0].node_id if rows else None)
    state = replace(state, node=node)
    step = _step_or_none(access, state)
    context: dict[str, Any] = {
        "access": access,
        "project": access.project,
        "state": state,
        "ground": ground,
        "tables": tables(state, found),
        "rows": lines(state, rows),
        "total": total,
        "labelled": total - sum(n for (_, col), n in found.matrices[Matrix.LABEL].items() if col == "none"),
        "part": part,
        "about": _about(state, total, part is not None),
        "before": replace(state, page=state.page - 1, node=None).url if state.page > 1 else "",
        "after": replace(state, page=state.page + 1, node=None).url if len(found.rows) > PAGE else "",
        "can_send": can(access, Act.QUEUE) and total > 0 and part is None,
        "may_queue": can(access, Act.QUEUE),
        "can_delete": part is not None and can_delete_slice(access, part.created_by_id),
        "most": MOST_STEPS,
        **_scorer_links(state, ground),
        **step,
    }
    names = {row["key"]: row["name"] for row in step["page"].categories} if step else {}
    context["facets"] = facets(state, found, names)
    return context | _neighbours(state, [row.node_id for row in rows], context)


def _with_scorers(state: ReviewState, ground: Ground) -> ReviewState:
    """Name the scorers that the address leaves open: the one with most steps, and the next."""
    names = [name for name, _ in ground.scorers]
    scorer = state.scorer if state.scorer in names else next(iter(names), "")
    rest = [name for name in names if name != scorer]
    other = state.other if state.other in rest else next(iter(rest), "")
    return replace(state, scorer=scorer, other=other)


def _with_matrix(state: ReviewState, ground: Ground) -> ReviewState:
    """Name the matrix that the address leaves open: the first one that holds a mistake."""
    counts = disagree.matrices(ground.groups, state.question)
    holding = [matrix for matrix in Matrix if any(counts[matrix].get(cell) for cell in MISTAKES[matrix])]
    first = Matrix.LABEL if state.slice is not None or not holding else holding[0]
    return replace(state, matrix=state.matrix or first.value)


def _about(state: ReviewState, total: int, in_slice: bool) -> str:
    by, against = sayers(state, Matrix(state.matrix))
    row, _, col = state.cell.partition(".")
    if row:
        told = "no label" if col == "none" else col
        return f"{by} {row}, {against} {told}" if col != "none" else f"{by} {row}, {told}"
    return "All steps of the slice, in its order" if in_slice else f"{by} against {against}"


def _scorer_links(state: ReviewState, ground: Ground) -> dict[str, Any]:
    names = [name for name, _ in ground.scorers]
    return {
        "scorers": [(name, state.with_(scorer=name, other=""), name == state.scorer) for name in names],
        "others": [
            (name, state.with_(other=name), name == state.other) for name in names if name != state.scorer
        ],
    }  # fmt: skip


def _neighbours(state: ReviewState, nodes: list[int], context: dict[str, Any]) -> dict[str, str]:
    """Return the links of j and k: the step below and above in the list, at its ends the next and the last page."""
    at = nodes.index(state.node) if state.node in nodes else -1
    below = state.at(nodes[at + 1]) if at + 1 < len(nodes) else context["after"]
    above = state.at(nodes[at - 1]) if at > 0 else context["before"]
    return {"below": below, "above": above}


def _step_or_none(access: Access, state: ReviewState) -> dict[str, Any]:
    """Return the step's part of the page; an old link to a step that is gone opens the list."""
    try:
        return step_context(access, state) if state.node else {}
    except NotFound:
        return {}


def step_context(access: Access, state: ReviewState) -> dict[str, Any]:
    found = reviewed_step(access, state.node or 0)
    return {
        "state": state,
        "page": found,
        "here": found.here,
        "can_label": can(access, Act.LABEL),
        "form": {"key": uuid4(), "version": found.here.version, "typed": found.mine},
        "review_query": state.url.partition("?")[2],
    }


@require_POST
@in_project
def send(request: HttpRequest, access: Access) -> HttpResponse:
    """Keep the steps that the address stands for as a slice to label through, and open it."""
    state = ReviewState.read(access.project.slug, QueryDict(request.POST.get("query", "")))
    nodes: list[int] = []
    if can(access, Act.QUEUE):
        ground = disagree.ground(access, state.question)
        state = _with_scorers(state, ground)
        nodes = disagree.chosen_nodes(access, state.question, ground, MOST_STEPS)
    name = request.POST.get("name", "")[: NAME_LIMIT + 1]
    made = send_slice(access=access, name=name, nodes=nodes, found_by=state.fields)
    return redirect(ReviewState(access.project.slug, slice=made.pk).url)


@require_POST
@in_project
def delete(request: HttpRequest, access: Access, slice_id: int) -> HttpResponse:
    """Delete a slice and return to the whole review."""
    name = delete_slice(access=access, slice_id=slice_id)
    messages.info(request, f"The slice {name} is deleted. Its steps and their labels stay.")
    return redirect(ReviewState(access.project.slug).url)


urlpatterns: list[URLPattern] = [
    path("p/<slug:slug>/review/", review, name="review"),
    path("p/<slug:slug>/review/slices/", send, name="review-send"),
    path("p/<slug:slug>/review/slices/<int:slice_id>/delete/", delete, name="review-slice-delete"),
]
