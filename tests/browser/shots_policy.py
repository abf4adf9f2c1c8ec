"""Pictures of trained policies and of errors by an engine, in all widths and schemes. Not run with the tests."""

from __future__ import annotations

import math
from typing import Any

import pytest

from annotations import jobs
from annotations.models import Engine, EngineGrant, Run, Tree
from annotations.policies import request_policy
from annotations.tasks.loop import WorkLoop
from inference.types import Queue
from tests.browser.conftest import Opener
from tests.browser.shots import FOLDER, WIDTHS
from tests.factories import Cast, engine, person

POLICIES = [
    {"policy": "base", "solved": 4, "asked": 100, "low": 0.0157, "high": 0.0984, "parsed": 0.81},
    {"policy": "start", "solved": 14, "asked": 100, "low": 0.0853, "high": 0.2214, "parsed": 0.99},
    {"policy": "adapter", "solved": 23, "asked": 100, "low": 0.1584, "high": 0.3215, "parsed": 1.0},
]


def losses(steps: int) -> list[list[float]]:
    return [
        [step, round(0.3 + 1.7 * math.exp(-step / 40) + 0.05 * math.sin(step), 4)] for step in range(2, steps + 1, 2)
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pictures(open_page: Opener, planted: tuple[Cast, Tree], scheme: str) -> None:
    team, _ = planted
    small, _ = Engine.objects.get_or_create(name="Small model", defaults={"kind": "hf", "model": "SmolLM2-135M"})
    EngineGrant.objects.get_or_create(project=team.project, engine=small)
    bo = team.access(team.bo)
    live, done = (request_policy(access=bo, engine_id=small.pk, params={}) for _ in range(2))
    going: dict[str, Any] = {"steps_done": 92, "steps_total": 240, "losses": losses(92)}
    report = {"losses": losses(240), "steps": 240, "loss": 0.61, "texts": 1000, "examples": 1000, "paths": 0,
              "tokens": 103_424, "seconds": 1180.4, "policies": POLICIES}  # fmt: skip
    report["adapter"] = f"words-policy-{done.pk}"
    Run.objects.filter(pk=live.pk).update(state="running", report={"progress": going})
    Run.objects.filter(pk=done.pk).update(state="done", report=report)
    FOLDER.mkdir(parents=True, exist_ok=True)
    root = person("root", is_staff=True, is_superuser=True)
    for name, address, who in (
        ("policy-form", "/p/words/models/policy/", team.bo),
        ("policy-live", f"/p/words/runs/{live.pk}/", team.bo),
        ("policy-done", f"/p/words/runs/{done.pk}/", root),
        ("policy-models", "/p/words/models/", team.bo),
    ):
        for width, options in WIDTHS.items():
            page = open_page(address, who, color_scheme=scheme, **options)
            page.wait_for_load_state("networkidle")
            page.screenshot(path=FOLDER / f"{name}-{width}-{scheme}.png", full_page=True)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pictures_of_errors_by_an_engine(open_page: Opener, planted: tuple[Cast, Tree], scheme: str) -> None:
    team, _ = planted
    made = engine("Scripted", team.project)
    params = {"by": "engine", "problems": 40}
    run = jobs.request_planting(access=team.access(team.bo), params=params, engine_id=made.pk)
    WorkLoop(Queue.GPU).run_once()
    for name, address in (("plant-engine", f"/p/words/runs/{run.pk}/"), ("plant-form", "/p/words/data/")):
        for width, options in WIDTHS.items():
            page = open_page(address, team.bo, color_scheme=scheme, **options)
            page.wait_for_load_state("networkidle")
            if name == "plant-form":
                page.locator("#plant summary").click()
            page.screenshot(path=FOLDER / f"{name}-{width}-{scheme}.png", full_page=True)
