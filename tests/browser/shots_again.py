"""Pictures of checking again: the form, a run at work and ended, what changed, a step with verdicts of two versions."""

from __future__ import annotations

import pytest

from annotations import jobs
from annotations.checking import request_checking
from annotations.models import Engine, Problem, Run, StepChange, Tree
from annotations.tasks.loop import WorkLoop
from inference.types import Queue
from tests.annotations.check_cast import second_version, work, worker
from tests.browser.conftest import Opener
from tests.browser.shots import FOLDER, WIDTHS
from tests.factories import Cast

PAGES = (
    ("again-form", "/p/words/runs/check/?run={grown}"),
    ("again-run", "/p/words/runs/{run}/"),
    ("again-working", "/p/words/runs/{going}/"),
    ("again-grown", "/p/words/runs/{grown}/"),
    ("again-changes", "/p/words/runs/{run}/changes/"),
    ("again-labels", "/p/words/runs/{run}/changes/?kind=label"),
    ("again-step", "/p/words/trees/{tree}/?node={seq}"),
    ("again-none", "/p/words/runs/{grown}/changes/"),
)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pictures(open_page: Opener, planted: tuple[Cast, Tree], scheme: str) -> None:
    team, _ = planted
    places = checked_again(team)
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, address in PAGES:
        for width, options in WIDTHS.items():
            page = open_page(address.format(**places), team.bo, color_scheme=scheme, **options)
            page.wait_for_load_state("networkidle")
            long = name in ("again-changes", "again-labels")
            page.screenshot(path=FOLDER / f"{name}-{width}-{scheme}.png", full_page=not long)


def checked_again(team: Cast) -> dict[str, int]:
    """Grow trees, check them by another version under a policy, and begin a third time."""
    engine = Engine.objects.create(name="Scripted", kind="scripted", limits={"shard": 12})
    team.project.engine_grants.create(engine=engine)
    asked = Problem.objects.filter(project=team.project, source="sample").values_list("pk", flat=True)[:36]
    bo = team.access(team.bo)
    grown = jobs.request_generation(access=bo, engine_id=engine.pk, params={}, problem_ids=list(asked), seed=2)
    loop = WorkLoop(Queue.GPU)
    while loop.run_once():
        pass
    loop.resident.close()
    with second_version():
        run = request_checking(access=bo, parent_run=grown.pk, params={"policy": "veto", "min_rollouts": 2})
        work()
    going = request_checking(access=bo, params={"policy": "paper"}, name="All steps under the paper's policy")
    worker().run_once()
    Run.objects.filter(pk=going.pk).update(state="running", finished_at=None)
    change = StepChange.objects.filter(run=run, kind="verdict").select_related("node").latest("pk")
    return {
        "grown": grown.pk, "run": run.pk, "going": going.pk, "tree": change.node.tree_id, "seq": change.node.seq,
    }  # fmt: skip
