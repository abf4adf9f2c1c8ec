"""Review: matrices of links, the steps by confidence, one step in its path, and slices that go to the queue."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from annotations.labelling import Judgement, save_label
from annotations.models import AuditEvent, LabelEvent, LabelSlice, Membership, ModelArtefact, Node, Project, User
from tests import factories
from tests.factories import Cast, cast, check, person, score
from tests.pages.asking import PART, sign_in, three_ways

pytestmark = pytest.mark.django_db
REVIEW = "/p/words/review/"
KEY = "5a0c3a3e-6b0e-4d0e-9d57-6f1f7f3d7f10"


@pytest.fixture
def team() -> Cast:
    return cast()


@pytest.fixture
def node(team: Cast) -> Node:
    """A step that the PRM believes and a tool refutes."""
    tree = factories.tree(team.project, factories.problem(team.project))
    step = Node.objects.get(tree=tree, seq=3)
    head = ModelArtefact.objects.create(project=team.project, name="head", kind="prm-head", files_hash="h1")
    score(step, 0.93, version="h1", model=head)
    check(step, "refuted")
    return step


def label(team: Cast, user: User, node: Node, rating: str) -> None:
    judgement = Judgement(rating)
    save_label(access=team.access(user), node_id=node.pk, judgement=judgement, seen_version=None, key=None)


def rows(page: str) -> list[int]:
    return [
        int(found) for found in re.findall(r'data-node="(\d+)"(?: aria-current="true")?>\s*<span class="sure', page)
    ]


def test_with_nothing_said_the_page_says_what_would_fill_it(team: Cast) -> None:
    assert "Nothing to compare yet" in three_ways(sign_in(team.ada), REVIEW)


def test_each_row_opens_its_step_in_its_path_with_the_evidence(team: Cast, node: Node) -> None:
    page = three_ways(sign_in(team.ada), f"{REVIEW}?matrix=check")

    assert rows(page) == [node.pk]
    assert "93 %" in page
    assert "5 + 4 = 9, not 8" in page
    assert f'href="/p/words/trees/{node.tree_id}/?node=3"' in page


def test_the_page_opens_on_a_matrix_that_has_mistakes(team: Cast, node: Node) -> None:
    assert rows(sign_in(team.ada).get(REVIEW).text) == [node.pk]
    assert rows(sign_in(team.ada).get(f"{REVIEW}?matrix=label").text) == []


def test_every_cell_is_a_link_that_finds_its_steps(team: Cast, node: Node) -> None:
    label(team, team.bo, node, "incorrect")
    client = sign_in(team.bo)
    page = client.get(REVIEW).text

    links = re.findall(r'<td class="s\d(?: mistake)?"><a href="([^"]+)"[^>]*>(\d+)<', page)
    assert len(links) == 3
    for url, count in links:
        assert len(rows(client.get(url.replace("&amp;", "&")).text)) == int(count)


def test_a_row_asks_for_the_step_alone(team: Cast, node: Node) -> None:
    headers = {**PART, "HX-Target": "step"}
    answer = sign_in(team.ada).get(f"{REVIEW}?matrix=check&node={node.pk}", headers=headers)

    assert "matrix" not in answer.text.split("name=", 1)[0]
    assert node.text in answer.text


def test_a_label_without_scripts_returns_to_the_list(team: Cast, node: Node) -> None:
    form = {"rating": "incorrect", "version": "0", "key": KEY, "review": f"matrix=check&node={node.pk}"}
    answer = sign_in(team.ada).post(f"/p/words/nodes/{node.pk}/label/", form)

    assert answer["Location"] == f"{REVIEW}?matrix=check&node={node.pk}"
    assert LabelEvent.objects.get().client == "review"


def test_a_slice_is_sent_opened_and_counted(team: Cast, node: Node) -> None:
    client = sign_in(team.bo)
    answer = client.post(f"{REVIEW}slices/", {"name": "Refuted, believed", "query": "matrix=check"})

    made = LabelSlice.objects.get()
    assert (made.nodes, made.filter["matrix"], answer["Location"]) == ([node.pk], "check", f"{REVIEW}?slice={made.pk}")
    label(team, team.bo, node, "incorrect")
    page = three_ways(client, f"{REVIEW}?slice={made.pk}")
    assert rows(page) == [node.pk]
    assert "1 labelled" in page


def test_a_slice_is_deleted_by_who_sent_it_or_an_owner_and_its_labels_stay(team: Cast, node: Node) -> None:
    label(team, team.bo, node, "incorrect")
    other = person("rita")
    Membership.objects.create(project=team.project, user=other, role="reviewer")
    for who in (team.bo, team.odo):
        sign_in(team.bo).post(f"{REVIEW}slices/", {"name": "Mine", "query": "matrix=check"})
        made = LabelSlice.objects.get(name="Mine")
        delete = f"{REVIEW}slices/{made.pk}/delete/"
        assert "Delete this slice" not in sign_in(other).get(f"{REVIEW}?slice={made.pk}").text
        assert sign_in(other).post(delete).status_code == 403
        assert delete in sign_in(who).get(f"{REVIEW}?slice={made.pk}").text
        page = sign_in(who).post(delete, follow=True)
        assert "The slice Mine is deleted" in page.text and not LabelSlice.objects.exists()
    event = AuditEvent.objects.filter(action="slice deleted").latest("id")
    assert (event.actor, event.data) == (team.odo, {"name": "Mine", "steps": 1})
    assert LabelEvent.objects.count() == 1


def test_who_may_only_label_cannot_send_and_is_told_nothing_of_anothers_slice(team: Cast, node: Node) -> None:
    assert "Send this slice" not in sign_in(team.ada).get(REVIEW).text
    assert sign_in(team.ada).post(f"{REVIEW}slices/", {"name": "Mine", "query": "matrix=check"}).status_code == 403
    other = factories.fill(cast("others").project, team.ada)
    theirs = LabelSlice.objects.get(project=other.project)
    assert sign_in(team.bo).get(f"{REVIEW}?slice={theirs.pk}").status_code == 404


def test_in_a_blind_project_annotators_learn_nothing_of_others_labels(team: Cast, node: Node) -> None:
    Project.objects.filter(pk=team.project.pk).update(settings={"blind": True})
    label(team, team.bo, node, "incorrect")

    assert rows(sign_in(team.ada).get(f"{REVIEW}?matrix=label").text) == []
    assert rows(sign_in(team.bo).get(f"{REVIEW}?matrix=label").text) == [node.pk]
    shown = sign_in(team.ada).get(f"{REVIEW}?matrix=check").text
    assert "no label" in shown and "nobody yet" in shown


def test_the_page_asks_as_often_for_one_step_as_for_many(team: Cast, node: Node) -> None:
    client = sign_in(team.bo)
    client.get(REVIEW)
    with CaptureQueriesContext(connection) as few:
        client.get(f"{REVIEW}?matrix=check")
    for step in Node.objects.exclude(pk=node.pk):
        score(step, 0.8, version="h1")
        check(step, "refuted")
    client.get(REVIEW)
    with CaptureQueriesContext(connection) as many:
        assert len(rows(client.get(f"{REVIEW}?matrix=check").text)) == 4
    assert len(few) == len(many) == 5


@pytest.mark.parametrize(
    "query",
    ["matrix=guess", "page=0", "page=x", "page=99999", "matrix=check&page=-1", "node=999999999", "cell=a.b"]
    + ["matrix=pair", "scorer=nobody", "source=%00", "depth=x&length=7", "matrix=label&cell=correct.refuted"],
)  # fmt: skip
def test_an_odd_address_still_answers(team: Cast, node: Node, query: str) -> None:
    assert sign_in(team.ada).get(f"{REVIEW}?{query}").status_code == 200


def test_strangers_see_nothing(team: Cast) -> None:
    assert sign_in(team.cy).get(REVIEW).status_code == 404
