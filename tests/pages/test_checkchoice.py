"""Which tools and which policy the form that grows trees offers, and what it says of them."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from annotations.models import Run
from tests import factories
from tests.factories import Cast
from tests.pages.asking import sign_in, three_ways
from tests.toolcast import checked, said, steps

pytestmark = pytest.mark.django_db
NEW = "/p/words/runs/new/"


@pytest.fixture
def team() -> Cast:
    team = factories.cast()
    factories.engine(project=team.project)
    factories.problem(team.project)
    return team


def spoke(team: Cast, verifier: str, wrong: int) -> None:
    """Have a verifier support 60 steps, `wrong` of them wrong, and leave 60 wrong ones open."""
    made = steps(team.project, factories.problem(team.project, f"What does {verifier} say?"), 120)
    checked(made[:60], "supported", verifier)
    checked(made[60:], "undecided", verifier)
    said(made[:wrong] + made[60:], "incorrect")
    said(made[wrong:60], "correct")


def ask(client: Client, **fields: Any) -> Any:
    engine = factories.engine().pk
    return client.post(
        NEW, {"engine": str(engine), "scope": "all", **{f"p-{name}": value for name, value in fields.items()}}
    )


def params() -> dict[str, Any]:
    return Run.objects.get(kind="generate", state="queued").params


def test_tools_that_fit_can_be_ticked_and_say_what_is_measured(team: Cast) -> None:
    spoke(team, "claims", 30)
    page = three_ways(sign_in(team.bo), NEW)

    assert 'value="auto" checked' in page
    assert 'value="claims">' in page
    assert 'value="judge">' in page
    assert 'value="answer"' not in page
    assert "Now: equations and inequalities" in page
    assert "Here: no refuted step labelled, sees 0 % of the wrong steps" in page


def test_paper_is_disabled_with_the_reason(team: Cast) -> None:
    assert "no tool’s support has been held against labels here" in sign_in(team.bo).get(NEW).text
    spoke(team, "claims", 30)
    page = sign_in(team.bo).get(NEW).text

    assert "<option disabled>paper</option>" in page
    assert "claims: 50 % of supported steps are wrong (38 to 62), half the base rate is 38 %." in page


def test_paper_is_offered_for_the_tools_whose_support_tells(team: Cast) -> None:
    spoke(team, "claims", 30)
    spoke(team, "judge", 2)
    page = sign_in(team.bo).get(NEW).text

    assert "<option>paper</option>" in page
    assert "paper is offered for <strong>judge</strong>" in page
    assert 'name="p-trusted" value="judge"' in page


def test_ticked_tools_become_the_chain_of_the_run(team: Cast) -> None:
    assert ask(sign_in(team.bo), verifier=["", "auto", "judge"]).status_code == 302
    assert params()["verifier"] == "auto, judge"


def test_no_ticked_tool_checks_nothing_and_a_refused_form_keeps_the_ticks(team: Cast) -> None:
    page = ask(sign_in(team.bo), verifier=["", "claims"], c="much")
    assert page.status_code == 400
    assert 'value="claims" checked' in page.text
    assert 'value="auto">' in page.text

    ask(sign_in(team.bo), verifier=[""])
    assert params()["verifier"] == ""


@pytest.mark.parametrize(
    ("trusted", "why"),
    [
        ("claims", "claims: 50 % of supported steps are wrong (38 to 62), half the base rate is 38 %."),
        ("", "name judge in “Trusted”"),
        ("judge, claims", "claims: 50 %"),
    ],
)
def test_paper_for_others_is_refused_in_the_form(team: Cast, trusted: str, why: str) -> None:
    spoke(team, "claims", 30)
    spoke(team, "judge", 2)
    page = ask(sign_in(team.bo), policy="paper", trusted=trusted)

    assert page.status_code == 400
    assert why in page.text
    assert not Run.objects.exists()


def test_paper_starts_for_what_it_is_offered_for(team: Cast) -> None:
    spoke(team, "judge", 2)

    assert ask(sign_in(team.bo), policy="paper", trusted="judge").status_code == 302
    assert (params()["policy"], params()["trusted"]) == ("paper", "judge")


def test_a_run_that_is_asked_again_keeps_the_policy_that_it_had(team: Cast) -> None:
    earlier = factories.run(
        team.project, state="done", params={"policy": "paper", "verifier": "claims"}, engine=factories.engine()
    )
    page = sign_in(team.bo).get(f"{NEW}?like={earlier.pk}").text

    assert "<option selected>paper</option>" in page
    assert "paper stays, as the run had it" in page
    assert 'data-was="claims" data-joined' in page
    assert 'name="p-trusted" value=""' in page
    assert ask(sign_in(team.bo), policy="paper", like=str(earlier.pk)).status_code == 400
    engine = str(factories.engine().pk)
    again = {"engine": engine, "scope": "all", "like": str(earlier.pk), "p-policy": "paper", "p-verifier": "claims"}
    assert sign_in(team.bo).post(NEW, again).status_code == 302


def test_scripts_may_ask_for_any_policy(team: Cast) -> None:
    body = {"kind": "generate", "engine": factories.engine().pk, "params": {"policy": "paper"}}
    answer = sign_in(team.bo).post("/api/v1/projects/words/runs/", body, content_type="application/json")

    assert answer.status_code == 202
    assert params()["policy"] == "paper"
