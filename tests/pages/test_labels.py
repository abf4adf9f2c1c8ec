"""Labelling from the tree page: with scripts a small answer, without a redirect; a stale form loses nothing."""

from __future__ import annotations

import json
from uuid import uuid4

import pytest
from django.test import Client

from annotations.labelling import Judgement, save_label
from annotations.models import LabelEvent, Node, Tree
from tests.factories import Cast, cast, problem, tree
from tests.pages.asking import PART, RESTORE

pytestmark = pytest.mark.django_db


@pytest.fixture
def team(client: Client) -> Cast:
    made = cast()
    client.force_login(made.ada)
    return made


@pytest.fixture
def grown(team: Cast) -> Tree:
    return tree(team.project, problem(team.project))


@pytest.fixture
def node(grown: Tree) -> Node:
    return Node.objects.get(tree=grown, seq=1)


def form(node: Node, **fields: str) -> dict[str, str]:
    """Return what the form of a step sends, as the page makes it."""
    base = f"/p/words/trees/{node.tree_id}/"
    ways = {"next": f"{base}?node=2", "stay": f"{base}?node=1"}
    return {"version": "0", "key": str(uuid4()), "seq": str(node.seq), "name": "Step 1", **ways, **fields}


def at(node: Node, act: str = "label") -> str:
    return f"/p/words/nodes/{node.pk}/{act}/"


def test_without_scripts_the_form_saves_and_goes_on_to_the_next_step(client: Client, node: Node) -> None:
    sent = client.post(at(node), form(node, rating="incorrect", category="arithmetic", note="9, not 8"))
    assert sent.status_code == 302
    assert sent["Location"].endswith("?node=2")
    event = LabelEvent.objects.get()
    assert (event.rating, event.category, event.note) == ("incorrect", "arithmetic", "9, not 8")
    assert "Step 1: incorrect, saved" in client.get(sent["Location"]).content.decode()


def test_with_scripts_the_answer_is_small_and_tells_the_page(client: Client, node: Node) -> None:
    sent = client.post(at(node), form(node, rating="correct"), headers=PART)
    assert "saved" in sent.content.decode()
    assert "<html" not in sent.content.decode()
    told = json.loads(sent["HX-Trigger"])["step-labelled"]
    assert (told["seq"], told["rating"]) == ("1", "correct")
    assert told["next"].endswith("?node=2")


def test_a_note_is_saved_beside_the_rating_and_the_step_stays(client: Client, node: Node) -> None:
    sent = client.post(at(node), form(node, keep="1", held="correct", note="nice"), headers=PART)
    event = LabelEvent.objects.get()
    assert (event.rating, event.note) == ("correct", "nice")
    assert json.loads(sent["HX-Trigger"])["step-labelled"]["next"].endswith("?node=1")


def test_a_form_sent_twice_is_one_label(client: Client, node: Node) -> None:
    sent = form(node, rating="correct")
    for _ in range(2):
        assert client.post(at(node), sent, headers=PART).status_code == 200
    assert LabelEvent.objects.count() == 1


@pytest.mark.parametrize("headers", [PART, {}])
def test_a_stale_form_gets_the_fresh_step_and_loses_nothing(
    client: Client, team: Cast, node: Node, headers: dict[str, str]
) -> None:
    said = Judgement("incorrect", category="unit", note="Bo was faster")
    event = save_label(access=team.access(team.bo), node_id=node.pk, judgement=said, seen_version=0, key=None)
    sent = form(node, rating="correct", note="typed <long>", rewrite="9 pens in all", category="arithmetic")
    answer = client.post(at(node), sent, headers=headers)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Bo was faster" in page
    assert "typed &lt;long&gt;</textarea>" in page
    assert "9 pens in all</textarea>" in page
    assert '<option value="arithmetic"' in page
    assert f'name="version" value="{event.pk}"' in page
    assert ("<html" in page) == (not headers)
    assert answer["HX-Retarget"] == "#label"
    assert LabelEvent.objects.count() == 1


def test_bad_input_keeps_the_typing_too(client: Client, node: Node) -> None:
    answer = client.post(at(node), form(node, rating="correct", category="nonsense", note="kept"), headers=PART)
    assert answer.status_code == 400
    assert "not an active category" in answer.content.decode()
    assert "kept</textarea>" in answer.content.decode()


def test_a_form_without_its_version_is_refused(client: Client, node: Node) -> None:
    answer = client.post(at(node), {"rating": "correct"}, headers=PART)
    assert answer.status_code == 400
    assert "Open the step again" in answer.content.decode()


def test_undo_takes_the_label_back_and_returns_to_the_step(client: Client, node: Node) -> None:
    client.post(at(node), form(node, rating="correct"), headers=PART)
    undone = client.post(at(node, "undo"), headers=PART)
    assert json.loads(undone["HX-Trigger"])["step-labelled"]["rating"] == ""
    assert client.post(at(node, "undo"), headers=PART).status_code == 400
    client.post(at(node), form(node, rating="correct", version=str(LabelEvent.objects.latest("id").pk)))
    back = client.post(at(node, "undo"))
    assert back["Location"] == f"/p/words/trees/{node.tree_id}/?node=1"


def test_history_names_author_and_act(client: Client, team: Cast, node: Node) -> None:
    client.post(at(node), form(node, rating="incorrect", category="unit", note="metres"), headers=PART)
    client.post(at(node, "undo"), headers=PART)
    for headers, whole in ((PART, False), ({}, True), (RESTORE, True)):
        page = client.get(at(node, "history"), headers=headers).content.decode()
        assert ("<html" in page) == whole
        assert page.index("undone by ada") < page.index("metres")


def test_who_may_not_label_is_told_so(client: Client, team: Cast, node: Node) -> None:
    client.force_login(team.vi)
    answer = client.post(at(node), form(node, rating="correct"))
    assert answer.status_code == 403
    client.force_login(team.cy)
    assert client.post(at(node), form(node, rating="correct")).status_code == 404


def test_the_way_on_never_leaves_the_project(client: Client, node: Node) -> None:
    sent = client.post(at(node), form(node, rating="correct", next="https://elsewhere.example/"))
    assert sent["Location"].startswith(f"/p/words/trees/{node.tree_id}/")


def test_saving_a_label_asks_few_questions(client: Client, node: Node, django_assert_max_num_queries) -> None:
    with django_assert_max_num_queries(9):
        client.post(at(node), form(node, rating="correct"), headers=PART)


def test_a_token_is_needed(team: Cast, node: Node) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(team.ada)
    assert strict.post(at(node), form(node, rating="correct")).status_code == 403
