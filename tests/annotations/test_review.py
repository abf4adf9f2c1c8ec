"""Who disagrees with whom: what is counted, what is listed, who may know it, and that no word is missed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest
from django.db import connection

from annotations.errors import BadInput, NotAllowed
from annotations.labelling import Judgement, save_label, undo_label
from annotations.models import LabelSlice, ModelArtefact, Node, Rationale, ReviewCell, ReviewDue, User
from annotations.reviewing.fold import fold
from annotations.reviewing.slices import send_slice
from annotations.selectors.review import Found, Matrix, Question, find, ground
from tests import factories
from tests.factories import Cast, check, score

pytestmark = pytest.mark.django_db
PRM = Question(scorer="prm", other="mine")


@pytest.fixture
def cast() -> Cast:
    """One tree of five steps, a head, a script's scorer, and what everybody says of the steps.

    step  prm   mine  tool       Ada
    1     0.9   0.2   refuted    correct
    2     0.1   0.1   supported  correct
    3     0.8   -     -          incorrect
    4     0.6   0.95  supported  incorrect
    5     0.7   0.7   refuted    neutral
    """
    cast = factories.cast()
    steps = tuple((0, f"Step {at}") for at in range(1, 6))
    tree = factories.tree(cast.project, factories.problem(cast.project), steps)
    nodes = {node.seq: node for node in tree.nodes.all()}
    head = ModelArtefact.objects.create(project=cast.project, name="h", kind="prm-head", files_hash="new")
    for seq, value in {1: 0.9, 2: 0.1, 3: 0.8, 4: 0.6, 5: 0.7}.items():
        score(nodes[seq], value, version="new", model=head)
    for seq, value in {1: 0.2, 2: 0.1, 4: 0.95, 5: 0.7}.items():
        score(nodes[seq], value, scorer="mine")
    for seq, verdict in {1: "refuted", 2: "supported", 4: "supported", 5: "refuted"}.items():
        check(nodes[seq], verdict)
    for seq, rating in {1: "correct", 2: "correct", 3: "incorrect", 4: "incorrect", 5: "neutral"}.items():
        label(cast, cast.ada, nodes[seq], rating)
    return cast


def node(seq: int) -> Node:
    return Node.objects.filter(seq=seq).earliest("pk")


def label(cast: Cast, person: User, node: Node, rating: str | None, category: str = "") -> None:
    access = cast.access(person)
    save_label(access=access, node_id=node.pk, judgement=Judgement(rating, category), seen_version=None, key=None)


def ask(cast: Cast, question: Question = PRM, person: User | None = None, **page: int) -> Found:
    access = cast.access(person or cast.bo)
    ground(access)
    return find(access, question, ground(access, question), **page)


def slice_of(cast: Cast, nodes: Iterable[int]) -> int:
    return send_slice(access=cast.access(cast.bo), name="Some", nodes=list(nodes), found_by={}).pk


def listed(found: Found) -> list[tuple[int, float]]:
    return [(row.seq, round(row.confidence, 2)) for row in found.rows]


def test_a_scorer_against_labels_the_surest_mistake_first_and_neutral_is_no_side(cast: Cast) -> None:
    found = ask(cast)

    assert listed(found) == [(2, 0.9), (3, 0.8), (4, 0.6)]
    assert found.matrices[Matrix.LABEL] == {
        **{("correct", "correct"): 1, ("correct", "incorrect"): 2, ("correct", "neutral"): 1},
        **{("incorrect", "correct"): 1},
    }
    assert found.chosen(PRM) == 3


def test_a_refuted_step_rated_correct_goes_far_before_a_supported_one_rated_wrong(cast: Cast) -> None:
    assert listed(ask(cast, replace(PRM, matrix=Matrix.TOOL))) == [(1, 0.97), (4, 0.1)]


def test_a_scorer_against_refutations_needs_no_label(cast: Cast) -> None:
    assert listed(ask(cast, replace(PRM, matrix=Matrix.CHECK))) == [(1, 0.9), (5, 0.7)]


def test_two_scorers_are_compared_where_both_spoke(cast: Cast) -> None:
    pair = replace(PRM, matrix=Matrix.PAIR)
    found = ask(cast, pair)

    assert listed(found) == [(1, 0.7)]
    assert found.matrices[Matrix.PAIR] == {
        **{("correct", "incorrect"): 1, ("incorrect", "incorrect"): 1},
        **{("correct", "correct"): 2},
    }


def test_a_cell_lists_its_steps_and_a_page_goes_on(cast: Cast) -> None:
    cell = replace(PRM, row="correct", col="incorrect")

    assert listed(ask(cast, cell)) == [(3, 0.8), (4, 0.6)]
    assert listed(ask(cast, limit=1, offset=2)) == [(4, 0.6)]
    assert ask(cast, cell).chosen(cell) == 2


def test_a_row_tells_what_everybody_says(cast: Cast) -> None:
    row = ask(cast, replace(PRM, matrix=Matrix.TOOL), limit=1).rows[0]

    assert (row.text, row.problem) == ("Step 1", "Lena has 5 pens and buys 4. How many?")
    assert (row.scores, row.verdict, row.rating) == ({"prm": 0.9, "mine": 0.2}, "refuted", "correct")


def test_steps_are_narrowed_by_category_and_counted_by_it(cast: Cast) -> None:
    label(cast, cast.ada, node(3), "incorrect", "unit")
    found = ask(cast)

    assert found.facets["category"] == [("", 2), ("unit", 1)]
    assert listed(ask(cast, replace(PRM, category="unit"))) == [(3, 0.8)]
    assert ask(cast, replace(PRM, depth=2)).rows == []


def test_the_generator_of_a_rationale_is_the_source_of_its_steps(cast: Cast) -> None:
    leaf = node(3)
    path = {"problem_id": leaf.tree.problem_id, "tree": leaf.tree, "leaf": leaf}
    Rationale.objects.create(project=cast.project, data={"generator": "Qwen"}, **path)
    score(leaf, 0.8, scorer="late")

    assert sorted(ask(cast).facets["source"]) == [("Qwen", 1), ("search", 2)]


def test_in_a_blind_project_nobodys_label_counts_but_ones_own(cast: Cast) -> None:
    cast.project.settings = {"blind": True}
    cast.project.save()
    label(cast, cast.bo, node(2), "incorrect", "unit")

    assert listed(ask(cast, person=cast.vi)) == []
    assert ask(cast, person=cast.vi).matrices[Matrix.LABEL] == {("correct", "none"): 4, ("incorrect", "none"): 1}
    assert ask(cast, person=cast.vi).facets["category"] == []
    mine = ask(cast, person=cast.ada)
    assert listed(mine) == [(2, 0.9), (3, 0.8), (4, 0.6)]
    assert mine.matrices[Matrix.LABEL] != ask(cast, person=cast.bo).matrices[Matrix.LABEL]
    assert {row.rating for row in ask(cast, replace(PRM, matrix=Matrix.CHECK), cast.vi).rows} == {""}
    everything = replace(PRM, slice=slice_of(cast, Node.objects.values_list("pk", flat=True)))
    assert {row.rating for row in ask(cast, everything, cast.vi).rows} == {""}
    assert ask(cast, everything, cast.ada).matrices == mine.matrices


def test_only_the_newest_head_and_the_newest_check_speak(cast: Cast) -> None:
    ask(cast)
    newer = ModelArtefact.objects.create(project=cast.project, name="h2", kind="prm-head", files_hash="newer")
    score(node(3), 0.05, version="newer", model=newer)
    check(node(1), "undecided", version="2")

    assert listed(ask(cast)) == []
    assert listed(ask(cast, replace(PRM, matrix=Matrix.TOOL))) == [(4, 0.1)]


def test_a_threshold_says_on_which_side_a_score_lies(cast: Cast) -> None:
    score(node(2), 0.4, scorer="strict", threshold=0.3)
    score(node(4), 0.4, scorer="strict", threshold=0.5)

    found = ask(cast, replace(PRM, scorer="strict"))
    assert found.matrices[Matrix.LABEL] == {("correct", "correct"): 1, ("incorrect", "incorrect"): 1}


def test_counts_follow_every_word_and_undo(cast: Cast) -> None:
    before = ask(cast).matrices
    label(cast, cast.ada, node(2), None)
    assert ask(cast).matrices[Matrix.LABEL][("incorrect", "none")] == 1
    undo_label(access=cast.access(cast.ada), node_id=node(2).pk)

    assert ask(cast).matrices == before
    assert sum(ReviewCell.objects.values_list("n", flat=True)) == 5


def test_what_is_due_is_taken_in_pieces_and_only_once(cast: Cast) -> None:
    assert fold(cast.project.pk, most=3) == 3
    assert ReviewDue.objects.values("node").distinct().count() == 2
    assert (fold(cast.project.pk), fold(cast.project.pk)) == (2, 0)
    assert sum(ReviewCell.objects.values_list("n", flat=True)) == 5


def test_counts_are_what_counting_afresh_gives(cast: Cast) -> None:
    label(cast, cast.bo, node(4), "correct")
    told = ask(cast).matrices
    ReviewCell.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM annotations_reviewstep")
        cursor.execute(
            "INSERT INTO annotations_reviewdue (project_id, node_id) SELECT project_id, id FROM annotations_node"
        )

    assert ask(cast).matrices == told


def test_another_project_sees_nothing_of_it(cast: Cast) -> None:
    other = factories.cast("others")

    assert ask(other).matrices[Matrix.LABEL] == {}
    assert ground(other.access(other.odo)).scorers == []


def test_a_slice_keeps_its_steps_in_order_whatever_is_said_later(cast: Cast) -> None:
    found = ask(cast)
    nodes = [row.node_id for row in found.rows]
    made = send_slice(access=cast.access(cast.bo), name=" Sure ones ", nodes=nodes, found_by={"matrix": "label"})
    label(cast, cast.ada, node(2), "incorrect")

    assert (made.name, [row.seq for row in ask(cast, replace(PRM, slice=made.pk)).rows]) == (
        "Sure ones",
        [2, 3, 4],
    )


def test_a_slice_that_cannot_be_is_refused(cast: Cast) -> None:
    bo, foreign = cast.access(cast.bo), factories.fill(factories.cast("others").project, cast.ada)
    for name, nodes, sentence in [
        ("", [node(1).pk], "needs a name"),
        ("Empty", [], "holds 1 to 10,000 steps"),
        ("Theirs", [foreign.node.pk], "of this project only"),
    ]:
        with pytest.raises(BadInput, match=sentence):
            send_slice(access=bo, name=name, nodes=nodes, found_by={})
    with pytest.raises(NotAllowed, match="may not fill and change labelling queues"):
        send_slice(access=cast.access(cast.ada), name="Mine", nodes=[node(1).pk], found_by={})
    assert not LabelSlice.objects.filter(project=cast.project).exists()
