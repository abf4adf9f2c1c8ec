"""A project's settings: owners change them, others read; whatever is refused keeps what was typed."""

from __future__ import annotations

import pytest
from django.test import Client

from annotations.models import AuditEvent, LabelScheme, Membership, Project
from annotations.pages import markdown
from tests.factories import Cast, cast
from tests.pages.asking import PART, RESTORE, sign_in, three_ways

pytestmark = pytest.mark.django_db
SECTIONS = ["", "members/", "categories/", "end/", "audit/"]


@pytest.fixture
def team() -> Cast:
    return cast()


@pytest.mark.parametrize("section", SECTIONS)
def test_every_section_comes_whole_as_a_part_and_for_a_history_restore(team: Cast, section: str) -> None:
    three_ways(sign_in(team.odo), f"/p/words/settings/{section}")


def test_guidelines_are_read_by_every_member_and_by_no_stranger(team: Cast) -> None:
    Project.objects.filter(pk=team.project.pk).update(guidelines="# Read *this*\n<script>alert(1)</script>")

    page = sign_in(team.vi).get("/p/words/guidelines/")

    assert "<h2>Read <em>this</em></h2>" in page.text
    assert "<script>alert" not in page.text
    assert sign_in(team.cy).get("/p/words/guidelines/").status_code == 404


@pytest.mark.parametrize(
    ("text", "gone"),
    [
        ("[x](javascript:alert(1))", "<a "),
        ("<img src=x onerror=alert(1)>", "<img"),
        ("![x](https://elsewhere.example/pixel)", "<img"),
        ("<a href='data:text/html,x'>x</a>", "<a "),
    ],
)
def test_markdown_lets_nothing_run_or_load(text: str, gone: str) -> None:
    assert gone not in markdown.render(text)


@pytest.mark.parametrize("headers", [{}, PART])
def test_an_owner_saves_name_guidelines_and_switches(team: Cast, headers: dict[str, str]) -> None:
    client = sign_in(team.odo)
    page = client.post(
        "/p/words/settings/",
        {"name": "Sums", "guidelines": "Look.\r\nThink.", "blind": "on"},
        headers=headers,
        follow=True,
    )

    project = Project.objects.get(pk=team.project.pk)
    assert (project.name, project.guidelines, project.settings["blind"]) == ("Sums", "Look.\nThink.", True)
    assert "Settings saved." in page.text
    assert ("<html" in page.text) == (headers == {})


@pytest.mark.parametrize("headers", [{}, PART])
def test_a_refused_name_keeps_the_guidelines_that_were_typed(team: Cast, headers: dict[str, str]) -> None:
    page = sign_in(team.odo).post(
        "/p/words/settings/", {"name": " ", "guidelines": "An hour of writing"}, headers=headers
    )

    assert page.status_code == 400
    assert "An hour of writing" in page.text
    assert "needs a name" in page.text


def test_a_preview_shows_the_guidelines_and_saves_nothing(team: Cast) -> None:
    page = sign_in(team.odo).post(
        "/p/words/settings/", {"name": "Sums", "guidelines": "**bold**", "act": "preview"}, headers=PART
    )

    assert "<strong>bold</strong>" in page.text
    assert Project.objects.get(pk=team.project.pk).name == "Words"


def test_a_reviewer_reads_the_settings_and_may_not_change_them(team: Cast) -> None:
    bo = sign_in(team.bo)

    assert "Only owners change these settings." in bo.get("/p/words/settings/").text
    assert bo.post("/p/words/settings/", {"name": "Mine", "guidelines": ""}).status_code == 403
    assert bo.post("/p/words/settings/members/", {"username": "cy", "role": "owner"}).status_code == 403
    assert bo.get("/p/words/settings/audit/").status_code == 403


def test_an_owner_adds_promotes_and_removes_a_member(team: Cast) -> None:
    client = sign_in(team.odo)
    roles = Membership.objects.filter(project=team.project, user=team.cy).values_list("role", flat=True)

    client.post("/p/words/settings/members/", {"username": "cy", "role": "annotator"})
    assert list(roles.all()) == ["annotator"]
    client.post("/p/words/settings/members/", {"username": "cy", "role": "reviewer"}, headers=PART)
    assert list(roles.all()) == ["reviewer"]
    client.post("/p/words/settings/members/", {"username": "cy", "role": "reviewer", "act": "remove"})
    assert list(roles.all()) == []


def test_an_unknown_username_is_refused_and_stays_in_its_field(team: Cast) -> None:
    page = sign_in(team.odo).post("/p/words/settings/members/", {"username": "nobody", "role": "viewer"}, headers=PART)

    assert page.status_code == 400
    assert 'value="nobody"' in page.text


def test_the_last_owner_stays(team: Cast) -> None:
    page = sign_in(team.odo).post("/p/words/settings/members/", {"username": "odo", "act": "remove"})

    assert page.status_code == 400
    assert "needs an owner" in page.text


def test_an_owner_who_leaves_is_taken_home(team: Cast) -> None:
    client = sign_in(team.odo)
    client.post("/p/words/settings/members/", {"username": "bo", "role": "owner"})

    gone = client.post("/p/words/settings/members/", {"username": "odo", "act": "remove"}, headers=PART)

    assert gone.headers["HX-Redirect"] == "/"
    assert client.get("/p/words/settings/").status_code == 404


def rows(*names: str, active: str = "0") -> dict[str, object]:
    return {"key": ["" for _ in names], "name": list(names), "definition": ["" for _ in names], "active": active}


def test_saving_categories_makes_the_next_version_of_the_scheme(team: Cast) -> None:
    sign_in(team.odo).post("/p/words/settings/categories/", rows("Off by one", "", "Rounding"))

    scheme = LabelScheme.objects.get(project=team.project, version=2)
    assert [(row["key"], row["active"]) for row in scheme.categories] == [("off_by_one", True), ("rounding", False)]


def test_a_row_is_added_without_losing_what_was_typed(team: Cast) -> None:
    page = sign_in(team.odo).post("/p/words/settings/categories/", {**rows("Half written"), "act": "add"}, headers=PART)

    assert 'value="Half written"' in page.text
    assert page.text.count('name="definition"') == 2
    assert LabelScheme.objects.filter(project=team.project).count() == 1


def test_two_categories_with_one_name_are_refused_and_kept_as_typed(team: Cast) -> None:
    page = sign_in(team.odo).post("/p/words/settings/categories/", rows("Unit", "Unit"))

    assert page.status_code == 400
    assert page.text.count('value="Unit"') == 2


def test_a_project_is_archived_read_and_restored(team: Cast) -> None:
    client = sign_in(team.odo)

    client.post("/p/words/settings/end/", {"act": "archive"})
    assert "Restore project" in client.get("/p/words/settings/end/").text
    assert client.post("/p/words/settings/", {"name": "New", "guidelines": ""}).status_code == 403
    client.post("/p/words/settings/end/", {"act": "restore"})
    assert Project.objects.get(pk=team.project.pk).archived_at is None


def test_a_project_is_deleted_only_when_its_name_is_typed(team: Cast) -> None:
    client = sign_in(team.odo)

    refused = client.post("/p/words/settings/end/", {"act": "delete", "confirm": "word"})
    assert refused.status_code == 400
    assert 'value="word"' in refused.text
    done = client.post("/p/words/settings/end/", {"act": "delete", "confirm": "words"})
    assert done.headers["Location"] == "/"
    assert not Project.objects.filter(slug="words").exists()
    assert AuditEvent.objects.filter(action="project deleted", actor=team.odo).exists()


def test_a_history_restore_after_a_refusal_is_a_whole_page(team: Cast, client: Client) -> None:
    page = sign_in(team.odo).get("/p/words/settings/members/", headers=RESTORE)

    assert "<html" in page.text
