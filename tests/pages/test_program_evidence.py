"""Why programs refuted a step stands on its page, in their own terms, and whatever a model wrote stays text."""

from __future__ import annotations

import pytest
from django.test import Client

from annotations.models import Node
from inference.sandbox.base import Outcome, RunEnding
from inference.types import Problem, Verdict
from inference.verifiers.program import ProgramVerifier
from inference.verifiers.wire import CheckJob, Draft
from tests import factories
from tests.factories import Cast, cast

pytestmark = pytest.mark.django_db
PROBLEM = (
    "Ines sold 48 clips at the fair in April, and half as many in May. How many clips did "
    "she sell altogether in April and May?"
)
STEPS = (
    "Ines sold 48 * 2 = 96 clips in May.",
    "Ines sold 48 / 2 = 24 clips in May.",
    "Altogether she sold 48 + 24 = 72 clips in April and May.",
)
HALVED = "let april = 48  # clips sold in April\nlet may = april / 2  # half as many\nresult = may  # clips"
DRAFTS = (HALVED, "let may = 48 - 48 / 2  # what is left\nresult = may  # clips", "result = <b>24</b>")
SUMMED = "let both = 48 + 24  # clips in April and May\nresult = both  # clips"


def evidenced(team: Cast) -> Node:
    """Return the first of three steps with what the program verifier says of them."""
    problem = factories.problem(team.project, PROBLEM, "72")
    tree = factories.tree(team.project, problem, ((0, STEPS[0]), (0, STEPS[1]), (2, STEPS[2])))
    verdicts = (weighed((), STEPS[0], DRAFTS, 24.0), weighed((), STEPS[1], DRAFTS[:2], 24.0))
    verdicts += (weighed(STEPS[1:2], STEPS[2], (SUMMED, "let all = 48 * 2\nresult = all"), 72, 96),)
    nodes = list(Node.objects.filter(tree=tree).order_by("seq"))
    for node, verdict in zip(nodes, verdicts, strict=True):
        claims = [{"text": each.text, "verdict": each.verdict, "detail": each.detail} for each in verdict.claims]
        factories.check(
            node, verdict.kind, verifier="program", version="1", message=verdict.message, claims=claims,
            input=verdict.input, output=verdict.output,
        )  # fmt: skip
    return nodes[0]


def weighed(prefix: tuple[str, ...], step: str, drafts: tuple[str, ...], *values: float) -> Verdict:
    tool, asked = ProgramVerifier(), tuple(Draft(each) for each in drafts)
    programs = tool.programs(CheckJob("program", Problem("1", PROBLEM), prefix, step, asked))
    gave = [*values, *values[-1:] * len(programs)][: len(programs)]
    runs = tuple(Outcome(RunEnding.OK, value) for value in gave)
    return tool.weigh(CheckJob("program", Problem("1", PROBLEM), prefix, step, asked, runs))


def test_the_page_of_a_step_shows_the_programs_their_values_and_the_difference(client: Client) -> None:
    team = cast()
    node = evidenced(team)
    client.force_login(team.ada)
    page = client.get(f"/p/words/trees/{node.tree_id}/?node=1").content.decode()
    assert "48 / 2 = 24 (2 of 3 programs), the step says 96" in page
    assert "Ines sold [?] clips in May." in page
    assert "may = april / 2  # half as many" in page
    assert "off by 72" in page
    assert "result = &lt;b&gt;24&lt;/b&gt;" in page
    assert "<b>24" not in page


def test_support_by_a_verifier_that_informs_is_not_played_down(client: Client) -> None:
    team = cast()
    node = evidenced(team)
    client.force_login(team.ada)
    page = client.get(f"/p/words/trees/{node.tree_id}/?node=2").content.decode()
    assert "as the step says" in page
    assert "That says little about the step" not in page
