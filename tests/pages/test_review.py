"""Review: the steps on which PRM, tool and people disagree, each a link to its place in the tree."""

from __future__ import annotations

import pytest

from annotations.labelling import Judgement, save_label
from annotations.models import ModelArtefact, Node, Project, Score, ToolCheck, User
from tests import factories
from tests.factories import Cast, cast
from tests.pages.asking import sign_in, three_ways

pytestmark = pytest.mark.django_db
REVIEW = "/p/words/review/"


@pytest.fixture
def team() -> Cast:
    return cast()


@pytest.fixture
def node(team: Cast) -> Node:
    """A step that the PRM believes and a tool refutes."""
    tree = factories.tree(team.project, factories.problem(team.project))
    step = Node.objects.get(tree=tree, seq=3)
    head = ModelArtefact.objects.create(project=team.project, name="head", kind="prm-head", files_hash="h1")
    Score.objects.create(project=team.project, node=step, scorer="prm", version="h1", value=0.93, model=head)
    ToolCheck.objects.create(project=team.project, node=step, verifier="claims", version="1", verdict="refuted")
    return step


def label(team: Cast, user: User, node: Node, rating: str) -> None:
    judgement = Judgement(rating)
    save_label(access=team.access(user), node_id=node.pk, judgement=judgement, seen_version=None, key=None)


def test_without_disagreement_the_page_says_what_makes_some(team: Cast) -> None:
    assert "No disagreement of this kind" in three_ways(sign_in(team.ada), REVIEW)


def test_each_row_leads_to_the_step_in_its_tree(team: Cast, node: Node) -> None:
    page = three_ways(sign_in(team.ada), f"{REVIEW}?kind=prm_tool")

    assert f'href="/p/words/trees/{node.tree_id}/?node=3"' in page
    assert "0.93" in page
    assert "93 %" in page


def test_the_page_opens_on_a_kind_that_has_steps(team: Cast, node: Node) -> None:
    assert node.text in sign_in(team.ada).get(REVIEW).text
    assert node.text not in sign_in(team.ada).get(f"{REVIEW}?kind=prm_label").text


def test_a_label_against_the_prm_turns_up(team: Cast, node: Node) -> None:
    label(team, team.bo, node, "incorrect")

    page = sign_in(team.bo).get(f"{REVIEW}?kind=prm_label").text

    assert node.text in page
    assert '<span class="chip mark incorrect">incorrect</span>' in page


def test_in_a_blind_project_annotators_learn_nothing_of_others_labels(team: Cast, node: Node) -> None:
    Project.objects.filter(pk=team.project.pk).update(settings={"blind": True})
    label(team, team.bo, node, "incorrect")

    assert node.text not in sign_in(team.ada).get(f"{REVIEW}?kind=prm_label").text
    assert node.text in sign_in(team.bo).get(f"{REVIEW}?kind=prm_label").text


@pytest.mark.parametrize("query", ["kind=guess", "page=0", "page=x", "page=99999", "kind=prm_tool&page=-1"])
def test_an_odd_address_still_answers(team: Cast, query: str) -> None:
    assert sign_in(team.ada).get(f"{REVIEW}?{query}").status_code == 200


def test_strangers_see_nothing(team: Cast) -> None:
    assert sign_in(team.cy).get(REVIEW).status_code == 404
