"""Pictures of what searches chose and of deducibility scorers, in all widths and schemes. Not run with the tests."""

from __future__ import annotations

import pytest

from annotations import jobs
from annotations.models import Engine, EngineGrant, ModelArtefact, Problem, Run, Tree
from annotations.tasks.loop import WorkLoop
from inference.sources.templates import TemplateSource
from inference.types import Queue
from tests import factories
from tests.browser.conftest import Opener
from tests.browser.shots import FOLDER, WIDTHS, import_samples
from tests.factories import Cast

METHODS = {
    "vote": {"method": "vote", "samples": 16, "early_stop": False},
    "beam": {"method": "beam", "guide": "deducibility", "width": 3, "draws": 5},
    "omega": {"method": "omega", "omega_rollouts": 8, "rounds": 6},
}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pictures(open_page: Opener, planted: tuple[Cast, Tree], scheme: str) -> None:
    team, _ = planted
    made = Engine.objects.create(name="Scripted", kind="scripted", limits={"shard": 12})
    EngineGrant.objects.create(project=team.project, engine=made)
    bo = team.access(team.bo)
    FOLDER.mkdir(parents=True, exist_ok=True)
    import_samples(team)
    asked = list(Problem.objects.filter(project=team.project, source="sample").values_list("pk", flat=True)[:24])
    for each in TemplateSource().problems(seed=3, count=24):
        row = factories.problem(team.project, each.problem.text, each.problem.answer)
        Problem.objects.filter(pk=row.pk).update(solution="\n".join(each.steps))
    jobs.request_training(access=bo, params={"objective": "deducibility", "features": "words", "l2": "1,10"})
    loop = WorkLoop(Queue.GPU)
    loop.run_once()
    runs = {
        name: jobs.request_generation(access=bo, engine_id=made.pk, params=params, problem_ids=asked, seed=2)
        for name, params in METHODS.items()
    }
    while loop.run_once():
        pass
    loop.resident.close()
    scorer = ModelArtefact.objects.get(kind="deducibility-head")
    places = {"models": "/p/words/models/", "run-deduced": f"/p/words/runs/{scorer.run_id}/"}
    places["chosen-run"] = f"/p/words/runs/{runs['vote'].pk}/"
    places["chosen-trees"] = f"/p/words/trees/?run={runs['vote'].pk}"
    for name, run in runs.items():
        places[f"chosen-{name}"] = address(run, name)
    places["chosen-outline"] = f"{places['chosen-vote']}#pane"
    for name, place in places.items():
        for width, options in WIDTHS.items():
            page = open_page(place, team.bo, color_scheme=scheme, **options)
            page.wait_for_load_state("networkidle")
            full = width == "390" and name != "chosen-outline"
            page.screenshot(path=FOLDER / f"{name}-{width}-{scheme}.png", full_page=full)


def address(run: Run, method: str) -> str:
    """Return a tree of the run whose memory holds most, at what it chose or where it found an error."""
    key = "errors" if method == "omega" else "votes" if method == "vote" else "best"
    trees = [tree for tree in Tree.objects.filter(run=run).order_by("pk") if tree.stats["memo"].get(key)]
    held = [tree.stats["memo"][key] for tree in trees]
    tree = trees[max(range(len(trees)), key=lambda at: len(held[at]) if isinstance(held[at], list) else 0)]
    seq = tree.stats["memo"]["errors"][0][0] if method == "omega" else tree.stats["memo"]["best"]
    return f"/p/words/trees/{tree.pk}/?node={seq}"
