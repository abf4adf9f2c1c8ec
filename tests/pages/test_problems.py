"""The list of problems finds, filters, sorts and pages; the page of one shows its text, answer and trees."""

from __future__ import annotations

import pytest
from django.test import Client

from annotations.labelling import Judgement, save_label, undo_label
from annotations.models import Node, Problem
from annotations.selectors.problems import PAGE
from tests.factories import Cast, cast, problem, tree
from tests.pages.asking import PART, RESTORE

pytestmark = pytest.mark.django_db


@pytest.fixture
def team(client: Client) -> Cast:
    made = cast()
    client.force_login(made.ada)
    return made


def label(team: Cast, node: Node) -> None:
    save_label(
        access=team.access(team.ada), node_id=node.pk, judgement=Judgement("correct"), seen_version=None, key=None
    )


def test_words_are_found_in_any_form(client: Client, team: Cast) -> None:
    problem(team.project)
    problem(team.project, "A train runs 60 miles. How long?")
    page = client.get("/p/words/?q=running+train").content.decode()
    assert "A train runs" in page
    assert "Lena" not in page
    assert "Nothing fits" in client.get("/p/words/?q=zebra").content.decode()


def test_filters_narrow_and_stand_in_the_address(client: Client, team: Cast) -> None:
    grown = tree(team.project, problem(team.project))
    problem(team.project, "A train runs 60 miles. How long?")
    Problem.objects.filter(text__startswith="A train").update(level=4, source="gsm8k")

    def listed(query: str) -> tuple[bool, bool]:
        page = client.get(f"/p/words/?{query}").content.decode()
        return "Lena has" in page, "A train" in page

    assert listed("level=4") == (False, True)
    assert listed("source=gsm8k") == (False, True)
    assert listed("trees=yes") == (True, False)
    assert listed("trees=no") == (False, True)
    assert listed("labels=yes") == (False, False)
    node = Node.objects.get(tree=grown, seq=1)
    label(team, node)
    assert listed("labels=yes") == (True, False)
    undo_label(access=team.access(team.ada), node_id=node.pk)
    assert listed("labels=yes") == (False, False)


def test_a_blind_annotator_is_not_told_where_others_labelled(client: Client, team: Cast) -> None:
    node = Node.objects.get(tree=tree(team.project, problem(team.project)), seq=1)
    label(team, node)
    team.project.settings = {"blind": True}
    team.project.save(update_fields=["settings"])
    assert "Lena has" in client.get("/p/words/?labels=yes").content.decode()
    client.force_login(team.vi)
    assert "Lena has" not in client.get("/p/words/?labels=yes").content.decode()


def test_pages_follow_one_another(client: Client, team: Cast) -> None:
    for number in range(PAGE + 1):
        problem(team.project, f"Problem {number}: what is {number} + 1?")
    first = client.get("/p/words/?sort=newest").content.decode()
    assert f"1–{PAGE} of {PAGE + 1}" in first
    assert "page=2" in first
    second = client.get("/p/words/?sort=newest&page=2").content.decode()
    assert "Problem 0:" in second
    assert "page=3" not in second


def test_a_broken_query_string_still_opens_the_list(client: Client, team: Cast) -> None:
    problem(team.project)
    page = client.get("/p/words/?level=x&page=-3&sort=drop&trees=maybe")
    assert page.status_code == 200
    assert "Lena has" in page.content.decode()


def test_the_list_as_page_part_and_restore(client: Client, team: Cast) -> None:
    problem(team.project)
    assert "<html" in client.get("/p/words/?q=pens").content.decode()
    part = client.get("/p/words/?q=pens&level=&source=", headers=PART)
    assert "<html" not in part.content.decode()
    assert "Lena has" in part.content.decode()
    assert part["HX-Push-Url"] == "/p/words/?q=pens"
    assert "<html" in client.get("/p/words/?q=pens", headers=RESTORE).content.decode()


def test_the_list_asks_as_many_questions_for_thirty_as_for_one(
    client: Client, team: Cast, django_assert_num_queries
) -> None:
    for number in range(PAGE):
        tree(team.project, problem(team.project, f"Problem {number}: what is {number} + 1?"))
    client.get("/p/words/")
    with django_assert_num_queries(4):
        client.get("/p/words/")


def test_an_empty_project_says_what_to_do(client: Client, team: Cast) -> None:
    assert "No problems yet" in client.get("/p/words/").content.decode()


def test_a_problem_shows_text_with_formulae_answer_and_trees(client: Client, team: Cast) -> None:
    shown = problem(team.project, "It costs $5 and $6. What is $\\frac{<b>1</b>}{2}$ of \\(x\\)?", "9")
    grown = tree(team.project, shown)
    page = client.get(f"/p/words/problems/{shown.pk}/").content.decode()
    assert "It costs $5 and $6." in page
    assert 'data-tex="\\frac{&lt;b&gt;1&lt;/b&gt;}{2}"' in page
    assert 'data-tex="x"' in page
    assert f"/p/words/trees/{grown.pk}/" in page
    assert client.get("/p/words/problems/999999/").status_code == 404


def test_a_problem_as_part_and_restore(client: Client, team: Cast) -> None:
    address = f"/p/words/problems/{problem(team.project).pk}/"
    assert "<html" not in client.get(address, headers=PART).content.decode()
    assert "<html" in client.get(address, headers=RESTORE).content.decode()
