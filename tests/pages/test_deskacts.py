"""The address that the labelling page saves to: JSON in and out, few questions to the database, closed to others."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from annotations.models import LabelEvent, LabelSession, Project
from tests.deskcast import Desk, desk

pytestmark = pytest.mark.django_db
AT = "/p/words/desk/acts/"


@pytest.fixture
def bench() -> Desk:
    return desk()


@pytest.fixture
def session(bench: Desk, client: Client) -> LabelSession:
    client.force_login(bench.team.ada)
    return bench.session()


def send(client: Client, *acts: Any, body: bytes | None = None) -> HttpResponse:
    sent = body if body is not None else json.dumps({"acts": acts}).encode()
    answer: HttpResponse = client.post(AT, sent, content_type="application/json")  # type: ignore[assignment]
    return answer


def of(session: LabelSession, act: dict[str, Any]) -> dict[str, Any]:
    return {"session": session.pk, "key": str(uuid4()), **act}


def test_a_whole_item_is_rated_and_submitted_in_one_request(bench: Desk, session: LabelSession, client: Client) -> None:
    acts = [of(session, bench.rate(seq, "correct")) for seq in (1, 2, 3)]
    answer = send(client, *acts, of(session, {"kind": "submit", "finish": "solution", "seconds": 20}))
    results = answer.json()["results"]
    assert answer["Content-Type"] == "application/json"
    assert [result["state"] for result in results] == ["saved"] * 4
    assert [result["key"] for result in results[:3]] == [act["key"] for act in acts]
    assert (results[3]["session_state"], results[3]["gold"]) == ("submitted", None)
    assert list(answer.json()["leases"]) == [str(session.pk)]


def test_ten_ratings_ask_the_database_twice(bench: Desk, session: LabelSession, client: Client) -> None:
    send(client, of(session, bench.rate(4, "correct")))
    acts = [of(session, bench.rate(seq, "correct")) for seq in (1, 2, 3, 6)]
    with CaptureQueriesContext(connection) as asked:
        assert send(client, *acts).status_code == 200
    assert len(asked) == 2


def test_conflict_and_refusal_stand_beside_what_was_saved(bench: Desk, session: LabelSession, client: Client) -> None:
    send(client, of(session, bench.rate(1, "incorrect", note="first")))
    acts = [bench.rate(1, "correct"), bench.rate(2, "superb"), bench.rate(2, "correct")]
    met, bad, good = send(client, *(of(session, act) for act in acts)).json()["results"]
    assert (met["state"], met["stands"]["note"]) == ("conflict", "first")
    assert (bad["state"], bad["field"]) == ("refused", "rating")
    assert good["state"] == "saved"


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'{"acts": {}}', b"\xff\xfe", b"[" * 100_000, b'{"acts": ["%s"]}' % (b"x" * 1_000_000)]
)
def test_a_body_that_is_no_list_of_acts_is_refused(session: LabelSession, client: Client, body: bytes) -> None:
    assert send(client, body=body).status_code == 400


def test_too_many_acts_are_refused(session: LabelSession, client: Client) -> None:
    assert send(client, *[{}] * 201).status_code == 400
    assert send(client, *[{}, None, 5, []]).json()["results"][1]["state"] == "refused"


def test_somebody_elses_session_is_closed(bench: Desk, session: LabelSession, client: Client) -> None:
    client.force_login(bench.team.bo)
    (result,) = send(client, of(session, bench.rate(1, "correct"))).json()["results"]
    assert (result["state"], result["field"]) == ("refused", "session")
    for who, status in (("vi", 403), ("cy", 404)):
        client.force_login(bench.user(who))
        assert send(client, of(session, bench.rate(1, "correct"))).status_code == status
    assert not LabelEvent.objects.exists()


def test_a_page_that_somebody_else_opened_saves_nothing_in_my_name(
    bench: Desk, session: LabelSession, client: Client
) -> None:
    acts = [of(session, bench.rate(1, "correct"))]
    for user, status in ((bench.team.bo.pk, 403), (bench.team.ada.pk, 200)):
        assert send(client, body=json.dumps({"user": user, "acts": acts}).encode()).status_code == status
    assert LabelEvent.objects.count() == 1


def test_an_archived_project_takes_no_acts(bench: Desk, session: LabelSession, client: Client) -> None:
    Project.objects.update(archived_at="2026-01-01T00:00:00Z")
    assert send(client, of(session, bench.rate(1, "correct"))).status_code == 403


def test_acts_need_the_token_of_the_page(bench: Desk, session: LabelSession) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(bench.team.ada)
    assert send(strict, of(session, bench.rate(1, "correct"))).status_code == 403
