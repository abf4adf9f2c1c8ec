"""Pictures of the quality pages, 1280 and 390 px wide, light and dark. Not run with the tests."""

from __future__ import annotations

import random

import pytest

from annotations.desk import gold
from annotations.models import LabelItem, LabelQueue, Node, QueueMember, Tree
from tests.browser.conftest import Opener
from tests.browser.shots import FOLDER, WIDTHS
from tests.factories import Cast, label_queue
from tests.qualitycast import annotator, paths, say, submitted

# Name, how often he sees a step otherwise, seconds a rating.
PEOPLE = (("ada", 0.05, 5.5), ("zoe", 0.08, 7.2), ("kwame", 0.1, 9.4), ("mei-lin", 0.3, 3.1), ("jorge", 0.12, 8.0))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pictures(open_page: Opener, planted: tuple[Cast, Tree], scheme: str) -> None:
    team, _ = planted
    queue = labelled(team)
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, address in (
        ("quality", "/p/words/desk/quality/"),
        ("quality-pair", "/p/words/desk/quality/?cell=correct.incorrect&by=items"),
        ("quality-gold", f"/p/words/desk/quality/gold/?queue={queue.pk}&from=agreed"),
    ):
        for width, options in WIDTHS.items():
            page = open_page(address, team.bo, color_scheme=scheme, **options)
            page.wait_for_load_state("networkidle")
            page.screenshot(path=FOLDER / f"{name}-{width}-{scheme}.png", full_page=True)
    page = open_page(f"/p/words/desk/quality/gold/?queue={queue.pk}", team.bo, color_scheme=scheme)
    page.locator("input[name=item]").first.check()
    page.get_by_role("button", name="Take the mark off").click()
    page.screenshot(path=FOLDER / f"quality-sure-{scheme}.png", full_page=True)


def labelled(team: Cast) -> LabelQueue:
    """Have five people label 60 items over six weeks, twelve of them gold, three for screening; one drifts."""
    draw = random.Random(4)  # noqa: S311 no secret
    queue = label_queue(
        team.project, "Word problems", overlap=3, settings={"gold_share": 0.2, "screening": 3, "pass_mark": 0.8}
    )
    items = paths(team.project, queue, 60, steps=6)
    wrong = {item.pk: draw.choice([0, 0, 0, 2, 3, 4, 5]) for item in items}
    for item in items[:15]:
        nodes = Node.objects.filter(tree=item.tree).order_by("seq")
        told = {node: "incorrect" if node.depth == wrong[item.pk] else "correct" for node in nodes}
        say(None, {node: rating for node, rating in told.items() if not wrong[item.pk] or node.depth <= wrong[item.pk]},
            source="planted", voter="plant")  # fmt: skip
    bo = team.access(team.bo)
    gold.mark(access=bo, queue_id=queue.pk, role="gold", source="labels", items=[each.pk for each in items[:12]])
    gold.mark(access=bo, queue_id=queue.pk, role="screening", source="labels", items=[each.pk for each in items[12:15]])
    for number, (name, noise, seconds) in enumerate(PEOPLE):
        user = annotator(team.project, name)
        passed = None if name == "jorge" else name != "mei-lin"
        QueueMember.objects.create(project=team.project, queue=queue, user=user, passed=passed, taken=40)
        for at, item in enumerate(LabelItem.objects.filter(queue=queue).order_by("number")):
            if item.role == "work" and (at + number) % 5 == 0:
                continue
            drift = 0.25 * (at / 60) if name == "kwame" else 0
            said = words(draw, wrong[item.pk] if item.number != 3 else 4, noise + drift)
            pace = seconds * draw.uniform(0.8, 1.2) * (1 - at / 150)
            submitted(item, user, said, at=(at * 23) % 60 * 16, seconds=pace, scored=item.role != "work")
    return queue


def words(draw: random.Random, wrong: int, noise: float) -> str:
    """Return ratings up to the first error, as somebody with that much noise says them."""
    said = ""
    for depth in range(1, 7):
        slip = draw.random() < noise / 3
        bad = (depth == wrong) != slip
        said += "i" if bad else "n" if draw.random() < noise / 2 else "c"
        if bad:
            break
    return said
