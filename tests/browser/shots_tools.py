"""Pictures of the tools pages, 1280 and 390 px wide, light and dark. Not run with the tests."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest
from django.utils import timezone

from annotations.models import Engine, Problem, Tree, Worker
from annotations.reviewing.fold import fold
from tests import toolcast
from tests.browser.conftest import Opener
from tests.browser.shots import FOLDER, WIDTHS
from tests.factories import Cast, problem

# Verdict, rating, category and how many such steps `claims` looked at.
CLAIMS = (
    ("refuted", "incorrect", "arithmetic", 104), ("refuted", "incorrect", "copied_number", 9),
    ("refuted", "correct", "", 11), ("refuted", "", "", 31), ("supported", "incorrect", "set_up", 331),
    ("supported", "incorrect", "misread", 122), ("supported", "correct", "", 1290), ("supported", "neutral", "", 61),
    ("supported", "", "", 900), ("undecided", "incorrect", "unjustified", 402), ("undecided", "correct", "", 1105),
    ("undecided", "", "", 640),
)  # fmt: skip


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pictures(open_page: Opener, planted: tuple[Cast, Tree], scheme: str) -> None:
    team, _ = planted
    measured(team)
    engine = Engine.objects.create(name="Scripted", kind="scripted")
    team.project.engine_grants.create(engine=engine)
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, address in (
        ("tools", "/p/words/tools/"),
        ("tool", "/p/words/tools/claims/?cell=refuted.correct"),
        ("tool-judge", "/p/words/tools/judge/"),
        ("tool-sandbox", "/p/words/tools/about/sandbox/"),
        ("tool-about", "/p/words/tools/about/trust/"),
        ("tools-grow", "/p/words/runs/new/"),
    ):
        for width, options in WIDTHS.items():
            page = open_page(address, team.bo, color_scheme=scheme, **options)
            page.wait_for_load_state("networkidle")
            if name == "tools-grow":
                page.evaluate("document.querySelector('.chain').closest('details').open = true")
            page.screenshot(path=FOLDER / f"{name}-{width}-{scheme}.png", full_page=True)


def measured(team: Cast) -> None:
    """Have claims and a judge look at steps that people, a corpus and a construction labelled."""
    asked = problem(team.project, "A shop sells pens. How many?", "12")
    for verdict, rating, category, count in CLAIMS:
        nodes = toolcast.steps(team.project, asked, count, "5 + 7 = 1{n} pens are in the box, since $5 + 7 = 1{n}$.")
        broken = (
            {"ending": "timeout", "message": "took longer than 2 s"} if verdict == "undecided" and not rating else {}
        )
        toolcast.checked(nodes[: count // 3], "undecided" if verdict == "refuted" else verdict, version="3")
        if rating:
            half = len(nodes) // 2
            toolcast.said(nodes[:half], rating, "planted", category=category)
            toolcast.said(nodes[half : half + half // 2], rating, "import", category=category)
            toolcast.said(nodes[half + half // 2 :], rating, author=team.ada, category=category)
        toolcast.checked(nodes, verdict, version="4", **broken)
    judged(team, asked)
    jail = {
        "name": "pydantic-monty and bubblewrap",
        "version": "pydantic-monty 1.4, bubblewrap 0.8",
        "light": True,
        "heavy": True,
    }
    alone = {"name": "pydantic-monty", "version": "pydantic-monty 1.4", "light": True, "heavy": False}
    missing = "Programs that import sympy do not run: bubblewrap is not installed (apt install bubblewrap)."
    for queue, sandbox in (
        ("gpu", {**jail, "reason": "Small programs run in pydantic-monty, others in bubblewrap, whose probe passed."}),
        ("tools", {**alone, "reason": missing}),
    ):
        later = timezone.now() + timedelta(hours=1)
        Worker.objects.create(name=f"{queue}@here:1", queue=queue, host="here", pid=1, seen_at=later, sandbox=sandbox)
    fold(team.project.pk)


def judged(team: Cast, asked: Problem) -> None:
    draw = random.Random(3)  # noqa: S311 no secret
    for at in range(20):
        p = (at + 0.5) / 20
        nodes = toolcast.steps(team.project, asked, 40)
        verdict = "supported" if p >= 0.9 else "refuted" if p <= 0.1 else "undecided"
        outputs = [{"p": round(min(max(p + draw.uniform(-0.025, 0.025), 0), 1), 3)} for _ in nodes]
        toolcast.checked(nodes, verdict, "judge", output=outputs)
        right = round(40 * (0.15 + 0.7 * p))
        toolcast.said(nodes[:right], "correct", "planted")
        toolcast.said(nodes[right:], "incorrect", "planted", category="set_up")
