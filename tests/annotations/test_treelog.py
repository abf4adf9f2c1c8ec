"""Logged trees: whole, once, refused where they do not fit, and only by those who may."""

from __future__ import annotations

from typing import Any

import pytest

from annotations.access import Access
from annotations.errors import BadInput, NotAllowed
from annotations.models import Node, Problem, Score, Tree
from annotations.selectors.projects import access
from annotations.treelog import LogReport, read_log, store_log
from tests.factories import Cast, cast

pytestmark = pytest.mark.django_db
PENS = "Lena has 5 red and 4 blue pens. How many?"


@pytest.fixture
def team() -> Cast:
    return cast()


@pytest.fixture
def bo(team: Cast) -> Access:
    return access(team.bo, "words")


def logged(viewer: Access, *nodes: dict[str, Any], key: str = "t1", **tree: Any) -> LogReport:
    trees, refused = read_log({"trees": [{"key": key, "problem": PENS, "answer": "9", "nodes": list(nodes), **tree}]})
    return store_log(access=viewer, trees=trees, refused=refused)


FIRST = {"seq": 1, "text": "5 + 4 = 9", "score": 0.9, "value": 0.5, "visits": 4}
END = {"seq": 2, "parent": 1, "text": "Answer: 9", "answer": "9", "correct": True}


def test_a_tree_is_stored_with_values_scores_and_outcomes(bo: Access) -> None:
    report = logged(bo, FIRST, END, done=True, scorer="mine", name="run 7")
    assert (report.stored, report.known, report.refused) == (2, 0, [])
    tree = Tree.objects.get()
    assert (tree.state, tree.node_count, tree.correct_paths, tree.wrong_paths) == ("done", 2, 1, 0)
    assert (tree.problem.text, tree.problem.answer, tree.data) == (PENS, "9", {"name": "run 7"})
    first, end = Node.objects.order_by("seq")
    assert (first.depth, first.visits, first.value_sum, first.terminal) == (1, 4, 2.0, False)
    assert (end.parent_seq, end.depth, end.terminal, end.outcome) == (1, 2, True, 1)
    assert list(Score.objects.values_list("node", "scorer", "value")) == [(first.pk, "mine", 0.9)]


def test_what_is_sent_again_is_stored_once(bo: Access) -> None:
    logged(bo, FIRST)
    report = logged(bo, FIRST, END)
    assert (report.stored, report.known) == (1, 1)
    assert Tree.objects.get().node_count == 2
    assert Score.objects.count() == 1


def test_values_change_as_the_search_goes_on(bo: Access) -> None:
    logged(bo, FIRST)
    logged(bo, updates=[{"seq": 1, "value": 0.25, "visits": 8}])
    assert list(Node.objects.values_list("visits", "value_sum")) == [(8, 2.0)]


def test_trees_of_one_problem_share_it(bo: Access) -> None:
    logged(bo, FIRST, key="a")
    logged(bo, FIRST, key="b")
    assert (Problem.objects.count(), Tree.objects.count()) == (1, 2)


@pytest.mark.parametrize(
    ("node", "where", "error"),
    [
        ({"seq": 0, "text": "x"}, "trees[0].nodes[1]", "seq: expected a whole number from 1"),
        ({"seq": 2, "text": " "}, "trees[0].nodes[1]", "text: expected a text that is not empty"),
        ({"seq": 2, "text": "x", "parent": 7}, "trees[0].nodes[1]", "parent: expected a number below seq"),
        ({"seq": 9, "text": "x", "parent": 7}, "trees[0].nodes[1]", "its parent 7 is not there"),
        ({"seq": 2, "text": "x", "correct": "yes"}, "trees[0].nodes[1]", "correct: expected true, false or null"),
        ("x", "trees[0].nodes[1]", "expected an object"),
    ],
)
def test_a_node_that_does_not_fit_is_refused_by_its_place(bo: Access, node: Any, where: str, error: str) -> None:
    report = logged(bo, FIRST, node, {**END, "seq": 10})
    assert [one.where for one in report.refused] == [where]
    assert report.refused[0].error.startswith(error)
    assert report.stored == 2


def test_a_bad_score_is_refused_and_its_step_kept(bo: Access) -> None:
    report = logged(bo, {**FIRST, "score": 1.5})
    assert report.refused[0].error == "score: expected a finite number from 0 to 1"
    assert (Node.objects.count(), Score.objects.count()) == (1, 0)


def test_characters_that_postgresql_cannot_hold_are_left_out(bo: Access) -> None:
    logged(bo, {"seq": 1, "text": "a\x00b\ud800c"})
    assert Node.objects.get().text == "ab?c"


def test_a_body_that_is_no_log_is_refused_whole() -> None:
    with pytest.raises(BadInput, match="“trees”"):
        read_log([1])


def test_an_annotator_may_not_log(team: Cast) -> None:
    with pytest.raises(NotAllowed):
        logged(access(team.ada, "words"), FIRST)


def test_a_body_asks_as_many_questions_for_a_hundred_nodes_as_for_one(
    bo: Access, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(8):
        logged(bo, FIRST, *({"seq": n, "parent": n - 1, "text": f"step {n}", "score": 0.5} for n in range(2, 101)))
