"""The buttons of a run and of a growing tree: pause, resume, cancel, stop growing."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.views.decorators.http import require_POST

from annotations import jobs
from annotations.access import Access
from annotations.pages.http import in_project
from annotations.pages.posting import leave


@require_POST
@in_project
def run_pause(request: HttpRequest, access: Access, run_id: int) -> HttpResponse:
    run = jobs.pause_run(access=access, run_id=run_id)
    return leave(request, reverse("run", args=[access.project.slug, run.pk]))


@require_POST
@in_project
def run_resume(request: HttpRequest, access: Access, run_id: int) -> HttpResponse:
    run = jobs.resume_run(access=access, run_id=run_id)
    return leave(request, reverse("run", args=[access.project.slug, run.pk]))


@require_POST
@in_project
def run_cancel(request: HttpRequest, access: Access, run_id: int) -> HttpResponse:
    run = jobs.cancel_run(access=access, run_id=run_id)
    return leave(request, reverse("run", args=[access.project.slug, run.pk]))


@require_POST
@in_project
def tree_stop(request: HttpRequest, access: Access, tree_id: int) -> HttpResponse:
    """Stop one tree; the form says by `from` whether it stands on the run's page."""
    tree = jobs.stop_tree(access=access, tree_id=tree_id)
    if request.POST.get("from") == "run" and tree.run_id:
        return leave(request, reverse("run", args=[access.project.slug, tree.run_id]))
    return leave(request, reverse("tree", args=[access.project.slug, tree.pk]))


urlpatterns = [
    path("p/<slug:slug>/runs/<int:run_id>/pause/", run_pause, name="run-pause"),
    path("p/<slug:slug>/runs/<int:run_id>/resume/", run_resume, name="run-resume"),
    path("p/<slug:slug>/runs/<int:run_id>/cancel/", run_cancel, name="run-cancel"),
    path("p/<slug:slug>/trees/<int:tree_id>/stop/", tree_stop, name="tree-stop"),
]
