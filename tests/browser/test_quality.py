"""Quality, gold and screening in a real browser: what axe finds, and that a phone shows all of it."""

from __future__ import annotations

import pytest

from annotations.models import Tree
from tests.browser.acts import clean
from tests.browser.conftest import Opener
from tests.browser.shots import PHONE
from tests.browser.shots_quality import labelled
from tests.factories import Cast


@pytest.mark.long
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_and_a_phone_shows_all_of_it(
    open_page: Opener, planted: tuple[Cast, Tree], scheme: str
) -> None:
    team, _ = planted
    queue = labelled(team)
    for address in (
        "/p/words/desk/quality/?cell=correct.incorrect",
        f"/p/words/desk/quality/gold/?queue={queue.pk}&from=agreed",
    ):
        page = open_page(address, team.bo, color_scheme=scheme)
        clean(page)
        phone = open_page(address, team.bo, color_scheme=scheme, **PHONE)
        clean(phone)
        assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")
