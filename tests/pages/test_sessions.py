"""Who a page takes somebody for: one query finds him, and nothing that ended since still counts."""

from __future__ import annotations

from datetime import timedelta

import psycopg
import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from annotations.models import Membership, Session, User
from tests.factories import Cast, cast
from tests.pages.asking import sign_in

pytestmark = pytest.mark.django_db
LIST = "/p/words/"


@pytest.fixture
def team() -> Cast:
    return cast()


@pytest.fixture
def ada(team: Cast) -> Client:
    return sign_in(team.ada)


def test_a_session_knows_its_user(team: Cast, ada: Client) -> None:
    assert Session.objects.get().user == team.ada
    assert ada.get(LIST).status_code == 200


def test_a_changed_password_ends_the_other_sessions(team: Cast, ada: Client) -> None:
    team.ada.set_password("another one of hers")
    team.ada.save()
    assert ada.get(LIST)["Location"] == f"/login/?next={LIST}"


def test_an_expired_session_counts_no_more(ada: Client) -> None:
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    assert ada.get(LIST)["Location"] == f"/login/?next={LIST}"


def test_a_deactivated_person_is_signed_out(team: Cast, ada: Client) -> None:
    User.objects.filter(pk=team.ada.pk).update(is_active=False)
    assert ada.get(LIST)["Location"] == f"/login/?next={LIST}"


def test_a_member_who_left_finds_no_project(team: Cast, ada: Client) -> None:
    Membership.objects.filter(user=team.ada).delete()
    assert ada.get(LIST).status_code == 404


def test_a_site_admin_opens_a_project_without_being_a_member(team: Cast) -> None:
    User.objects.filter(pk=team.cy.pk).update(is_superuser=True)
    assert sign_in(team.cy).get(LIST).status_code == 200


def test_a_made_up_session_is_nobodys(client: Client, team: Cast) -> None:
    client.cookies["sessionid"] = "a" * 32
    assert client.get(LIST).status_code == 302


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_the_server_ended_is_replaced() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (ended,) = cursor.fetchone()
    with psycopg.connect(connection.connection.info.dsn, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [ended])
    connection.health_check_enabled = True
    connection.close_if_unusable_or_obsolete()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        assert cursor.fetchone() != (ended,)
