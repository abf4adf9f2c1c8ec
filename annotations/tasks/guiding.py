"""The scorer that a search asks, on the worker that grows its trees."""

from __future__ import annotations

from typing import TYPE_CHECKING

from annotations.models import ModelArtefact, Run
from annotations.selectors.artefacts import scorer_in_use
from annotations.tasks.score import check_model, load_head, model_folder
from inference.scoring.guide import PrmGuide
from inference.search import SearchParams

if TYPE_CHECKING:
    from annotations.tasks.loop import WorkLoop


def guide_of(run: Run, params: SearchParams, loop: WorkLoop) -> PrmGuide | None:
    """Return what scores the paths of a run's trees, None where its search asks nobody; DomainError: it lacks."""
    if not params.scorer:
        loop.resident.free_guide()
        return None
    artefact = _pinned(run, params)

    def make() -> PrmGuide:
        head = load_head(artefact)
        check_model(head.spec)
        return PrmGuide(head, model_folder(), loop.tick)

    return loop.resident.guide(artefact.pk, make)


def _pinned(run: Run, params: SearchParams) -> ModelArtefact:
    """Return the head of a run: the project's newest when its first tree grew, whatever was trained since."""
    if "guide" not in run.input:
        newest = scorer_in_use(run.project_id, params.scorer, params.scorer_setting)
        open_run = Run.objects.filter(pk=run.pk).exclude(input__has_key="guide")
        open_run.update(input={**run.input, "guide": newest.pk})
        run.refresh_from_db(fields=["input"])
    return ModelArtefact.objects.get(pk=run.input["guide"], project_id=run.project_id)
