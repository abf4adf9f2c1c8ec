"""Pictures of the pages, 1280 and 390 px wide, light and dark. Run by scripts/shots.py, not with the tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from annotations.models import Tree
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
    ("formats", "/p/words/trees/{tree}/formats/?node=12", "ada"),
    ("history", "/p/words/nodes/{node}/history/", "bo"),
    ("error", "/p/nowhere/", "ada"),
)
WIDTHS = {"1280": {"width": 1280, "height": 800}, "390": {"width": 390, "height": 844}}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pictures(open_page: Opener, planted: tuple[Cast, Tree], scheme: str) -> None:
    team, tree = planted
    large = Tree.objects.latest("pk")
    places = {"tree": tree.pk, "problem": tree.problem_id, "large": large.pk, "node": tree.nodes.get(seq=5).pk}
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, address, who in PAGES:
        for width, viewport in WIDTHS.items():
            user = getattr(team, who) if who else None
            page = open_page(address.format(**places), user, viewport=viewport, color_scheme=scheme)
            page.wait_for_load_state("networkidle")
            page.screenshot(path=FOLDER / f"{name}-{width}-{scheme}.png", full_page=width == "390")
    open_page.forgive("404")
