"""Pictures of the pages, 1280 and 390 px wide, light and dark. Run by scripts/shots.py, not with the tests."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from annotations import imports, jobs, samples
from annotations.models import Engine, Problem, Run, Tree, Worker
from annotations.tasks.loop import WorkLoop
from inference.types import Queue
from tests.browser.conftest import Opener
from tests.factories import Cast

FOLDER = Path(__file__).parents[2] / "build" / "shots"
# Name of the picture, address, who looks ("" for nobody).
PAGES = (
    ("login", "/login/", ""),
    ("home", "/", "odo"),
    ("problems", "/p/words/", "ada"),
    ("problem", "/p/words/problems/{problem}/", "bo"),
    ("trees", "/p/words/trees/", "ada"),
    ("tree", "/p/words/trees/{tree}/?node=5", "ada"),
    ("tree-large", "/p/words/trees/{large}/?node=400&measure=visits", "ada"),
    ("tree-filter", "/p/words/trees/{tree}/?node=5&filter=disagreement&measure=label", "bo"),
    ("tree-outline", "/p/words/trees/{tree}/?node=5#pane", "ada"),
    ("formats", "/p/words/trees/{tree}/formats/?node=12", "ada"),
    ("history", "/p/words/nodes/{node}/history/", "bo"),
    ("error", "/p/nowhere/", "ada"),
    ("runs", "/p/words/runs/", "bo"),
    ("run-new", "/p/words/runs/new/", "bo"),
    ("run", "/p/words/runs/{run}/", "bo"),
    ("run-imported", "/p/words/runs/{imported}/", "odo"),
    ("run-trained", "/p/words/runs/{trained}/", "bo"),
    ("models", "/p/words/models/", "bo"),
    ("review", "/p/words/review/", "bo"),
    ("data", "/p/words/data/", "odo"),
    ("settings", "/p/words/settings/", "odo"),
    ("settings-categories", "/p/words/settings/categories/", "odo"),
    ("settings-members", "/p/words/settings/members/", "odo"),
    ("settings-end", "/p/words/settings/end/", "odo"),
    ("settings-audit", "/p/words/settings/audit/", "odo"),
    ("guidelines", "/p/words/guidelines/", "ada"),
)
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
WIDTHS = {"1280": {"viewport": {"width": 1280, "height": 800}}, "390": PHONE}
# Formulae are drawn as they come near the window: go past all of them first.
PAST_ALL = """async () => {
  for (let y = 0; y < document.body.scrollHeight; y += 500) {
    scrollTo(0, y);
    await new Promise((done) => setTimeout(done, 40));
  }
  scrollTo(0, 0);
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pictures(open_page: Opener, planted: tuple[Cast, Tree], scheme: str) -> None:
    team, tree = planted
    large = Tree.objects.latest("pk")
    places = {"tree": tree.pk, "problem": tree.problem_id, "large": large.pk, "node": tree.nodes.get(seq=5).pk}
    places |= at_work(team)
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, address, who in PAGES:
        for width, options in WIDTHS.items():
            user = getattr(team, who) if who else None
            page = open_page(address.format(**places), user, color_scheme=scheme, **options)
            page.wait_for_load_state("networkidle")
            page.evaluate(PAST_ALL)
            page.screenshot(path=FOLDER / f"{name}-{width}-{scheme}.png", full_page=width == "390")
    open_page.forgive("404")
    if scheme == "light":
        # The readme shows this one.
        shutil.copy(FOLDER / "tree-1280-light.png", FOLDER.parents[1] / "docs" / "images" / "tree.png")


def at_work(team: Cast) -> dict[str, int]:
    """Leave a project in full work: an import with a refused row, trees half grown, a head trained from labels."""
    team.project.guidelines = (samples.SAMPLE / "guidelines.md").read_text()
    team.project.save()
    imported = import_samples(team)
    engine = Engine.objects.create(name="Scripted", kind="scripted", limits={"shard": 12})
    team.project.engine_grants.create(engine=engine)
    asked = Problem.objects.filter(project=team.project, source="sample").values_list("pk", flat=True)[:48]
    bo = team.access(team.bo)
    run = jobs.request_generation(access=bo, engine_id=engine.pk, params={}, problem_ids=list(asked), seed=2)
    loop = WorkLoop(Queue.GPU)
    for _ in range(22):
        loop.run_once()
    trained = jobs.request_training(access=bo, params={"features": "words", "least": 2})
    loop.run_once()
    loop.resident.close()
    for queue in Queue:
        later = timezone.now() + timedelta(hours=1)
        Worker.objects.create(name=f"{queue}@here:1", queue=queue, host="here", pid=1, seen_at=later)
    return {"run": run.pk, "imported": imported.pk, "trained": trained.pk}


def import_samples(team: Cast) -> Run:
    path = FOLDER / "problems.jsonl"
    path.write_text((samples.SAMPLE / "problems.jsonl").read_text() + '{"question": "no problem field"}\nnot JSON\n')
    report = imports.import_file(project=team.project, path=path, name=path.name, format="plain", actor=team.odo)
    path.unlink()
    return Run.objects.create(
        project=team.project, kind="import", state="done", name="Import problems.jsonl", requested_by=team.odo,
        report=report.to_json(), input={"name": "problems.jsonl"},
    )  # fmt: skip
