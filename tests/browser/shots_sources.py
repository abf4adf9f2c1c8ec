"""Pictures of generating problems and of pass rates, 1280 and 390 px wide, light and dark. Not run with the tests."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from annotations import generating, passrates
from annotations.models import Tree
from annotations.tasks.loop import WorkLoop
from inference.types import Queue
from tests.browser.conftest import Opener
from tests.browser.shots import FOLDER, WIDTHS
from tests.factories import Cast, engine


def work(queue: Queue, most: int = 100) -> None:
    loop = WorkLoop(queue)
    while most and loop.run_once():
        most -= 1
    loop.resident.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pictures(open_page: Opener, planted: tuple[Cast, Tree], scheme: str) -> None:
    team, _ = planted
    bo = team.access(team.bo)
    site = engine("Scripted", team.project)
    site.limits = {"shard": 8}
    site.save(update_fields=["limits"])
    params = {"generator": "reasoning_gym/chain_sum", "count": 60, "difficulty": "2"}
    made = generating.request_problems(access=bo, params=params)
    work(Queue.LIGHT)
    measured = passrates.request_pass_rates(access=bo, engine_id=site.pk, params={})
    work(Queue.GPU, most=5)
    take(open_page, team, scheme, ("run-rates-open", f"/p/words/runs/{measured.pk}/"))
    work(Queue.GPU)
    for shot in (
        ("data-generate", "/p/words/data/"),
        ("run-problems", f"/p/words/runs/{made.pk}/"),
        ("measure", "/p/words/runs/measure/"),
        ("run-rates", f"/p/words/runs/{measured.pk}/"),
        ("problems-rates", "/p/words/?sort=rate&rate=0.2-0.8"),
        ("run-new-band", "/p/words/runs/new/"),
    ):
        take(open_page, team, scheme, shot)
    empty = open_page("/p/words/runs/new/", team.bo, color_scheme=scheme, **WIDTHS["1280"])
    empty.fill("[name=low]", "0.97")
    empty.fill("[name=high]", "0.98")
    empty.check("[name=scope][value=all]")
    empty.click("button.primary")
    empty.wait_for_selector("#form .wrong")
    open_page.complaints.clear()
    empty.screenshot(path=FOLDER / f"run-new-empty-{scheme}.png")


def take(open_page: Callable[..., object], team: Cast, scheme: str, shot: tuple[str, str]) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for width, options in WIDTHS.items():
        page = open_page(shot[1], team.bo, color_scheme=scheme, **options)
        page.wait_for_load_state("load")  # type: ignore[attr-defined]
        page.screenshot(path=FOLDER / f"{shot[0]}-{width}-{scheme}.png", full_page=width == "390" or "run" in shot[0])  # type: ignore[attr-defined]
