"""Pictures of queues: the list for who labels and for who manages, the forms, the items with their leases."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from annotations.desk.queues import assign, create_queue, set_state
from annotations.models import LabelItem, LabelQueue, LabelSession, LabelSlice, Node, Tree
from annotations.planting import plant_into
from inference.planted.params import PlantParams
from tests.browser.conftest import Opener
from tests.browser.shots import FOLDER, WIDTHS
from tests.factories import Cast, run

PAGES = (
    ("queues", "/p/words/desk/", "bo"),
    ("queues-mine", "/p/words/desk/", "ada"),
    ("queue-new", "/p/words/desk/new/?slice={slice}", "bo"),
    ("queue-settings", "/p/words/desk/{queue}/settings/", "bo"),
    ("queue-items", "/p/words/desk/{queue}/items/", "bo"),
    ("queue-review", "/p/words/review/?slice={slice}", "bo"),
)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pictures(open_page: Opener, planted: tuple[Cast, Tree], scheme: str) -> None:
    team, tree = planted
    places = labelled(team, tree)
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, address, who in PAGES:
        for width, options in WIDTHS.items():
            page = open_page(address.format(**places), getattr(team, who), color_scheme=scheme, **options)
            page.wait_for_load_state("networkidle")
            page.screenshot(path=FOLDER / f"{name}-{width}-{scheme}.png", full_page=name != "queue-items")
    refused = open_page("/p/words/desk/new/", team.bo, color_scheme=scheme)
    refused.fill("#agree", "1")
    refused.check("[name=many][value=agree]")
    refused.fill("#p-gold_share", "2")
    refused.click("text=Make queue")
    refused.wait_for_selector("[aria-invalid]")
    refused.screenshot(path=FOLDER / f"queue-refused-1280-{scheme}.png", full_page=True)
    open_page.expected()


def labelled(team: Cast, tree: Tree) -> dict[str, int]:
    """Make queues in different states, with people at work."""
    plant_into(project=team.project, params=PlantParams(problems=24, per_problem=2, seed=4))
    Tree.objects.filter(pk=tree.pk).update(run=run(team.project, state="done", name="First trees"))
    nodes = list(
        Node.objects.filter(project=team.project, tree__source="planted", depth=2).values_list("pk", flat=True)
    )
    part = LabelSlice.objects.create(project=team.project, name="PRM says wrong, tools say right", nodes=nodes[:40])
    bo = team.access(team.bo)
    planted = {"kind": "imported"}
    first = create_queue(access=bo, name="First look", overlap=2, source=planted, settings={"rate": "all"})
    rare = create_queue(access=bo, name="Rare errors", strategy="coverage", agree=3, most=5, source=planted)
    walk = create_queue(
        access=bo, name="Walk the large tree", mode="tree", source={"kind": "trees"}, settings={"everyone": False}
    )
    assign(access=bo, queue_id=walk.pk, users=[team.ada.pk])
    done = create_queue(access=bo, name="Second opinions", source={**planted, "outcome": "wrong", "limit": 9})
    shut = create_queue(access=bo, name="Pilot of October", source={**planted, "limit": 12})
    set_state(access=bo, queue_id=shut.pk, state="closed")
    for number, item in enumerate(first.items.order_by("number")[:20]):
        state = "submitted" if number < 11 else "leased"
        people = (team.ada, team.odo) if number < 9 else (team.ada,) if number % 2 else (team.odo,)
        worked(item, people, state, "disputed" if number in (2, 5) else "agreed" if number < 9 else "open")
    for item in done.items.all():
        worked(item, (team.odo,), "submitted", "agreed")
    LabelItem.objects.filter(queue=rare, number__lte=6).update(role="gold", wanted=30_000, places=30_000)
    return {"slice": part.pk, "queue": first.pk}


def worked(item: LabelItem, people: tuple[Any, ...], state: str, becomes: str) -> None:
    now = timezone.now()
    for user in people:
        submitted = {"submitted_at": now, "ratings": 6, "seconds": 47.0} if state == "submitted" else {}
        until = now + timezone.timedelta(minutes=7 + item.number - 14)
        LabelSession.objects.create(
            project_id=item.project_id, item=item, queue_id=item.queue_id, user=user, state=state,
            lease_until=None if submitted else until, **submitted,
        )  # fmt: skip
    takers = len(people)
    LabelItem.objects.filter(pk=item.pk).update(takers=takers, places=item.wanted - takers, state=becomes)
    assert LabelQueue.objects.filter(pk=item.queue_id).exists()
