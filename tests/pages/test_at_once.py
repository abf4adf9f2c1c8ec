"""Saving looks up who asks in the message that saves: one question, and nothing is stored for who lost his right."""

from __future__ import annotations

import json
from collections.abc import Callable
from uuid import uuid4

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from annotations.models import LabelEvent, LabelSession, Membership, Session, User
from tests.deskcast import Desk, desk

pytestmark = pytest.mark.django_db(transaction=True)
AT = "/p/words/desk/acts/"


@pytest.fixture
def bench(client: Client) -> Desk:
    made = desk()
    made.session()
    client.force_login(made.team.ada)
    return made


def rates(bench: Desk, client: Client, seq: int) -> HttpResponse:
    act = {"session": LabelSession.objects.get().pk, "key": str(uuid4()), **bench.rate(seq, "correct")}
    answer: HttpResponse = client.post(AT, json.dumps({"acts": [act]}), content_type="application/json")  # type: ignore[assignment]
    return answer


def member_no_more(ada: User) -> None:
    Membership.objects.filter(user=ada).delete()


def signed_out(ada: User) -> None:
    Session.objects.filter(user_id=ada.pk).delete()


def other_password(ada: User) -> None:
    ada.set_password("another one entirely")
    ada.save()


def not_active(ada: User) -> None:
    User.objects.filter(pk=ada.pk).update(is_active=False)


def test_the_second_time_one_message_asks_who_it_is_and_saves(bench: Desk, client: Client) -> None:
    assert rates(bench, client, 1).status_code == 200
    with CaptureQueriesContext(connection) as asked:
        assert rates(bench, client, 2).json()["results"][0]["state"] == "saved"  # type: ignore[attr-defined]
    assert len([one for one in asked if "EXECUTE" in one["sql"]]) == 1


@pytest.mark.parametrize("loses", [member_no_more, signed_out, other_password, not_active])
def test_who_lost_his_right_since_saves_nothing(bench: Desk, client: Client, loses: Callable[[User], None]) -> None:
    assert rates(bench, client, 1).status_code == 200
    loses(bench.team.ada)
    assert rates(bench, client, 2).status_code in (302, 404)
    assert LabelEvent.objects.count() == 1


def test_what_changed_is_read_again_and_the_act_is_saved(bench: Desk, client: Client) -> None:
    assert rates(bench, client, 1).status_code == 200
    Membership.objects.filter(user=bench.team.ada).update(role="reviewer")
    answer = rates(bench, client, 2)
    assert answer.status_code == 200 and LabelEvent.objects.count() == 2


def test_acts_that_ask_nothing_are_answered_only_to_who_is_signed_in(bench: Desk, client: Client) -> None:
    assert rates(bench, client, 1).status_code == 200
    signed_out(bench.team.ada)
    assert client.post(AT, json.dumps({"acts": []}), content_type="application/json").status_code == 302
