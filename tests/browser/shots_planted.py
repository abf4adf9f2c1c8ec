"""Pictures of what planting and replaying show, 1280 and 390 px wide, light and dark. Not run with the tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from annotations import jobs
from annotations.models import Run, Tree
from annotations.tasks.loop import WorkLoop
from inference.types import Queue
from tests.browser.conftest import Opener
from tests.browser.shots import FOLDER, WIDTHS
from tests.factories import Cast


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pictures(open_page: Opener, planted: tuple[Cast, Tree], scheme: str, settings: Any, tmp_path: Path) -> None:
    settings.STUDIO_HOME = tmp_path
    team, _ = planted
    bo = team.access(team.bo)
    made = jobs.request_planting(access=bo, params={"problems": 120, "source": "both"})
    WorkLoop(Queue.LIGHT).run_once()
    replayed = jobs.request_replay(access=bo, params={"features": "words", "counts": "60,150,400,800"})
    WorkLoop(Queue.GPU).run_once()
    assert Run.objects.get(pk=replayed.pk).state == "done"
    tree = Tree.objects.filter(source="planted").latest("node_count")
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, address in (
        ("run-planted", f"/p/words/runs/{made.pk}/"),
        ("run-replayed", f"/p/words/runs/{replayed.pk}/"),
        ("tree-planted", f"/p/words/trees/{tree.pk}/"),
        ("data-plant", "/p/words/data/"),
        ("models-replay", "/p/words/models/"),
    ):
        for width, options in WIDTHS.items():
            page = open_page(address, team.bo, color_scheme=scheme, **options)
            page.wait_for_load_state("networkidle")
            page.screenshot(path=FOLDER / f"{name}-{width}-{scheme}.png", full_page=width == "390" or "run" in name)
