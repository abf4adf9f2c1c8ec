"""Pictures of the tour, its drill and what comes of it, 1280 and 390 px, light and dark. Not run with the tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from annotations import jobs, touring
from annotations.labelling import Judgement, save_label
from annotations.models import Node, Worker
from annotations.selectors.drill import drill
from annotations.tasks.loop import WorkLoop
from inference.types import Queue
from tests.browser.conftest import Opener
from tests.browser.shots import FOLDER, WIDTHS
from tests.factories import cast, engine


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pictures(open_page: Opener, transactional_db: None, scheme: str, settings: Any, tmp_path: Path) -> None:
    settings.STUDIO_HOME = tmp_path
    team = cast()
    engine(project=team.project)
    bo = team.access(team.bo)
    touring.plant(bo)
    touring.stories(bo)
    while WorkLoop(Queue.LIGHT).run_once() or WorkLoop(Queue.TOOLS).run_once():
        pass
    jobs.request_training(access=bo, params={"features": "words"})
    jobs.request_replay(access=bo, params={"features": "words", "counts": "100,250,550"})
    while WorkLoop(Queue.GPU).run_once():
        pass
    jobs.request_training(access=bo, params={})
    Worker.objects.create(name="gpu@desk:4711", queue="gpu", host="desk", pid=4711, doing="train run 6, shard 1")
    FOLDER.mkdir(parents=True, exist_ok=True)
    shoot(open_page, team.bo, scheme, "tour", "/p/words/tour/")
    shoot(open_page, team.bo, scheme, "tour-step", "/p/words/tour/blind/")
    for number, node in enumerate(drill(bo).nodes):
        wrong = Node.objects.get(pk=node).checks.filter(verdict="refuted").exists() or number % 4 == 1
        rating = "incorrect" if wrong else "correct"
        judgement = Judgement(rating, client="blind")
        save_label(access=bo, node_id=node, judgement=judgement, seen_version=None, key=None)
    shoot(open_page, team.bo, scheme, "tour-blind", "/p/words/tour/blind/")


def shoot(open_page: Opener, user: Any, scheme: str, name: str, address: str) -> None:
    for width, options in WIDTHS.items():
        page = open_page(address, user, color_scheme=scheme, **options)
        page.wait_for_selector("main h1")
        page.screenshot(path=FOLDER / f"{name}-{width}-{scheme}.png", full_page=True)
