"""Lists of steps on which PRM, tool and people disagree."""

from __future__ import annotations

import pytest

from annotations.errors import BadInput
from annotations.labelling import Judgement, save_label
from annotations.models import ModelArtefact, Node, Score, ToolCheck, User
from annotations.selectors.review import disagreement_counts, disagreements
from tests import factories
from tests.factories import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    """One tree of five steps, a head, and what everybody says of the steps.

    step  prm   tool       Ada
    1     0.9   refuted    correct
    2     0.1   supported  correct
    3     0.8   -          incorrect
    4     0.6   supported  incorrect
    5     0.7   refuted    neutral
    """
    cast = factories.cast()
    steps = tuple((0, f"Step {at}") for at in range(1, 6))
    tree = factories.tree(cast.project, factories.problem(cast.project), steps)
    nodes = {node.seq: node for node in tree.nodes.all()}
    head = ModelArtefact.objects.create(project=cast.project, name="h", kind="prm-head", files_hash="new")
    for seq, value in {1: 0.9, 2: 0.1, 3: 0.8, 4: 0.6, 5: 0.7}.items():
        score(nodes[seq], value, head)
    for seq, verdict in {1: "refuted", 2: "supported", 4: "supported", 5: "refuted"}.items():
        check(nodes[seq], verdict)
    for seq, rating in {1: "correct", 2: "correct", 3: "incorrect", 4: "incorrect", 5: "neutral"}.items():
        label(cast, cast.ada, nodes[seq], rating)
    return cast


def score(node: Node, value: float, head: ModelArtefact) -> None:
    Score.objects.create(
        project_id=node.project_id, node=node, scorer="prm", version=head.files_hash, value=value, model=head
    )


def check(node: Node, verdict: str, version: str = "1") -> None:
    ToolCheck.objects.create(project_id=node.project_id, node=node, verifier="claims", version=version, verdict=verdict)


def label(cast: Cast, person: User, node: Node, rating: str | None) -> None:
    access = cast.access(person)
    save_label(access=access, node_id=node.pk, judgement=Judgement(rating), seen_version=None, key=None)


def seqs(cast: Cast, kind: str, person: User | None = None) -> list[tuple[int, float]]:
    rows = disagreements(cast.access(person or cast.bo), kind=kind)
    return [(row.seq, round(row.confidence, 2)) for row in rows]


def test_prm_against_labels_most_confident_first_and_neutral_is_no_side(cast: Cast) -> None:
    assert seqs(cast, "prm_label") == [(2, 0.9), (3, 0.8), (4, 0.6)]


def test_a_refuted_step_rated_correct_goes_far_before_a_supported_one_rated_wrong(cast: Cast) -> None:
    assert seqs(cast, "tool_label") == [(1, 0.97), (4, 0.1)]


def test_prm_against_refutations_needs_no_label(cast: Cast) -> None:
    assert seqs(cast, "prm_tool") == [(1, 0.9), (5, 0.7)]


def test_a_row_tells_what_everybody_says(cast: Cast) -> None:
    row = disagreements(cast.access(cast.bo), kind="tool_label", limit=1)[0]

    assert (row.text, row.problem) == ("Step 1", "Lena has 5 pens and buys 4. How many?")
    assert (row.prm, row.verdict, row.rating) == (0.9, "refuted", "correct")


def test_counts_and_pages_agree(cast: Cast) -> None:
    access = cast.access(cast.bo)

    assert disagreement_counts(access) == {"prm_label": 3, "tool_label": 2, "prm_tool": 2}
    assert [row.seq for row in disagreements(access, kind="prm_label", limit=2, offset=1)] == [3, 4]


def test_in_a_blind_project_nobodys_label_shows_but_ones_own(cast: Cast) -> None:
    cast.project.settings = {"blind": True}
    cast.project.save()
    label(cast, cast.bo, Node.objects.get(seq=2), "incorrect")

    assert seqs(cast, "prm_label", cast.vi) == []
    assert seqs(cast, "prm_label", cast.ada) == [(2, 0.9), (3, 0.8), (4, 0.6)]
    assert disagreements(cast.access(cast.vi), kind="prm_tool")[0].rating is None
    assert disagreement_counts(cast.access(cast.vi))["tool_label"] == 0


def test_only_the_newest_head_and_the_newest_check_speak(cast: Cast) -> None:
    newer = ModelArtefact.objects.create(project=cast.project, name="h2", kind="prm-head", files_hash="newer")
    score(Node.objects.get(seq=3), 0.05, newer)
    check(Node.objects.get(seq=1), "undecided", version="2")

    assert seqs(cast, "prm_label") == []
    assert seqs(cast, "tool_label") == [(4, 0.1)]


def test_a_label_taken_back_disagrees_with_nothing(cast: Cast) -> None:
    label(cast, cast.ada, Node.objects.get(seq=2), None)

    assert (2, 0.9) not in seqs(cast, "prm_label")


def test_another_project_sees_nothing_of_it(cast: Cast) -> None:
    other = factories.cast("others")

    assert disagreement_counts(other.access(other.odo)) == {"prm_label": 0, "tool_label": 0, "prm_tool": 0}


def test_what_cannot_be_asked_is_named(cast: Cast) -> None:
    with pytest.raises(BadInput, match="expected prm_label, tool_label, prm_tool"):
        disagreements(cast.access(cast.bo), kind="people")
    with pytest.raises(BadInput, match="limit from 1 to 500"):
        disagreements(cast.access(cast.bo), kind="prm_tool", limit=0)
