"""The models of a project and the runs that made or used them."""

from __future__ import annotations

from django.db.models import QuerySet

from annotations.access import Access
from annotations.models import ModelArtefact, Run
from inference.types import RunKind

HEAD_KIND, ADAPTER_KIND = "prm-head", "adapter"


def heads(access: Access) -> QuerySet[ModelArtefact]:
    """Return the project's PRM heads, newest first, each with its run."""
    found = ModelArtefact.objects.filter(project=access.project, kind=HEAD_KIND)
    return found.select_related("run").order_by("-id")


def last_run(access: Access, kind: RunKind) -> Run | None:
    return Run.objects.filter(project=access.project, kind=kind).order_by("-id").first()


def adapter_of(access: Access, run: Run) -> ModelArtefact | None:
    """Return the adapter that a run made."""
    return ModelArtefact.objects.filter(project=access.project, run=run, kind=ADAPTER_KIND).first()
