"""Pictures of judgements in the tree, in all widths and schemes. Not run with the tests."""

from __future__ import annotations

import pytest

from annotations.models import Node
from tests.browser.conftest import Opener
from tests.browser.garden import garden
from tests.browser.shots import FOLDER, WIDTHS
from tests.pages.test_judge_evidence import given

SAID = {"supported": (-0.04, -3.4), "refuted": (-3.1, -0.06), "open": (-0.5, -1.0), "silent": (float("-inf"),) * 2}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pictures(open_page: Opener, scheme: str) -> None:
    team, tree = garden()
    FOLDER.mkdir(parents=True, exist_ok=True)
    for seq, (name, logprobs) in enumerate(SAID.items(), 1):
        given(Node.objects.get(tree=tree, seq=seq), *logprobs)
        for width, options in WIDTHS.items():
            page = open_page(f"/p/words/trees/{tree.pk}/?node={seq}", team.bo, color_scheme=scheme, **options)
            page.wait_for_load_state("networkidle")
            for fold in page.locator("details.fold:not([open]) > summary", has_text="judge").all():
                fold.click()
            page.screenshot(path=FOLDER / f"judge-{name}-{width}-{scheme}.png", full_page=width == "390")
