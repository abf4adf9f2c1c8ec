"""The models of a project and the runs that made or used them."""

from __future__ import annotations

from django.db.models import QuerySet

from annotations.access import Access
from annotations.errors import BadInput
from annotations.models import ModelArtefact, Run
from inference.types import RunKind

HEAD_KIND, ADAPTER_KIND, DEDUCER_KIND = "prm-head", "adapter", "deducibility-head"
# What a search asks by name, and the models that answer.
KIND_OF_SCORER = {"prm": HEAD_KIND, "deducibility": DEDUCER_KIND}


def heads(access: Access) -> QuerySet[ModelArtefact]:
    """Return the project's PRM heads, newest first, each with its run."""
    found = ModelArtefact.objects.filter(project=access.project, kind=HEAD_KIND)
    return found.select_related("run").order_by("-id")


def deducers(access: Access) -> QuerySet[ModelArtefact]:
    """Return the project's deducibility scorers, newest first, each with its run."""
    found = ModelArtefact.objects.filter(project=access.project, kind=DEDUCER_KIND)
    return found.select_related("run").order_by("-id")


def scorer_in_use(project_id: int, scorer: str, setting: str) -> ModelArtefact:
    """Return the newest model that scores a search's paths; BadInput names the search's `setting` where there is none.

    `scorer` is "prm" or "deducibility".
    """
    found = ModelArtefact.objects.filter(project=project_id, kind=KIND_OF_SCORER[scorer], active=True)
    newest = found.order_by("-id").first()
    if newest is None:
        name = "PRM" if scorer == "prm" else "deducibility scorer"
        otherwise = "set its weight to 0" if setting == "reward_prm" else "choose another guide"
        raise BadInput(
            f"There is no {name} to guide this search: train one on the page Models, or {otherwise}.", setting
        )
    return newest


def check_scorer(access: Access, scorer: str, setting: str) -> None:
    """Raise BadInput unless the project has the scorer that a search asks; "" asks none."""
    if scorer:
        scorer_in_use(access.project.pk, scorer, setting)


def last_run(access: Access, kind: RunKind) -> Run | None:
    return Run.objects.filter(project=access.project, kind=kind).order_by("-id").first()


def adapter_of(access: Access, run: Run) -> ModelArtefact | None:
    """Return the adapter that a run made."""
    return ModelArtefact.objects.filter(project=access.project, run=run, kind=ADAPTER_KIND).first()
