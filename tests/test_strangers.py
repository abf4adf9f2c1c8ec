"""Whoever is not of a project learns nothing of it: every address of a project answers 404, whatever ids are mixed."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.cache import cache
from django.urls import reverse

from annotations.models import Membership
from tests.api.asking import ask, with_file
from tests.api.permissions import TABLE, arguments, url_patterns
from tests.factories import Cast, Filled, cast, fill

pytestmark = pytest.mark.django_db
OF_PROJECT = [
    (str(entry.name), method)
    for entry in url_patterns()
    for method in TABLE.get(str(entry.name), {"GET": "", "POST": ""})
    if isinstance(TABLE.get(str(entry.name), {}).get(method, frozenset()), frozenset)
]


@pytest.fixture
def team() -> Cast:
    cache.clear()
    return cast()


@pytest.fixture
def words(team: Cast) -> Filled:
    return with_file(fill(team.project, team.ada))


@pytest.fixture
def his(team: Cast) -> Filled:
    """Return a project that Cy owns alone."""
    made = cast("elsewhere")
    Membership.objects.filter(project=made.project).delete()
    Membership.objects.create(project=made.project, user=team.cy, role="owner")
    return with_file(fill(made.project, team.cy))


def mixtures(name: str, his: Filled, words: Filled) -> list[dict[str, Any]]:
    """Return the ways to put what names rows of both projects into an address, except his own in his own project."""
    own, foreign = arguments(name, his), arguments(name, words)
    mixed = [foreign, {**own, "slug": foreign["slug"]}]
    mixed += [{**own, key: foreign[key]} for key in own if key != "slug" and own[key] != foreign[key]]
    return mixed


def test_there_are_addresses_to_ask() -> None:
    assert len(OF_PROJECT) > 40


@pytest.mark.parametrize(("name", "method"), OF_PROJECT)
def test_a_stranger_gets_the_404_of_a_project_that_is_not_there(
    name: str, method: str, team: Cast, words: Filled
) -> None:
    there = arguments(name, words)
    answers = [
        ask(team.cy, name, method, reverse(name, kwargs=asked)) for asked in (there, {**there, "slug": "nothing"})
    ]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert body(answers[0]) == body(answers[1])


def body(answer: Any) -> str:
    """Return what was answered without the token against forged forms, which is new each time."""
    return re.sub(r"\b[A-Za-z0-9]{64}\b", "", answer.text).replace("/words/", "/nothing/")


@pytest.mark.parametrize(("name", "method"), OF_PROJECT)
def test_the_owner_of_another_project_gets_404(name: str, method: str, team: Cast, words: Filled, his: Filled) -> None:
    for mixed in mixtures(name, his, words):
        url = reverse(name, kwargs=mixed)
        assert ask(team.cy, name, method, url).status_code == 404, url
