"""Which projects somebody sees, and as what."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db import DEFAULT_DB_ALIAS
from django.db.models import Count, OuterRef, QuerySet, Subquery

from annotations.access import Access
from annotations.errors import NotFound
from annotations.models import AuditEvent, Engine, LabelScheme, Membership, Problem, Project, User
from annotations.selectors.together import Prepared, Statement, answers
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
SIGNED_IN_FROM = """
FROM annotations_session s JOIN annotations_user u ON u.id = s.user_id JOIN annotations_project p ON p.slug = %(slug)s
LEFT JOIN annotations_membership m ON m.project_id = p.id AND m.user_id = u.id
WHERE s.session_key = %(session)s AND s.expire_date > now() AND u.is_active AND (m.role IS NOT NULL OR u.is_superuser)
"""
# Any change of a row gives it another xmin.
VERSION = "(s.xmin, u.xmin, p.xmin, m.xmin)::text"
SIGNED_IN = Prepared(
    "signed_in",
    f"""
SELECT {VERSION}, s.session_data, m.role, {", ".join(f"u.{name}" for name in USER_FIELDS)},
       {", ".join(f"p.{name}" for name in PROJECT_FIELDS)} {SIGNED_IN_FROM}
""",
    slug="text",
    session="text",
)
STILL = Prepared(
    "still_signed_in",
    f"SELECT 1 / count(*) {SIGNED_IN_FROM} AND {VERSION} = %(version)s",
    slug="text",
    session="text",
    version="text",
)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session's data with its user and a project of his, as they stood; `version` tells any change of them."""

    slug: str
    session: str
    version: str
    data: str
    role: str | None
    columns: Sequence[Any]

    def access(self) -> Access:
        person, owned = list(self.columns[: len(USER_FIELDS)]), list(self.columns[len(USER_FIELDS) :])
        # Django's connections give JSON as text, for a field to read.
        owned[SETTINGS], person[DESK_KEYS] = json.loads(owned[SETTINGS]), json.loads(person[DESK_KEYS])
        user = User.from_db(DEFAULT_DB_ALIAS, USER_FIELDS, person)
        project = Project.from_db(DEFAULT_DB_ALIAS, PROJECT_FIELDS, owned)
        return Access(user=user, project=project, role=Role(self.role or Role.OWNER))

    def still(self) -> Statement:
        """Return a statement that fails with a division by zero if anything is not as it stood."""
        return STILL.asked(slug=self.slug, session=self.session, version=self.version)


def access(viewer: User | AnonymousUser, slug: str) -> Access:
    """Return the viewer's access to a project, in one query; NotFound for strangers."""
    if not isinstance(viewer, User) or not viewer.is_active:
        raise NotFound("There is no such project.")
    project = next(iter(Project.objects.raw(ACCESS_SQL, [viewer.pk, slug])), None)
    role = getattr(project, "my_role", None)
    if project is None or (role is None and not viewer.is_superuser):
        raise NotFound("There is no such project.")
    return Access(user=viewer, project=project, role=Role(role or Role.OWNER))


def signed_in(session_key: str, slug: str) -> SignedIn | None:
    """Return a session's stored data and its user's access to a project, in one query; None where there is neither.

    The data must still be checked: it holds the mark of the password that the user signed in with.
    """
    (found,) = answers(SIGNED_IN.asked(slug=slug, session=session_key))
    if not found:
        return None
    version, data, role, *columns = found[0]
    return SignedIn(slug, session_key, version, data, role, columns)


def members(access: Access) -> QuerySet[Membership]:
    return Membership.objects.filter(project=access.project).select_related("user").order_by("user__username")


def newest_scheme(access: Access) -> LabelScheme | None:
    return LabelScheme.objects.filter(project=access.project).order_by("-version").first()


def engines_for(access: Access) -> QuerySet[Engine]:
    """Return the active engines granted to the project."""
    return Engine.objects.filter(active=True, grants__project=access.project).order_by("name")


def audit_trail(access: Access) -> QuerySet[AuditEvent]:
    return AuditEvent.objects.filter(project_ref=access.project.pk).select_related("actor")
