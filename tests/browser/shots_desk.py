"""Pictures of the labelling page in its states, in all widths and schemes. Not run with the tests."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from annotations import samples
from annotations.models import LabelItem, LabelQueue, Membership, Tree
from tests.browser.conftest import Opener
from tests.browser.deskcast import crates, queue_of
from tests.browser.shots import FOLDER, WIDTHS
from tests.factories import Cast, person

Planted = tuple[Cast, Tree]
AIDS = {"alternatives": True, "reference": "always", "evidence": "always", "prelabels": "after"}


def wrong_path(team: Cast, tree: Tree, **fields: object) -> LabelQueue:
    """Make a queue of the path about Lena that a tool refutes at its second step."""
    queue = queue_of(team, [], name="Word problems, first look", settings={**AIDS, **fields})
    leaf = tree.nodes.get(seq=12)
    LabelItem.objects.create(project=team.project, queue=queue, tree=tree, leaf=leaf, number=14)
    return queue


def keys(page: Page, *pressed: str) -> None:
    for key in pressed:
        page.keyboard.press(key)


def rewrite(page: Page) -> None:
    keys(page, "1", "3", "r")
    page.locator("#writing").fill("She gives away 60 / 4 = 15 pens, so 60 - 15 = 45 pens are left.")


def note(page: Page) -> None:
    keys(page, "1", "3", "n")
    page.keyboard.type("A quarter of 60 is 15, not 12.")


def category(page: Page) -> None:
    keys(page, "1", "e", "c")
    page.keyboard.type("m")


def chosen(page: Page) -> None:
    keys(page, *"132", "Enter", *"13")


SCENES: dict[str, tuple[str, Callable[[Page], object]]] = {
    "desk": ("path", lambda page: keys(page, "1")),
    "desk-long": ("long", lambda page: keys(page, *"11211")),
    "desk-error": ("path", lambda page: keys(page, "1", "3")),
    "desk-way": ("path", lambda page: keys(page, "1", "3", "]")),
    "desk-rewrite": ("path", rewrite),
    "desk-category": ("path", category),
    "desk-note": (
        "path",
        lambda page: (keys(page, "1", "3", "n"), page.keyboard.type("A quarter of 60 is 15, not 12.")),
    ),
    "desk-skip": ("path", lambda page: keys(page, "s")),
    "desk-end": ("path", lambda page: keys(page, "x")),
    "desk-sheet": ("path", lambda page: keys(page, "?")),
    "desk-guidelines": ("path", lambda page: keys(page, "g")),
    "desk-tree": ("tree", lambda page: keys(page, "1")),
    "desk-tree-chosen": ("tree", chosen),
    "desk-nothing": ("none", lambda page: None),
}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pictures(open_page: Opener, planted: Planted, scheme: str) -> None:
    team, tree = planted
    team.project.guidelines = (samples.SAMPLE / "guidelines.md").read_text()
    team.project.save()
    FOLDER.mkdir(parents=True, exist_ok=True)
    grown = crates(team)
    makers = {
        "path": lambda: wrong_path(team, tree),
        "long": lambda: queue_of(team, [grown]),
        "tree": lambda: queue_of(team, [tree], "tree", name="Ways to go on", settings=AIDS),
        "none": lambda: queue_of(team, []),
    }
    for name, (scene, act) in SCENES.items():
        for width, options in WIDTHS.items():
            queue = makers[scene]()
            somebody = person(f"{name}-{width}-{scheme}", first_name="Ada")
            Membership.objects.create(project=team.project, user=somebody, role="annotator")
            page = open_page(f"/p/words/desk/{queue.pk}/", somebody, color_scheme=scheme, **options)
            page.wait_for_load_state("networkidle")
            act(page)
            page.wait_for_timeout(300)
            page.screenshot(path=FOLDER / f"{name}-{width}-{scheme}.png")
            page.close()
