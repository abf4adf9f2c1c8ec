"""Pictures of what the program verifier says of steps, in all widths and schemes. Not run with the tests."""

from __future__ import annotations

import pytest

from tests.browser.conftest import Opener
from tests.browser.shots import FOLDER, WIDTHS
from tests.factories import cast
from tests.pages.test_program_evidence import evidenced


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pictures(open_page: Opener, scheme: str) -> None:
    team = cast()
    tree = evidenced(team).tree_id
    FOLDER.mkdir(parents=True, exist_ok=True)
    for node, name in enumerate(("refuted", "supported", "undecided"), start=1):
        for width, options in WIDTHS.items():
            page = open_page(f"/p/words/trees/{tree}/?node={node}", team.bo, color_scheme=scheme, **options)
            page.wait_for_load_state("networkidle")
            for fold in page.locator(".facts details.fold:not([open]) > summary").all()[:1]:
                fold.click()
            page.screenshot(path=FOLDER / f"program-{name}-{width}-{scheme}.png", full_page=width == "390")
