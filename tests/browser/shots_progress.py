"""Pictures of the desk's progress page, 1280 and 390 px wide, light and dark. Not run with the tests."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone

from annotations.models import LabelItem, LabelQueue, Membership, Tree, User
from annotations.reviewing.fold import fold
from tests import factories
from tests.browser.conftest import Opener
from tests.browser.shots import FOLDER, WIDTHS
from tests.factories import Cast
from tests.progresscast import item, labelled, submit

CATEGORIES = ("arithmetic", "arithmetic", "set_up", "misread", "unjustified", "")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pictures(open_page: Opener, planted: tuple[Cast, Tree], scheme: str) -> None:
    team, _ = planted
    worked(team)
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, address, who in (
        ("progress", "/p/words/desk/progress/", "bo"),
        ("progress-mine", "/p/words/desk/progress/", "ada"),
        ("progress-few", f"/p/words/desk/progress/?queue={LabelQueue.objects.latest('pk').pk}", "bo"),
    ):
        for width, options in WIDTHS.items():
            page = open_page(address, getattr(team, who), color_scheme=scheme, **options)
            page.wait_for_load_state("networkidle")
            page.evaluate(
                "document.querySelectorAll('details.fold').forEach((each) => { each.open = innerWidth > 640 })"
            )
            page.screenshot(path=FOLDER / f"{name}-{width}-{scheme}.png", full_page=True)
            found = Axe().run(page)
            assert found.violations_count == 0, found.generate_report()
            overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert overflow <= 0, f"{name} at {width}: {overflow} px too wide"


def worked(team: Cast) -> None:
    """Five people over six weeks: a queue that compares aids, one that reveals the PRM, one that has just begun."""
    draw = random.Random(5)  # noqa: S311 no secret
    people = [team.ada, team.bo]
    for name in ("Kim Larsen", "Noor", "Tomasz Wiśniewski"):
        person = factories.person(name.split()[0].lower(), first_name=name)
        Membership.objects.create(project=team.project, user=person, role="annotator")
        people.append(person)
    compares = {"compare_aids": True, "feedback": True}
    aided = factories.label_queue(team.project, "Worked solutions, first error", overlap=2, settings=compares)
    shown = factories.label_queue(team.project, "Grown trees", overlap=1, settings={"prelabels": "after"})
    now = timezone.now()
    for number in range(90):
        on = aided if number < 60 else shown
        at = now - timedelta(days=40 * (1 - (number % 60) / 60) ** 1.3, hours=draw.random() * 5)
        left = 2 if number >= 80 or 52 <= number < 60 else 0
        one = item(on, number, role="gold" if number % 6 == 0 else "work", wanted=2, places=left)
        if not left:
            done(draw, one, draw.sample(people, 2), at)
    labelled(team, now - timedelta(days=12), now - timedelta(days=10))
    LabelQueue.objects.filter(pk=shown.pk).update(state="paused")
    fold(team.project.pk)


def done(draw: random.Random, of: LabelItem, people: list[User], at: datetime) -> None:
    """Two people label an item: mostly alike, the slower without aids."""
    wrong = draw.random() < 0.5
    node = of.tree.nodes.get(seq=2)
    factories.score(node, 0.2 if wrong else 0.8)
    for user in people:
        aided = draw.random() < 0.5
        said = wrong if draw.random() < 0.85 else not wrong
        pace = (5 if aided else 9) * (1 + 0.2 * (user.pk % 3))
        judged = ("incorrect", draw.choice(CATEGORIES)) if said else ("correct", "")
        words = [
            (1, "correct", "", round(pace * draw.uniform(0.5, 1.6), 1)),
            (2, *judged, round(pace * draw.uniform(0.6, 2), 1)),
        ]
        settings = of.queue.settings.get("prelabels", "hidden")
        aids = {"reference": "key", "evidence": "always", "prelabels": settings, "aided": aided}
        if not aided:
            aids |= {"reference": "hidden", "evidence": "hidden"}
        if settings != "hidden":
            aids.pop("aided")
        gold = {"gold_right": 2 if said == wrong else 1, "gold_known": 2} if of.role == "gold" else {}
        seen = {"prm": 0.2 if said else 0.8} if settings != "hidden" and draw.random() < 0.5 else {}
        when = at + timedelta(minutes=draw.random() * 90)
        submit(of, user, when, words, aids=aids, shown=seen, **gold)
    LabelItem.objects.filter(pk=of.pk).update(state=draw.choice(["agreed", "agreed", "agreed", "disputed"]))
