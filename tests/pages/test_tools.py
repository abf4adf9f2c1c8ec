"""The tools pages: what a researcher is told first, what stands behind it, and what to do where nothing is known."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from annotations.models import Node, Project, Worker
from tests import factories
from tests.factories import Cast
from tests.pages.asking import PART, sign_in, three_ways
from tests.toolcast import checked, said, steps

pytestmark = pytest.mark.django_db
TOOLS = "/p/words/tools/"
CLAIMS = f"{TOOLS}claims/"
API = "/api/v1/projects/words/tools/"


@pytest.fixture
def team() -> Cast:
    cache.clear()
    return factories.cast()


def labelled(team: Cast) -> list[Node]:
    """Claims refuted 20 steps, 18 of them wrong, and supported 100, 25 of them wrong; it left 20 wrong ones open."""
    made = steps(team.project, factories.problem(team.project), 140)
    checked(made[:20], "refuted")
    checked(made[20:120], "supported")
    checked(made[120:], "undecided", ending="timeout", message="took longer than 2 s")
    for nodes, rating, source, category in (
        (made[:18], "incorrect", "planted", "arithmetic"), (made[18:20], "correct", "planted", ""),
        (made[20:45], "incorrect", "import", "set_up"), (made[45:120], "correct", "import", ""),
        (made[120:], "incorrect", "import", "set_up"),
    ):  # fmt: skip
        said(nodes, rating, source, category=category)
    return made


def test_without_a_verdict_the_page_says_what_to_do_and_what_there_is(team: Cast) -> None:
    factories.problem(team.project)
    page = three_ways(sign_in(team.bo), TOOLS)

    assert "No tool has looked at a step yet" in page
    assert 'href="/p/words/runs/new/"' in page
    assert "Equations and inequalities" in page
    assert 'href="/p/words/runs/new/"' not in sign_in(team.ada).get(TOOLS).text
    assert "It has looked at no step here yet" in three_ways(sign_in(team.ada), CLAIMS)


def test_without_labels_the_page_says_that_nothing_is_known(team: Cast) -> None:
    checked(steps(team.project, factories.problem(team.project), 3), "supported")
    page = three_ways(sign_in(team.bo), TOOLS)

    assert "claims has looked at 3 steps, none of which has a label" in page
    assert "Plant errors" in page


def test_the_sentence_says_what_a_researcher_would(team: Cast) -> None:
    labelled(team)
    page = three_ways(sign_in(team.ada), TOOLS)

    assert "When claims refutes a step here, it is wrong 90 % of the time (70 to 97)." in page
    assert "It sees 29 % of the wrong steps." in page
    assert "Its support misleads" not in page
    assert "Its support says little: 25 % of supported steps are wrong, 45 % of all." in page
    assert "Policy paper asks for less than 22 %, half of all" in page
    for words in ("18 of 20", "70 to 97", "25 of 100", "20 undecided", "of these 20 out of time"):
        assert words in page


def test_one_tool_closely_its_sources_categories_and_the_steps_behind_a_count(team: Cast) -> None:
    made = labelled(team)
    page = three_ways(sign_in(team.bo), f"{CLAIMS}?cell=refuted.correct")

    for words in ("By who labelled", "Together, people first", "Wrong set-up", "18 of 18", "Refuted, labelled correct"):
        assert words in page
    assert 'href="/p/words/tools/claims/?version=1&amp;cell=supported.incorrect"' in page
    assert page.count('<li><a href="/p/words/trees/') == 2
    part = sign_in(team.bo).get(f"{CLAIMS}?cell=supported.correct", headers={**PART, "HX-Target": "steps"}).text
    assert part.strip().startswith('<section id="steps"')
    assert (part.count("<li>"), "page=2" in part) == (30, True)
    last = sign_in(team.bo).get(f"{CLAIMS}?cell=supported.correct&page=3").text
    assert f"trees/{made[119].tree_id}/?node=120" in last
    assert "Further steps" not in last


def test_versions_stand_side_by_side_and_each_can_be_looked_at(team: Cast) -> None:
    made = labelled(team)
    checked(made[:40], "supported", version="2")
    newest, first = sign_in(team.bo).get(CLAIMS).text, sign_in(team.bo).get(f"{CLAIMS}?version=1").text

    assert "claims refutes no step here." in newest
    assert '<a href="/p/words/tools/claims/?version=1">1</a>' in newest
    assert "When claims refutes a step here" in first


def test_a_judge_shows_whether_it_is_as_right_as_it_is_sure(team: Cast) -> None:
    made = labelled(team)
    checked(made[20:120], "undecided", "judge", output=[{"p": at / 100} for at in range(100)])
    page = three_ways(sign_in(team.bo), f"{TOOLS}judge/")

    assert "Is it as right as it is sure?" in page
    assert 'class="reliability"' in page
    assert "over 100 labelled steps" in page
    assert "style=" not in page


def test_workers_say_where_model_written_code_runs(team: Cast) -> None:
    assert "No worker that checks steps is alive" in sign_in(team.bo).get(TOOLS).text
    known = {
        "name": "pydantic-monty",
        "version": "pydantic-monty 1.4",
        "light": True,
        "heavy": False,
        "reason": "No bwrap here.",
    }
    said_by: tuple[tuple[str, dict[str, Any]], ...] = (("tools", known), ("gpu", {}), ("light", {"name": "nothing"}))
    for queue, sandbox in said_by:
        for number in (1, 2):
            Worker.objects.create(
                name=f"{queue}@h:{number}", queue=queue, host="h", pid=number, sandbox=sandbox, seen_at=timezone.now()
            )
    page = sign_in(team.bo).get(TOOLS).text

    assert page.count("pydantic-monty 1.4") == 1
    assert page.count("do not run") == 1
    assert "No bwrap here." in page
    assert page.count("not known yet") == 1
    assert "nothing" not in page.split("Where model-written code runs")[1]
    assert "namespaces" in three_ways(sign_in(team.ada), f"{TOOLS}about/sandbox/")


def test_a_blind_annotator_sees_the_figures_of_his_own_labels(team: Cast) -> None:
    made = labelled(team)
    Project.objects.filter(pk=team.project.pk).update(settings={"blind": True})
    said(made[:1], "correct", author=team.ada)
    page = sign_in(team.ada).get(TOOLS).text

    assert "as your own labels say" in page
    assert "it is wrong 0 % of the time (0 to 79)" in page
    assert sign_in(team.ada).get(API).json()["tools"][0]["base"]["of"] == 1


def test_scripts_get_the_same_figures(team: Cast) -> None:
    labelled(team)
    answer = sign_in(team.ada).get(API).json()

    (claims,) = answer["tools"]
    assert answer["due"] == 0
    assert (claims["verifier"], claims["version"], claims["endings"]) == ("claims", "1", {"timeout": 20})
    assert claims["precision"] == {"value": 0.9, "low": pytest.approx(0.699, abs=1e-3),
                                   "high": pytest.approx(0.972, abs=1e-3), "hits": 18, "of": 20}  # fmt: skip
    assert claims["support"]["value"] == 0.25
    assert {"verdict": "refuted", "rating": "correct", "steps": 2} in claims["counts"]
    assert claims["by_category"][0] == {
        "category": "set_up",
        "recall": {**claims["by_category"][0]["recall"], "of": 45},
    }
    assert "half the base rate" in claims["not_trusted"]


@pytest.mark.parametrize(
    "query", ["?cell=odd", "?version=9", "?cell=refuted.correct&page=-1", "?page=99999999", "?cell="]
)
def test_an_odd_address_still_answers(team: Cast, query: str) -> None:
    labelled(team)

    assert sign_in(team.ada).get(f"{CLAIMS}{query}").status_code == 200


@pytest.mark.parametrize("verifier", ["nobody", "a%20b", "../x", "a/b"])
def test_a_tool_that_is_not_known_is_not_found(team: Cast, verifier: str) -> None:
    assert sign_in(team.ada).get(f"{TOOLS}{verifier}/").status_code == 404


def test_a_verifier_of_a_name_that_fits_no_address_is_shown_without_a_link(team: Cast) -> None:
    made = steps(team.project, factories.problem(team.project), 1)
    checked(made, "refuted", "line\nbreak")
    checked(made, "refuted", "wolfram alpha/2")

    page = sign_in(team.ada).get(TOOLS).text
    assert "line\nbreak has looked at" in page
    assert sign_in(team.ada).get(f"{TOOLS}wolfram%20alpha/2/").status_code == 200


def test_the_documentation_is_read_in_the_studio(team: Cast) -> None:
    page = three_ways(sign_in(team.ada), f"{TOOLS}about/trust/")

    assert "<h1>How tools are measured</h1>" in page
    assert "50 labelled supported steps" in page
    assert ".md" not in page.split("<h1>")[1]


def test_pages_ask_a_fixed_number_of_questions(team: Cast) -> None:
    labelled(team)
    client = sign_in(team.ada)
    client.get(CLAIMS)
    counts = []
    for url in (TOOLS, CLAIMS, f"{CLAIMS}?cell=refuted.correct"):
        with CaptureQueriesContext(connection) as asked:
            client.get(url)
        counts.append(len(asked))

    assert counts == [4, 5, 7]
