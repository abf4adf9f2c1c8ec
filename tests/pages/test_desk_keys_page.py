"""The page of one's keys: whole, as a part, without scripts."""

from __future__ import annotations

import pytest
from pytest_django import DjangoAssertNumQueries

from annotations.models import User
from tests.factories import Cast, cast
from tests.pages.asking import PART, sign_in, three_ways

pytestmark = pytest.mark.django_db
PAGE = "/p/words/desk/keys/"


@pytest.fixture
def team() -> Cast:
    return cast()


def test_the_page_comes_three_ways_with_few_queries(
    team: Cast, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client = sign_in(team.ada)
    assert 'name="incorrect" value="3"' in three_ways(client, PAGE)
    with django_assert_max_num_queries(3):
        client.get(PAGE)


@pytest.mark.parametrize("headers", [{}, PART])
def test_keys_are_set_and_brought_back(team: Cast, headers: dict[str, str]) -> None:
    client = sign_in(team.ada)
    page = client.post(PAGE, {"incorrect": "b", "act": "save"}, headers=headers, follow=True)
    assert "Keys saved." in page.text
    assert 'name="incorrect" value="b"' in page.text
    assert "usually 3" in page.text
    page = client.post(PAGE, {"incorrect": "b", "act": "reset"}, headers=headers, follow=True)
    assert "The usual keys are back." in page.text
    assert User.objects.get(pk=team.ada.pk).desk_keys == {}


def test_a_refusal_keeps_what_was_typed_and_names_the_field(team: Cast) -> None:
    page = sign_in(team.ada).post(PAGE, {"incorrect": "b", "neutral": "b"}, headers=PART)
    assert page.status_code == 400
    assert 'name="neutral" value="b"' in page.text
    assert "b is already the key of" in page.text
    assert User.objects.get(pk=team.ada.pk).desk_keys == {}
