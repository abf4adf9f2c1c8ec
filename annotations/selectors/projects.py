"""Which projects somebody sees, and as what."""

from __future__ import annotations

import json

from django.contrib.auth.models import AnonymousUser
from django.db import DEFAULT_DB_ALIAS
from django.db.models import Count, OuterRef, QuerySet, Subquery

from annotations.access import Access
from annotations.errors import NotFound
from annotations.models import AuditEvent, Engine, LabelScheme, Membership, Problem, Project, User
from annotations.selectors.together import Prepared, answers
from inference.types import Role


def projects_for(viewer: User | AnonymousUser) -> QuerySet[Project]:
    """Return the viewer's projects by name, archived ones last; a site admin sees all."""
    projects = Project.objects.order_by("archived_at", "name")
    if not isinstance(viewer, User) or not viewer.is_active:
        return projects.none()
    if viewer.is_superuser:
        return projects
    return projects.filter(memberships__user=viewer)


def project_cards(viewer: User) -> QuerySet[Project]:
    """Return the viewer's projects with `problem_count` and `my_role`."""
    role = Membership.objects.filter(project=OuterRef("pk"), user=viewer).values("role")[:1]
    problems = (
        Problem.objects.filter(project=OuterRef("pk")).order_by().values("project").annotate(n=Count("pk")).values("n")
    )
    return projects_for(viewer).annotate(problem_count=Subquery(problems), my_role=Subquery(role))


# Asked by every page, so they are written out: building them anew costs more than running them.
ACCESS_SQL = """
SELECT p.*, m.role AS my_role FROM annotations_project p
LEFT JOIN annotations_membership m ON m.project_id = p.id AND m.user_id = %s WHERE p.slug = %s
"""
USER_FIELDS = [field.attname for field in User._meta.concrete_fields]
PROJECT_FIELDS = [field.attname for field in Project._meta.concrete_fields]
SETTINGS, DESK_KEYS = PROJECT_FIELDS.index("settings"), USER_FIELDS.index("desk_keys")
SIGNED_IN = Prepared(
    "signed_in",
    f"""
SELECT s.session_data, m.role, {", ".join(f"u.{name}" for name in USER_FIELDS)},
       {", ".join(f"p.{name}" for name in PROJECT_FIELDS)}
FROM annotations_session s JOIN annotations_user u ON u.id = s.user_id JOIN annotations_project p ON p.slug = %(slug)s
LEFT JOIN annotations_membership m ON m.project_id = p.id AND m.user_id = u.id
WHERE s.session_key = %(session)s AND s.expire_date > now() AND u.is_active AND (m.role IS NOT NULL OR u.is_superuser)
""",  # noqa: S608 own column names
    slug="text",
    session="text",
)


def access(viewer: User | AnonymousUser, slug: str) -> Access:
    """Return the viewer's access to a project, in one query; NotFound for strangers."""
    if not isinstance(viewer, User) or not viewer.is_active:
        raise NotFound("There is no such project.")
    project = next(iter(Project.objects.raw(ACCESS_SQL, [viewer.pk, slug])), None)
    role = getattr(project, "my_role", None)
    if project is None or (role is None and not viewer.is_superuser):
        raise NotFound("There is no such project.")
    return Access(user=viewer, project=project, role=Role(role or Role.OWNER))


def access_by_session(session_key: str, slug: str) -> tuple[str, Access] | None:
    """Return a session's stored data and its user's access to a project, in one query; None where there is neither.

    The data must still be checked: it holds the mark of the password that the user signed in with.
    """
    (found,) = answers(SIGNED_IN.asked(slug=slug, session=session_key))
    if not found:
        return None
    data, role, *columns = found[0]
    person, owned = columns[: len(USER_FIELDS)], columns[len(USER_FIELDS) :]
    # Django's connections give JSON as text, for a field to read.
    owned[SETTINGS], person[DESK_KEYS] = json.loads(owned[SETTINGS]), json.loads(person[DESK_KEYS])
    user = User.from_db(DEFAULT_DB_ALIAS, USER_FIELDS, person)
    project = Project.from_db(DEFAULT_DB_ALIAS, PROJECT_FIELDS, owned)
    return data, Access(user=user, project=project, role=Role(role or Role.OWNER))


def members(access: Access) -> QuerySet[Membership]:
    return Membership.objects.filter(project=access.project).select_related("user").order_by("user__username")


def newest_scheme(access: Access) -> LabelScheme | None:
    return LabelScheme.objects.filter(project=access.project).order_by("-version").first()


def engines_for(access: Access) -> QuerySet[Engine]:
    """Return the active engines granted to the project."""
    return Engine.objects.filter(active=True, grants__project=access.project).order_by("name")


def audit_trail(access: Access) -> QuerySet[AuditEvent]:
    return AuditEvent.objects.filter(project_ref=access.project.pk).select_related("actor")
