"""Pictures of runs: growing, paused, grown again, compared; 1280 and 390 px, light and dark. Not run with the tests."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from annotations import jobs
from annotations.models import Engine, Problem, Run, Tree, Worker
from annotations.tasks.loop import WorkLoop
from inference.types import Queue
from tests.browser.conftest import Opener
from tests.browser.shots import FOLDER, WIDTHS
from tests.factories import Cast

# The scripted engine tells no time of its own: figures as a batching engine gives them.
TOLD = """
UPDATE annotations_runshard SET checkpoint = jsonb_build_object(
    'sums', checkpoint->'sums' || '{"seconds": 41.2, "row_seconds": 980, "busy_seconds": 38.5, "prompt_tokens": 41000,
                                    "cached_tokens": 33600, "retries": 1}',
    'rounds', (SELECT jsonb_agg(each || jsonb_build_object('seconds', 4 + at % 3, 'row_seconds', 90 + 7 * (at % 4),
                                                          'busy_seconds', 4))
               FROM jsonb_array_elements(checkpoint->'rounds') WITH ORDINALITY said (each, at)))
WHERE checkpoint ? 'rounds'
"""
CONSISTENT = """
UPDATE annotations_tree SET stats = stats || '{"consistency": {"agree": 14, "disagree": 3, "undecided": 9}}'
WHERE state = 'done' AND run_id IS NOT NULL
"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pictures(open_page: Opener, planted: tuple[Cast, Tree], scheme: str) -> None:
    team, _ = planted
    first, second, third = at_work(team)
    for name, path in (
        ("runs-list", "/p/words/runs/"),
        ("runs-growing", f"/p/words/runs/{third.pk}/"),
        ("runs-done", f"/p/words/runs/{second.pk}/"),
        ("runs-again", f"/p/words/runs/new/?like={first.pk}"),
        ("runs-compare", f"/p/words/runs/compare/?a={first.pk}&b={second.pk}"),
        ("runs-compare-pick", f"/p/words/runs/compare/?a={first.pk}"),
    ):
        take(open_page, team, scheme, name, path)
    again = open_page(f"/p/words/runs/new/?like={first.pk}", team.bo, color_scheme=scheme, **WIDTHS["1280"])
    again.fill("#p-children", "5")
    again.screenshot(path=FOLDER / f"runs-again-changed-{scheme}.png", full_page=True)
    jobs.pause_run(access=team.access(team.bo), run_id=third.pk)
    take(open_page, team, scheme, "runs-paused", f"/p/words/runs/{third.pk}/")
    tree = third.trees.filter(state="growing", rounds_done__gt=0).first()
    assert tree is not None
    take(open_page, team, scheme, "runs-tree", f"/p/words/trees/{tree.pk}/")


def at_work(team: Cast) -> tuple[Run, Run, Run]:
    """Grow 48 problems, the same with other settings, and 60 half way."""
    engine = Engine.objects.create(name="Scripted", kind="scripted", limits={"shard": 12})
    team.project.engine_grants.create(engine=engine)
    keys = list(Problem.objects.filter(project=team.project, source="sample").values_list("pk", flat=True))
    bo, loop = team.access(team.bo), WorkLoop(Queue.GPU)
    runs = []
    for name, params, count in (
        ("Grow 48 trees", {}, 48),
        ("Wider trees", {"children": 5, "rounds": 12, "max_wrong": 6}, 48),
        ("Grow 60 trees", {}, 60),
    ):
        parent = runs[0].pk if name == "Wider trees" else None
        runs.append(
            jobs.request_generation(
                access=bo, engine_id=engine.pk, params=params, problem_ids=keys[:count], name=name, seed=2,
                parent_run=parent,
            )
        )  # fmt: skip
        most = 22 if count == 60 else 1000
        while most and loop.run_once():
            most -= 1
    loop.resident.close()
    half = runs[2].trees.filter(state="growing", rounds_done__gt=0).last()
    assert half is not None
    jobs.stop_tree(access=bo, tree_id=half.pk)
    with connection.cursor() as cursor:
        cursor.execute(TOLD)
        cursor.execute(CONSISTENT)
    started = timezone.now() - timedelta(minutes=9)
    Run.objects.filter(pk=runs[2].pk).update(started_at=started)
    for queue in Queue:
        Worker.objects.create(name=f"{queue}@here:1", queue=queue, host="here", pid=1)
    return runs[0], runs[1], Run.objects.get(pk=runs[2].pk)


def take(open_page: Callable[..., object], team: Cast, scheme: str, name: str, path: str) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for width, options in WIDTHS.items():
        page = open_page(path, team.bo, color_scheme=scheme, **options)
        page.wait_for_load_state("load")  # type: ignore[attr-defined]
        page.screenshot(path=FOLDER / f"{name}-{width}-{scheme}.png", full_page=True)  # type: ignore[attr-defined]
