"""What a person sees of a judgement: the probability, the bounds, why it is open; in the tree and in review."""

from __future__ import annotations

import pytest
from django.test import Client

from annotations.models import Node, ToolCheck
from inference.engines.scripted import complete
from inference.types import Problem, Verdict
from inference.verifiers.judge import JudgeVerifier
from inference.verifiers.wire import CheckJob, Draft
from tests.factories import cast, check, problem, tree

pytestmark = pytest.mark.django_db


def given(node: Node, right: float, wrong: float) -> ToolCheck:
    """Store what the judge says of these log-probabilities."""
    return stored(node, JudgeVerifier().weigh(job(node.text, Draft("", (right, wrong)))))


def job(step: str, *drafts: Draft) -> CheckJob:
    return CheckJob("judge", Problem("1", "5 boxes?"), (), step, drafts)


def stored(node: Node, found: Verdict) -> ToolCheck:
    said = {"input": found.input, "output": found.output, "message": found.message}
    return check(node, found.kind, verifier="judge", claims=[], **said)


@pytest.mark.parametrize(
    ("right", "wrong", "seen"),
    [
        (-0.05, -3.0, ("p(right) = 0.950", "at least 0.9: supported", 'width="0.9503"')),
        (-3.0, -0.05, ("p(right) = 0.050", "at most 0.1: refuted", 'width="0.0497"')),
        (-0.5, -1.0, ("p(right) = 0.622", "between the bounds: undecided", "-0.500")),
        (-0.05, float("-inf"), ("p(right) = 1.000", "not reported", 'width="1.0000"')),
        (float("-inf"), float("-inf"), ("does not tell how likely",)),
    ],
)
def test_the_bar_and_its_bounds_say_why(client: Client, right: float, wrong: float, seen: tuple[str, ...]) -> None:
    team = cast()
    client.force_login(team.ada)
    grown = tree(team.project, problem(team.project))
    given(Node.objects.get(tree=grown, seq=1), right, wrong)
    page = client.get(f"/p/words/trees/{grown.pk}/?node=1").content.decode()
    shown = page[page.index("by judge v1") :]
    assert all(part in shown for part in seen), seen
    assert " style=" not in shown.partition("</details>")[0]


def test_what_an_engine_made_up_is_shown_in_the_same_way(client: Client) -> None:
    team = cast()
    client.force_login(team.ada)
    grown = tree(team.project, problem(team.project))
    node = Node.objects.get(tree=grown, seq=1)
    [asked] = JudgeVerifier().requests(job(node.text), 1)
    drawn = complete(asked)
    made = given(node, *drawn.choices)
    page = client.get(f"/p/words/trees/{grown.pk}/?node=1").content.decode()
    assert f"p(right) = {made.output['p']:.3f}" in page
