"""Pictures of disagreements and of one's own work, in all widths and schemes. Not run with the tests."""

from __future__ import annotations

import pytest

from annotations.desk.deciding import comment, decide_as
from annotations.models import LabelItem, LabelQueue, LabelSession, Node
from tests.browser.conftest import Opener
from tests.browser.garden import garden
from tests.browser.shots import FOLDER, WIDTHS
from tests.disputecast import Case, annotator, case, submit
from tests.factories import Cast


def lena(team: Cast, queue: LabelQueue) -> Case:
    """The sample tree's path with a refuted step, as three people see it."""
    nodes = [Node.objects.get(tree__problem__answer="69", seq=seq) for seq in (1, 5, 11, 12)]
    item = LabelItem.objects.create(
        project=team.project, queue=queue, tree=nodes[0].tree, leaf=nodes[-1], number=1, wanted=3, places=0, takers=3,
        state="disputed", settled_at="2026-01-05T10:00Z",
    )  # fmt: skip
    submit(item, nodes, team.ada, "ci..", category="arithmetic", note="A quarter of 60 is $\\frac{60}{4} = 15$.")
    submit(item, nodes, annotator(team, "al"), "cccc")
    late = submit(
        item, nodes, annotator(team, "ann"), "cni.", rewrite="Two boxes hold $2 \\cdot 12 = 24$: 45 + 24 = 69."
    )
    LabelSession.objects.filter(pk=late.pk).update(seconds=71, flagged=True)
    return Case(team, queue, item, nodes)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pictures(open_page: Opener, transactional_db: None, scheme: str) -> None:
    team, _ = garden()
    queue = LabelQueue.objects.create(
        project=team.project, name="Word problems, three readers", overlap=3, settings={"feedback": True}
    )
    first = lena(team, queue)
    case(team, "Tom reads 12 pages on each of 7 days. How many does he read?", {"ada": "ccn.", "al": "cccc"})
    settled = case(team, "A box holds 6 eggs. How many boxes do 54 eggs fill?", feedback=True)
    bo = team.access(team.bo)
    comment(
        access=bo, item_id=first.item.pk, node_id=first.nodes[1].pk, text="Is a quarter of 60 really 12?", asks=True
    )
    comment(access=team.access(annotator(team, "al")), item_id=first.item.pk, text="I took the whole for right, sorry.")
    decide_as(
        access=bo,
        item_id=settled.item.pk,
        session_id=settled.session(team.ada).pk,
        why="9 - 3 = 6, so step 2 is wrong.",
    )
    LabelSession.objects.filter(item=settled.item).update(gold_right=3, gold_known=4)
    FOLDER.mkdir(parents=True, exist_ok=True)
    places = {
        "disputes": ("/p/words/desk/disputes/", team.bo),
        "dispute": (f"/p/words/desk/disputes/{first.item.pk}/", team.bo),
        "dispute-decided": (f"/p/words/desk/disputes/{settled.item.pk}/?state=decided", team.bo),
        "mine": ("/p/words/desk/mine/", team.ada),
        "mine-blind": (f"/p/words/desk/mine/{first.item.pk}/", team.ada),
        "mine-decided": (f"/p/words/desk/mine/{settled.item.pk}/", team.ada),
    }
    for name, (place, who) in places.items():
        for width, options in WIDTHS.items():
            page = open_page(place, who, color_scheme=scheme, **options)
            page.wait_for_load_state("networkidle")
            page.screenshot(path=FOLDER / f"{name}-{width}-{scheme}.png", full_page=True)
