"""Writing about teams: projects, members, schemes, people. Each act that grants or deletes leaves an AuditEvent."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.text import slugify

from annotations import files, rules
from annotations.access import Access
from annotations.errors import BadInput, NotFound
from annotations.models import AuditEvent, Engine, EngineGrant, LabelScheme, Membership, Project, User
from annotations.rules import Act
from inference.types import Role

GUIDELINES_LIMIT = 100_000


def record(*, actor: User | None, action: str, project: Project | None = None, **data: object) -> None:
    AuditEvent.objects.create(
        actor=actor, action=action, project_ref=None if project is None else project.pk, data=data
    )


@transaction.atomic
def create_project(*, actor: User, name: str, guidelines: str = "", slug: str = "") -> Project:
    """Make a project owned by `actor`, with the default label scheme and every engine that is open to all."""
    name = name.strip()
    if not name or len(name) > 120:
        raise BadInput("A project needs a name of 1 to 120 characters.", "name")
    if slug and Project.objects.filter(slug=slug).exists():
        raise BadInput(f"The address {slug!r} is taken.", "slug")
    project = Project.objects.create(name=name, slug=slug or _free_slug(name), guidelines=guidelines, created_by=actor)
    Membership.objects.create(project=project, user=actor, role=Role.OWNER)
    LabelScheme.objects.create(project=project, version=1, categories=rules.DEFAULT_CATEGORIES, created_by=actor)
    open_to_all = Engine.objects.filter(active=True, limits__open=True)
    EngineGrant.objects.bulk_create([EngineGrant(project=project, engine=engine) for engine in open_to_all])
    record(actor=actor, action="project created", project=project, name=name)
    return project


def _free_slug(name: str) -> str:
    base = slugify(name)[:50] or "project"
    if not Project.objects.filter(slug=base).exists():
        return base
    return f"{base}-{secrets.token_hex(3)}"


@transaction.atomic
def update_project(*, access: Access, name: str, guidelines: str, settings: Mapping[str, bool]) -> Project:
    """Change a project's name, guidelines (Markdown) and switches (rules.SETTINGS)."""
    rules.check(access, Act.MANAGE)
    if not name.strip() or len(name.strip()) > 120:
        raise BadInput("A project needs a name of 1 to 120 characters.", "name")
    if len(guidelines) > GUIDELINES_LIMIT:
        raise BadInput(f"Guidelines may have at most {GUIDELINES_LIMIT} characters.", "guidelines")
    unknown = set(settings) - set(rules.SETTINGS)
    if unknown:
        raise BadInput(f"Unknown settings: {', '.join(sorted(unknown))}.", "settings")
    project = Project.objects.select_for_update().get(pk=access.project.pk)
    project.name, project.guidelines = name.strip(), guidelines
    project.settings = {**project.settings, **settings}
    project.save(update_fields=["name", "guidelines", "settings"])
    return project


@transaction.atomic
def set_member(*, access: Access, username: str, role: str | None) -> None:
    """Give a person a role in the project, or (None) take the membership away."""
    rules.check(access, Act.MANAGE)
    if role is not None and role not in set(Role):
        raise BadInput(f"{role!r} is not a role; expected one of {', '.join(Role)}.", "role")
    user = User.objects.filter(username=username).first()
    if user is None or (role is not None and not user.is_active):
        raise BadInput(f"There is no account named {username!r}.", "username")
    Project.objects.select_for_update().get(pk=access.project.pk)
    now = Membership.objects.filter(project=access.project, user=user).first()
    if now is not None:
        owners = Membership.objects.filter(project=access.project, role=Role.OWNER).count()
        rules.check_last_owner(owners=owners, was=Role(now.role), becomes=None if role is None else Role(role))
    if role is None:
        if now is not None:
            now.delete()
    else:
        Membership.objects.update_or_create(project=access.project, user=user, defaults={"role": role})
    record(actor=access.user, action="member set", project=access.project, username=username, role=role)


@transaction.atomic
def set_categories(*, access: Access, categories: Sequence[Mapping[str, Any]]) -> LabelScheme:
    """Append a scheme version with these error categories; labels keep the version they were made under."""
    rules.check(access, Act.MANAGE)
    clean = [_category(number, row) for number, row in enumerate(categories, 1)]
    keys = [row["key"] for row in clean]
    if len(set(keys)) != len(keys):
        raise BadInput("Two categories have the same key.", "categories")
    Project.objects.select_for_update().get(pk=access.project.pk)
    last = LabelScheme.objects.filter(project=access.project).aggregate(v=Max("version"))["v"] or 0
    return LabelScheme.objects.create(
        project=access.project, version=last + 1, categories=clean, created_by=access.user
    )


def _category(number: int, row: Mapping[str, Any]) -> dict[str, object]:
    name = str(row.get("name", "")).strip()
    key = str(row.get("key") or slugify(name).replace("-", "_"))
    if not name or not key or len(name) > 60 or len(key) > 40:
        raise BadInput(f"Category {number} needs a name of 1 to 60 characters.", "categories")
    return {
        "key": key,
        "name": name,
        "definition": str(row.get("definition", ""))[:500],
        "active": bool(row.get("active", True)),
    }


@transaction.atomic
def archive_project(*, access: Access, archived: bool) -> None:
    rules.check(access, Act.ARCHIVE)
    when = timezone.now() if archived else None
    Project.objects.filter(pk=access.project.pk).update(archived_at=when)
    record(actor=access.user, action="project archived" if archived else "project restored", project=access.project)


@transaction.atomic
def delete_project(*, access: Access, confirm: str) -> None:
    """Delete a project with all its rows; the audit event stays. `confirm` must be the project's slug."""
    rules.check(access, Act.ARCHIVE)
    if confirm != access.project.slug:
        raise BadInput(f"Type {access.project.slug} to delete the project.", "confirm")
    record(actor=access.user, action="project deleted", project=access.project, name=access.project.name)
    key = access.project.pk
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('studio.deleting_project', %s, true)", [str(key)])
        for table in ("membership", "enginegrant"):
            cursor.execute(f"DELETE FROM annotations_{table} WHERE project_id = %s", [key])  # noqa: S608 own names
        cursor.execute("DELETE FROM annotations_project WHERE id = %s", [key])
    transaction.on_commit(lambda: files.remove_all(key))


@transaction.atomic
def create_person(*, actor: User | None, username: str, password: str, full_name: str = "") -> User:
    """Make an account; the username must be free and the password pass Django's validators."""
    if not username or User.objects.filter(username=username).exists():
        raise BadInput(f"The username {username!r} is empty or taken.", "username")
    user = User(username=username, first_name=full_name)
    try:
        user.full_clean(exclude=["password"])
        validate_password(password, user)
    except ValidationError as error:
        raise BadInput(" ".join(error.messages), "password") from None
    user.set_password(password)
    user.save()
    record(actor=actor, action="person created", username=username)
    return user


@transaction.atomic
def anonymise_person(*, actor: User, user_id: int) -> None:
    """Take a person's name, address and sign-in away; the labels keep their author's number."""
    if not actor.is_superuser:
        raise NotFound("There is no such page.")
    user = User.objects.select_for_update().filter(pk=user_id).first()
    if user is None:
        raise NotFound("There is no such account.")
    user.username, user.first_name, user.last_name, user.email = f"person-{user.pk}", "", "", ""
    user.is_active = user.is_staff = user.is_superuser = False
    user.anonymised_at = timezone.now()
    user.set_unusable_password()
    user.save()
    Membership.objects.filter(user=user).delete()
    record(actor=actor, action="person anonymised", user=user.pk)
