"""Two runs on the same problems: who solved more, by how much, at what cost; and what to do when they share none."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import cache as answers_kept
from django.db import connection
from django.test.utils import CaptureQueriesContext

from annotations.models import Problem, Run, Tree
from annotations.selectors.compare import comparison
from tests import factories
from tests.factories import Cast, cast
from tests.pages.asking import sign_in, three_ways

pytestmark = pytest.mark.django_db
PAGE = "/p/words/runs/compare/"
API = "/api/v1/projects/words/runs/compare/"


@pytest.fixture
def team() -> Cast:
    answers_kept.clear()
    return cast()


def run(team: Cast, **params: Any) -> Run:
    return factories.run(team.project, state="done", params=params)


def problems(team: Cast, count: int) -> list[Problem]:
    return [factories.problem(team.project, f"How much is {n} + {n}?", str(2 * n)) for n in range(count)]


def grown(run: Run, problem: Problem, solved: bool, nodes: int, tokens: int, **fields: Any) -> Tree:
    stats = {"tokens": tokens, "kept": {"succeeds": 3, "refuted": 1}}
    values: dict[str, Any] = {"state": "done", "stats": stats, **fields}
    return Tree.objects.create(
        project=run.project, problem=problem, run=run, correct_paths=int(solved), node_count=nodes, **values
    )


def pair(team: Cast) -> tuple[Run, Run]:
    """Ten problems: both solve 4, only the first 1, only the second 3; the second's trees are two steps smaller."""
    first, second = run(team, children=3, method="mcts"), run(team, children=5, method="mcts")
    for at, problem in enumerate(problems(team, 10)):
        grown(first, problem, at < 5, 10 + at % 3, 100)
        grown(second, problem, at < 4 or 5 <= at < 8, 8 + at % 3, 70)
    return first, second


def test_runs_are_compared_problem_by_problem(team: Cast) -> None:
    first, second = pair(team)
    extra = factories.problem(team.project, "Only the first run has it.")
    grown(first, extra, True, 99, 9999)
    half = factories.problem(team.project, "It still grows in the second run.")
    grown(first, half, True, 99, 9999)
    grown(second, half, False, 1, 5, state="growing")

    found = comparison(team.access(team.vi), first.pk, second.pk)

    assert (found.shared, found.compared) == (11, 10)
    assert (found.a.solved, found.b.solved, found.only_a, found.only_b) == (5, 7, 1, 3)
    assert found.solved.value == pytest.approx(0.2)
    assert found.solved.low < 0 < found.solved.high
    assert found.solved_p == pytest.approx(2 * (1 + 4) / 16)
    assert found.nodes is not None and (found.nodes.value, found.nodes.low, found.nodes.high) == (-2, -2, -2)
    assert (found.a.tokens, found.b.tokens, found.a.kept) == (1000, 700, 40)
    assert (found.b.tokens_per_solved, found.b.tokens_per_label) == (100, 17.5)
    assert found.settings == [("Children", "3", "5")]
    assert len(found.alone_a) == 1 and len(found.alone_b) == 3


def test_verdicts_are_those_of_the_compared_trees(team: Cast) -> None:
    first, second = run(team), run(team)
    for number, made in enumerate((first, second)):
        tree = factories.tree(team.project, Problem.objects.first() or factories.problem(team.project))
        Tree.objects.filter(pk=tree.pk).update(run=made, external_key="")
        for node in tree.nodes.all():
            factories.check(node, "refuted" if node.seq <= number else "supported", run=made)
            factories.check(node, "refuted", run=made, verifier="answer")

    found = comparison(team.access(team.vi), first.pk, second.pk)

    assert found.a.verdicts == {"refuted": 0, "supported": 4, "undecided": 0}
    assert found.b.verdicts == {"refuted": 1, "supported": 3, "undecided": 0}
    assert found.refuted is not None and found.refuted.value == pytest.approx(0.25)


def test_the_page_says_who_solved_more_and_links_to_both_trees(team: Cast) -> None:
    first, second = pair(team)

    page = three_ways(sign_in(team.vi), f"{PAGE}?a={first.pk}&b={second.pk}")

    assert "Of 10 problems, A solved 5 and B 7: no difference that can be told from chance" in page
    assert "70.0 %" in page and "39.7 to 89.2 %" in page
    assert "<strong>−2.0</strong>" in page
    alone = Tree.objects.get(run=second, problem__text="How much is 5 + 5?")
    assert f'href="/p/words/trees/{alone.pk}/">Tree in B' in page
    ticked = sign_in(team.vi).get(f"{PAGE}?run={first.pk}&run={second.pk}").text
    assert "A solved 5 and B 7" in ticked


def test_runs_that_share_nothing_are_told_what_to_do(team: Cast) -> None:
    first, second = run(team), run(team)
    apart = problems(team, 2)
    grown(first, apart[0], True, 3, 5)
    grown(second, apart[1], True, 3, 5)

    page = sign_in(team.bo).get(f"{PAGE}?a={first.pk}&b={second.pk}").text

    assert "These runs share no problem" in page
    assert f"/p/words/runs/new/?like={first.pk}" in page


def test_what_cannot_be_compared_is_said(team: Cast) -> None:
    first, _ = pair(team)
    import_ = factories.run(team.project, "import")
    theirs = factories.run(cast("others").project)
    vi = sign_in(team.vi)

    assert "grows no trees" in vi.get(f"{PAGE}?a={first.pk}&b={import_.pk}").text
    assert "Choose two different runs." in vi.get(f"{PAGE}?a={first.pk}&b={first.pk}").text
    assert "3 were ticked" in vi.get(f"{PAGE}?run=1&run=2&run=3").text
    assert vi.get(f"{PAGE}?a={first.pk}&b={theirs.pk}").status_code == 404
    assert vi.get(f"{API}?a={first.pk}&b={theirs.pk}").status_code == 404
    refused = vi.get(f"{API}?a={first.pk}")
    assert (refused.status_code, refused.json()["field"]) == (400, "b")
    assert vi.get(f"{PAGE}?a=x&b=²").status_code == 200


def test_the_api_tells_the_same_numbers(team: Cast) -> None:
    first, second = pair(team)

    told = sign_in(team.vi).get(f"{API}?a={first.pk}&b={second.pk}").json()

    assert told["solved"]["value"] == pytest.approx(0.2)
    assert (told["b"]["solved"], told["b"]["run"]) == (7, second.pk)
    assert told["settings"] == [{"name": "Children", "a": "3", "b": "5"}]
    assert [set(each) for each in told["alone_a"]] == [{"problem", "tree_a", "tree_b"}]


def test_a_comparison_takes_the_same_queries_however_many_problems(team: Cast) -> None:
    first, second = pair(team)
    access = team.access(team.vi)
    with CaptureQueriesContext(connection) as few:
        comparison(access, first.pk, second.pk)
    for problem in problems_more(team, 60):
        grown(first, problem, True, 3, 5)
        grown(second, problem, False, 3, 5)
    with CaptureQueriesContext(connection) as many:
        found = comparison(access, first.pk, second.pk)

    assert len(many) == len(few) == 3
    assert (found.compared, found.only_a, len(found.alone_a)) == (70, 61, 20)
    assert found.solved.high < 0 and found.solved_p < 1e-9


def problems_more(team: Cast, count: int) -> list[Problem]:
    return [factories.problem(team.project, f"How much is {n} times {n}?") for n in range(count)]
