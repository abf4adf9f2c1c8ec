"""Pictures of what a model drew and nobody can read, in all widths and schemes. Not run with the tests."""

from __future__ import annotations

import pytest

from annotations.models import Tree
from tests.browser.conftest import Opener
from tests.browser.shots import FOLDER, WIDTHS
from tests.factories import cast
from tests.pages.test_bad_output import grown


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pictures(open_page: Opener, scheme: str) -> None:
    team = cast()
    run = grown(team)
    FOLDER.mkdir(parents=True, exist_ok=True)
    places = {
        "unread-tree": f"/p/words/trees/{Tree.objects.get(run=run).pk}/?node=1",
        "unread-run": f"/p/words/runs/{run.pk}/",
    }
    for name, place in places.items():
        for width, options in WIDTHS.items():
            page = open_page(place, team.bo, color_scheme=scheme, **options)
            page.wait_for_load_state("networkidle")
            for fold in page.locator("details.unread > summary").all():
                fold.click()
            page.screenshot(path=FOLDER / f"{name}-{width}-{scheme}.png", full_page=width == "390")
