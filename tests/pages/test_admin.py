"""The admin site: for site admins alone, through the functions that own the facts, under the strict policy."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.admin.sites import site
from django.test import Client

from annotations.models import AuditEvent, Engine, EngineGrant, Membership, Project, Run, User
from tests.factories import Cast, cast, person
from tests.pages.asking import sign_in

pytestmark = pytest.mark.django_db
MODELS = sorted(f"{model._meta.app_label}/{model._meta.model_name}" for model in site._registry)
OURS = [name for name in MODELS if name.startswith("annotations/")]


@pytest.fixture
def team() -> Cast:
    return cast()


@pytest.fixture
def admin(team: Cast) -> Client:
    return sign_in(person("root", is_staff=True, is_superuser=True))


def engine_form(**fields: Any) -> dict[str, Any]:
    return {"name": "Small", "kind": "scripted", "dtype": "auto", "device": "auto", "limits": "{}", **fields}


@pytest.mark.parametrize("name", OURS)
def test_only_site_admins_see_the_lists(team: Cast, admin: Client, name: str) -> None:
    User.objects.filter(pk=team.odo.pk).update(is_staff=True)

    assert admin.get(f"/admin/{name}/").status_code == 200
    assert sign_in(team.odo).get(f"/admin/{name}/").status_code == 403
    assert sign_in(team.ada).get(f"/admin/{name}/").status_code == 302


@pytest.mark.parametrize("name", ["user", "project", "membership", "engine", "enginegrant"])
def test_no_page_of_the_admin_needs_inline_code(admin: Client, name: str) -> None:
    page = admin.get(f"/admin/annotations/{name}/add/").text

    scripts = re.findall(r"<script(?![^>]*\bsrc=)([^>]*)>", page)
    assert all('type="application/json"' in attributes for attributes in scripts)
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", page)


def test_a_site_admin_makes_an_engine_and_grants_it(team: Cast, admin: Client) -> None:
    admin.post("/admin/annotations/engine/add/", engine_form(active="on", limits='{"shard": 8}'))
    engine = Engine.objects.get()
    admin.post("/admin/annotations/enginegrant/add/", {"project": team.project.pk, "engine": engine.pk})

    assert EngineGrant.objects.filter(project=team.project, engine=engine).exists()
    actions = list(AuditEvent.objects.order_by("id").values_list("action", flat=True))
    assert actions == ["engine made", "engine granted"]
    revoked = {"action": "revoke", "_selected_action": EngineGrant.objects.get().pk}
    admin.post("/admin/annotations/enginegrant/", revoked)
    assert not EngineGrant.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"kind": "hf", "model": ""}, "expected a folder or a hub id"),
        ({"secret_env": "hf_abc123"}, "name of an environment variable"),
        ({"kind": "openai_http"}, "expected the base address of a server"),
        ({"kind": "openai_http", "limits": '{"address": "ftp://host"}'}, "expected the base address of a server"),
        ({"limits": '{"speed": 9}'}, "no such setting"),
        ({"limits": '{"shard": 0}'}, "1 to 4096"),
        ({"limits": "[]"}, "expected an object"),
    ],
)
def test_an_engine_that_could_not_run_is_refused(admin: Client, wrong: dict[str, str], says: str) -> None:
    page = admin.post("/admin/annotations/engine/add/", engine_form(**wrong))

    assert says in page.text
    assert 'value="Small"' in page.text
    assert not Engine.objects.exists()


def test_an_anonymised_person_keeps_nothing_but_the_number(team: Cast, admin: Client) -> None:
    admin.post("/admin/annotations/user/", {"action": "anonymise", "_selected_action": [team.ada.pk]})

    ada = User.objects.get(pk=team.ada.pk)
    assert (ada.username, ada.is_active, ada.anonymised_at is not None) == (f"person-{ada.pk}", False, True)
    assert not Membership.objects.filter(user=ada).exists()


def test_an_admin_cannot_anonymise_himself_by_mistake(admin: Client) -> None:
    root = User.objects.get(username="root")

    page = admin.post("/admin/annotations/user/", {"action": "anonymise", "_selected_action": [root.pk]}, follow=True)

    assert "Your own account stays" in page.text
    assert User.objects.filter(username="root", is_active=True).exists()


def test_accounts_and_projects_are_not_deleted_here(team: Cast, admin: Client) -> None:
    assert admin.post(f"/admin/annotations/user/{team.ada.pk}/delete/", {"post": "yes"}).status_code == 403
    assert admin.post(f"/admin/annotations/project/{team.project.pk}/delete/", {"post": "yes"}).status_code == 403


def test_the_action_on_projects_asks_for_a_labelled_data_set(team: Cast, admin: Client) -> None:
    chosen = {"action": "export_labelled", "_selected_action": [team.project.pk]}

    page = admin.post("/admin/annotations/project/", chosen, follow=True)

    run = Run.objects.get()
    assert (run.kind, run.project_id, run.params["recipe"]) == ("export", team.project.pk, "full")
    assert "writes the data set" in page.text


def test_a_project_made_here_has_an_owner_and_a_scheme(admin: Client) -> None:
    admin.post("/admin/annotations/project/add/", {"name": "New sums", "slug": "", "guidelines": ""})

    project = Project.objects.get(slug="new-sums")
    assert Membership.objects.get(project=project).role == "owner"


def test_members_are_set_through_the_rules(team: Cast, admin: Client) -> None:
    form = {"project": team.project.pk, "user": team.cy.pk, "role": "viewer"}
    admin.post("/admin/annotations/membership/add/", form)
    assert Membership.objects.get(project=team.project, user=team.cy).role == "viewer"

    owner = Membership.objects.get(project=team.project, user=team.odo)
    page = admin.post(f"/admin/annotations/membership/{owner.pk}/change/", {"role": "viewer"})
    assert "needs an owner" in page.text
    admin.post("/admin/annotations/membership/", {"action": "remove", "_selected_action": [owner.pk]})
    assert Membership.objects.filter(pk=owner.pk, role="owner").exists()


def test_runs_are_read_only(team: Cast, admin: Client) -> None:
    run = Run.objects.create(project=team.project, kind="generate")

    assert admin.get(f"/admin/annotations/run/{run.pk}/change/").status_code == 200
    assert admin.post(f"/admin/annotations/run/{run.pk}/change/", {"state": "done"}).status_code == 403
    assert admin.get("/admin/annotations/run/add/").status_code == 403
