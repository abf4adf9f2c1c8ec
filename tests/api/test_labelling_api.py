"""Labelling over HTTP: the same function as the page's, with a conflict that shows what stands there now."""

from __future__ import annotations

from uuid import uuid4

import pytest
from rest_framework.test import APIClient

from annotations.models import LabelEvent, Node
from tests.factories import Cast, cast, problem, tree

pytestmark = pytest.mark.django_db


@pytest.fixture
def team() -> Cast:
    return cast()


@pytest.fixture
def step(team: Cast) -> Node:
    return tree(team.project, problem(team.project)).nodes.get(seq=1)


def post(user: object, step: Node, what: str, **body: object) -> object:
    client = APIClient()
    client.force_authenticate(user)
    return client.post(f"/api/v1/projects/words/nodes/{step.pk}/{what}/", body)


def test_a_label_answers_the_event_and_where_the_step_stands(team: Cast, step: Node) -> None:
    answer = post(team.ada, step, "labels", rating="incorrect", category="unit", note="m, not cm", seen_version=0)
    assert answer.status_code == 201
    event = LabelEvent.objects.get()
    assert (event.author, event.category, event.note, event.client) == (team.ada, "unit", "m, not cm", "api")
    assert answer.json()["event"]["id"] == event.pk
    assert (answer.json()["state"]["version"], answer.json()["state"]["rating"]) == (event.pk, "incorrect")


def test_the_same_send_twice_is_one_label(team: Cast, step: Node) -> None:
    body = {"rating": "correct", "key": str(uuid4()), "seen_version": 0}
    first, second = (post(team.ada, step, "labels", **body).json() for _ in range(2))
    assert first == second
    assert LabelEvent.objects.count() == 1


def test_a_stale_version_is_409_with_the_fresh_state(team: Cast, step: Node) -> None:
    fresh = post(team.bo, step, "labels", rating="incorrect").json()["state"]
    answer = post(team.ada, step, "labels", rating="correct", seen_version=0)
    assert answer.status_code == 409
    assert answer.json()["state"] == fresh
    again = post(team.ada, step, "labels", rating="correct", seen_version=fresh["version"])
    assert again.status_code == 201


def test_undo_goes_back_and_ends(team: Cast, step: Node) -> None:
    for rating in ("correct", "incorrect"):
        post(team.ada, step, "labels", rating=rating)
    assert post(team.ada, step, "undo").json()["state"]["rating"] == "correct"
    assert post(team.ada, step, "undo").json()["state"]["rating"] is None
    ended = post(team.ada, step, "undo")
    assert (ended.status_code, ended.json()) == (400, {"error": "There is nothing of yours to undo on this step."})


def test_the_history_is_newest_first(team: Cast, step: Node) -> None:
    for rating in ("correct", "incorrect"):
        post(team.ada, step, "labels", rating=rating)
    client = APIClient()
    client.force_authenticate(team.vi)
    history = client.get(f"/api/v1/projects/words/nodes/{step.pk}/labels/").json()
    assert [event["rating"] for event in history] == ["incorrect", "correct"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "rating"),
        ({"rating": "right"}, "rating"),
        ({"rating": "incorrect", "category": "bogus"}, "category"),
        ({"rating": "correct", "note": "x" * 10_001}, "note"),
        ({"rating": "correct", "note": "a\x00b"}, "note"),
        ({"rating": "correct", "sureness": 2}, "sureness"),
        ({"rating": "correct", "seconds": -1}, "seconds"),
        ({"rating": "correct", "key": "seven"}, "key"),
        ({"rating": "correct", "comment": "?"}, "comment"),
    ],
)
def test_a_body_that_does_not_fit_names_its_field(team: Cast, step: Node, body: dict[str, object], field: str) -> None:
    answer = post(team.ada, step, "labels", **body)
    assert (answer.status_code, answer.json()["field"]) == (400, field)
    assert not LabelEvent.objects.exists()


def test_what_is_not_json_is_told_so(team: Cast, step: Node) -> None:
    client = APIClient()
    client.force_authenticate(team.ada)
    url = f"/api/v1/projects/words/nodes/{step.pk}/labels/"
    for text in ("{", "[]", '"x"', '{"rating": NaN}'):
        answer = client.generic("POST", url, text, content_type="application/json")
        assert answer.status_code == 400 and answer.json()["error"], text
    assert client.generic("POST", url, "a: b", content_type="text/yaml").status_code == 415
