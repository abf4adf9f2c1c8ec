"""What a search chose: on the tree, its outline, the run's page and the list of trees; strange memory does no harm."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from annotations.models import Node, Run, Tree
from tests.factories import Cast, cast, problem, run, tree
from tests.pages.asking import three_ways

pytestmark = pytest.mark.django_db
VOTED = {"best": 2, "answer": "9", "confidence": 0.75, "votes": [["9", 6], ["2", 2]]}


@pytest.fixture
def team(client: Client) -> Cast:
    made = cast()
    client.force_login(made.bo)
    return made


def grown(team: Cast, memo: Any, of: Run | None = None, method: str = "vote", asked: str = "Pens?") -> Tree:
    """A finished tree whose search remembers `memo`: steps 1 and 3, answers 2 (right) and 4 (wrong)."""
    of = of or run(team.project, state="done", params={"method": method})
    made = tree(team.project, problem(team.project, asked))
    Tree.objects.filter(pk=made.pk).update(run=of, stats={"memo": memo}, visits=8)
    return made


def shown(client: Client, made: Tree, query: str = "") -> str:
    return client.get(f"/p/words/trees/{made.pk}/{query}").text


def test_the_chosen_answer_stands_with_its_confidence_and_the_votes(client: Client, team: Cast) -> None:
    made = grown(team, VOTED)
    page = shown(client, made)
    assert f'Chosen by the vote: <a href="/p/words/trees/{made.pk}/?node=2"><strong>' in page
    assert 'aria-label="Confidence"></progress><span class="num">0.75</span> of all solutions' in page
    assert "2 answers of 8 solutions" in page
    assert 'value="0.250" max="1" aria-label="Share of 2"' in page


def test_the_outline_marks_the_path_to_it(client: Client, team: Cast) -> None:
    page = shown(client, grown(team, VOTED))
    assert 'data-seq="1" class="o chosen"' in page
    assert 'data-seq="2" class="o leaf-right chosen"' in page and "<em>chosen</em>" in page
    assert 'data-seq="4" class="o leaf-wrong"' in page


def test_first_errors_stand_at_their_steps(client: Client, team: Cast) -> None:
    made = grown(team, {"states": {}, "pool": [], "errors": [[4, 3]]}, method="omega")
    assert "1 first error found by binary search" in shown(client, made)
    assert "<em>first error</em>" in shown(client, made)
    assert "first error of a wrong solution, by binary search" in shown(client, made, "?node=4")
    assert "first error of a wrong solution" not in shown(client, made, "?node=2")


@pytest.mark.parametrize(
    "memo",
    [None, [1], {"best": 99}, {"best": "2"}, {"best": 1.5}, {"best": 2, "confidence": "sure", "votes": "many"},
     {"best": 2, "votes": [["9"], ["9", "x"], [None, 2]], "errors": [[1], [99, 3], 7]}],
)  # fmt: skip
def test_strange_memory_does_no_harm(client: Client, team: Cast, memo: Any) -> None:
    made = grown(team, memo)
    assert f"Tree {made.pk}" in shown(client, made)
    assert client.get(f"/p/words/runs/{Tree.objects.get(pk=made.pk).run_id}/").status_code == 200


def test_a_run_says_how_many_of_its_choices_are_right(client: Client, team: Cast) -> None:
    of = run(team.project, state="done", params={"method": "vote"})
    first = grown(team, VOTED, of)
    grown(team, {**VOTED, "best": 4}, of, asked="Pens again?")
    unjudged = grown(team, VOTED, of, asked="Pens once more?")
    Node.objects.filter(tree=unjudged).update(outcome=None)
    grown(team, {}, of, asked="No pens?")

    page = three_ways(client, f"/p/words/runs/{of.pk}/")
    listed = client.get(f"/p/words/trees/?run={of.pk}").text

    assert "1 of 2 trees, 95 % interval 9 to 91 %; 1 without a reference answer" in page
    assert "The search chose the right answer in 1 of 2 trees: 50 %" in listed
    assert "The search chose" not in client.get("/p/words/trees/").text
    other = cast("units")
    client.force_login(other.odo)
    assert "The search chose" not in client.get(f"/p/units/trees/?run={first.run_id or of.pk}").text


def test_a_run_that_chooses_nothing_says_nothing_of_choices(client: Client, team: Cast) -> None:
    made = grown(team, {}, method="mcts")
    assert "Chosen answers" not in client.get(f"/p/words/runs/{Tree.objects.get(pk=made.pk).run_id}/").text
