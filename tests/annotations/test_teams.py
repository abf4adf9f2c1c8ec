"""Projects, members and people: what each act writes, whom it asks, and what outlives it."""

from __future__ import annotations

import pytest

from annotations import labelling, teams
from annotations.errors import BadInput, NotAllowed, NotFound
from annotations.labelling import Judgement
from annotations.models import AuditEvent, LabelEvent, LabelScheme, Membership, Project, User
from annotations.selectors import projects
from inference.types import Role
from tests.factories import Cast, cast, engine, fill, person, problem, tree

pytestmark = pytest.mark.django_db


@pytest.fixture
def team() -> Cast:
    return cast()


def role_of(team: Cast, user: User) -> str | None:
    return Membership.objects.filter(project=team.project, user=user).values_list("role", flat=True).first()


def test_who_makes_a_project_owns_it_and_it_has_a_scheme() -> None:
    odo = person("odo")
    open_engine = engine("open")
    open_engine.limits = {"open": True}
    open_engine.save()
    engine("closed")
    made = teams.create_project(actor=odo, name="  Word problems ")
    access = projects.access(odo, "word-problems")
    assert (made.name, access.role) == ("Word problems", Role.OWNER)
    assert LabelScheme.objects.get(project=made).version == 1
    assert [granted.name for granted in projects.engines_for(access)] == ["open"]
    assert AuditEvent.objects.filter(project_ref=made.pk, action="project created").exists()


def test_two_projects_of_one_name_get_two_addresses() -> None:
    slugs = {teams.create_project(actor=person("odo"), name="Words").slug for _ in range(2)}
    assert len(slugs) == 2


@pytest.mark.parametrize("name", ["", "   ", "x" * 121])
def test_a_project_needs_a_name(name: str) -> None:
    with pytest.raises(BadInput) as caught:
        teams.create_project(actor=person("odo"), name=name)
    assert caught.value.field == "name"


def test_an_owner_changes_name_guidelines_and_switches(team: Cast) -> None:
    access = team.access(team.odo)
    teams.update_project(access=access, name="Sums", guidelines="# Read first", settings={"blind": True})
    team.project.refresh_from_db()
    assert (team.project.name, team.project.settings) == ("Sums", {"blind": True})
    with pytest.raises(BadInput, match="Unknown settings: colour"):
        teams.update_project(access=access, name="Sums", guidelines="", settings={"colour": True})


def test_only_an_owner_manages(team: Cast) -> None:
    access = team.access(team.bo)
    with pytest.raises(NotAllowed):
        teams.update_project(access=access, name="Mine", guidelines="", settings={})
    with pytest.raises(NotAllowed):
        teams.set_member(access=access, username="cy", role="viewer")
    with pytest.raises(NotAllowed):
        teams.set_categories(access=access, categories=[])
    with pytest.raises(NotAllowed):
        teams.archive_project(access=access, archived=True)
    with pytest.raises(NotAllowed):
        teams.delete_project(access=access, confirm="words")


def test_a_member_comes_changes_and_goes(team: Cast) -> None:
    access = team.access(team.odo)
    teams.set_member(access=access, username="cy", role="annotator")
    assert role_of(team, team.cy) == "annotator"
    teams.set_member(access=access, username="cy", role="reviewer")
    assert role_of(team, team.cy) == "reviewer"
    teams.set_member(access=access, username="cy", role=None)
    assert role_of(team, team.cy) is None
    assert AuditEvent.objects.filter(action="member set").count() == 3


def test_the_last_owner_can_neither_leave_nor_step_down(team: Cast) -> None:
    access = team.access(team.odo)
    for role in (None, "viewer"):
        with pytest.raises(BadInput, match="needs an owner"):
            teams.set_member(access=access, username="odo", role=role)
    teams.set_member(access=access, username="bo", role="owner")
    teams.set_member(access=access, username="odo", role=None)
    assert role_of(team, team.odo) is None


@pytest.mark.parametrize(("username", "role", "field"), [("nobody", "viewer", "username"), ("cy", "king", "role")])
def test_a_member_needs_an_account_and_a_role(team: Cast, username: str, role: str, field: str) -> None:
    with pytest.raises(BadInput) as caught:
        teams.set_member(access=team.access(team.odo), username=username, role=role)
    assert caught.value.field == field


def test_categories_make_a_new_version_of_the_scheme(team: Cast) -> None:
    rows = [{"name": "Wrong sign", "definition": "Plus for minus."}]
    scheme = teams.set_categories(access=team.access(team.odo), categories=rows)
    assert (scheme.version, scheme.categories[0]["key"]) == (2, "wrong_sign")
    with pytest.raises(BadInput, match="same key"):
        teams.set_categories(access=team.access(team.odo), categories=rows * 2)
    with pytest.raises(BadInput, match="Category 2 needs a name"):
        teams.set_categories(access=team.access(team.odo), categories=[*rows, {"name": ""}])


def test_an_archive_is_read_only_until_it_is_restored(team: Cast) -> None:
    step = tree(team.project, problem(team.project)).nodes.get(seq=1)
    teams.archive_project(access=team.access(team.odo), archived=True)
    owner = projects.access(team.odo, "words")
    writing = [
        lambda: labelling.save_label(
            access=owner, node_id=step.pk, judgement=Judgement("correct"), seen_version=None, key=None
        ),
        lambda: labelling.undo_label(access=owner, node_id=step.pk),
        lambda: teams.update_project(access=owner, name="New", guidelines="", settings={}),
        lambda: teams.set_member(access=owner, username="cy", role="viewer"),
        lambda: teams.set_categories(access=owner, categories=[]),
    ]
    for write in writing:
        with pytest.raises(NotAllowed, match="is archived"):
            write()
    teams.archive_project(access=owner, archived=False)
    owner = projects.access(team.odo, "words")
    writing[0]()
    assert LabelEvent.objects.count() == 1


def test_deleting_needs_the_projects_address_typed(team: Cast) -> None:
    with pytest.raises(BadInput, match="Type words"):
        teams.delete_project(access=team.access(team.odo), confirm="Words")
    assert Project.objects.filter(slug="words").exists()


def test_an_anonymised_person_keeps_his_labels_and_nothing_else(team: Cast) -> None:
    fill(team.project, team.ada)
    admin = person("root", is_superuser=True)
    before = list(LabelEvent.objects.values_list("pk", "author_id", "voter", "rating"))
    teams.anonymise_person(actor=admin, user_id=team.ada.pk)
    ada = User.objects.get(pk=team.ada.pk)
    assert (ada.username, ada.email, ada.is_active, ada.has_usable_password()) == (f"person-{ada.pk}", "", False, False)
    assert not Membership.objects.filter(user=ada).exists()
    assert list(LabelEvent.objects.values_list("pk", "author_id", "voter", "rating")) == before


def test_only_a_site_admin_anonymises(team: Cast) -> None:
    with pytest.raises(NotFound):
        teams.anonymise_person(actor=team.odo, user_id=team.ada.pk)


def test_an_account_needs_a_free_name_and_a_good_password(team: Cast) -> None:
    teams.create_person(actor=None, username="dee", password="long enough and odd", full_name="Dee")
    for username, password in (("dee", "long enough and odd"), ("", "long enough and odd"), ("eve", "123")):
        with pytest.raises(BadInput):
            teams.create_person(actor=None, username=username, password=password)


def test_a_stranger_has_no_access_and_a_site_admin_has_all(team: Cast) -> None:
    with pytest.raises(NotFound):
        projects.access(team.cy, "words")
    assert projects.access(person("root", is_superuser=True), "words").role == Role.OWNER
    assert list(projects.projects_for(team.cy)) == []
    assert [card.my_role for card in projects.project_cards(team.ada)] == ["annotator"]
