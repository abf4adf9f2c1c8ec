"""Pictures of the desk's keys, of what differs and of what was refused. Run like tests/browser/shots.py."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser.conftest import Opener
from tests.browser.probe import put_before_the_site
from tests.browser.shots import FOLDER, WIDTHS
from tests.factories import cast

LONG = "A quarter of 60 is 15, so 45 pens are left; the step takes 12 away, which is what one box holds."
STORIES = {
    "keys": ("/p/words/desk/keys/", ""),
    "keys-wrong": ("/p/words/desk/keys/", "keys-wrong"),
    "sheet": ("/p/words/desk/probe/", "Desk.open('keys')"),
    "conflict": ("/p/words/desk/probe/", "Desk.open('compare')"),
    "refused": ("/p/words/desk/probe/", "Desk.open('refused')"),
    "offline": ("/p/words/desk/probe/", "rate(3, 'correct')"),
}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pictures(open_page: Opener, transactional_db: None, settings: Any, scheme: str) -> None:
    team, ledger = cast(), put_before_the_site(settings)
    FOLDER.mkdir(parents=True, exist_ok=True)
    ledger.newest[team.ada.pk, 1] = {
        "rating": "incorrect", "category": "arithmetic", "note": "60 / 4", "rewrite": "She has 45 pens left.",
        "flagged": True, "chosen": False, "version": 9, "at": "2026-01-31T14:02:00Z", "client": "desk",
    }  # fmt: skip
    for width, options in WIDTHS.items():
        for name, (address, script) in STORIES.items():
            page = open_page(address, team.ada, color_scheme=scheme, **options)
            if name == "keys-wrong":
                page.get_by_label("Rate this step incorrect").press("e")
                page.get_by_role("button", name="Save keys").click()
            elif script:
                page.evaluate(
                    f"rate(1, 'neutral', {{seen: 1, note: {LONG!r}}}), rate(2, 'correct', {{note: 'refuse this'}})"
                )
                page.wait_for_timeout(400)
                ledger.fails = 1000 if name == "offline" else 0
                page.evaluate(script)
            page.wait_for_timeout(500)
            ledger.fails = 0
            page.screenshot(path=FOLDER / f"desk-{name}-{width}-{scheme}.png", full_page=name.startswith("keys"))
    open_page.expected()
