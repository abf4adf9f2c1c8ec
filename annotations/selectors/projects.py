"""Which projects somebody sees, and as what."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, OuterRef, QuerySet, Subquery

from annotations.access import Access
from annotations.errors import NotFound
from annotations.models import AuditEvent, Engine, LabelScheme, Membership, Problem, Project, User
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


# Asked by every page, so it is written out: building it anew costs more than running it.
ACCESS_SQL = """
SELECT p.*, m.role AS my_role FROM annotations_project p
LEFT JOIN annotations_membership m ON m.project_id = p.id AND m.user_id = %s WHERE p.slug = %s
"""


def access(viewer: User | AnonymousUser, slug: str) -> Access:
    """Return the viewer's access to a project, in one query; NotFound for strangers."""
    if not isinstance(viewer, User) or not viewer.is_active:
        raise NotFound("There is no such project.")
    project = next(iter(Project.objects.raw(ACCESS_SQL, [viewer.pk, slug])), None)
    role = getattr(project, "my_role", None)
    if project is None or (role is None and not viewer.is_superuser):
        raise NotFound("There is no such project.")
    return Access(user=viewer, project=project, role=Role(role or Role.OWNER))


def members(access: Access) -> QuerySet[Membership]:
    return Membership.objects.filter(project=access.project).select_related("user").order_by("user__username")


def newest_scheme(access: Access) -> LabelScheme | None:
    return LabelScheme.objects.filter(project=access.project).order_by("-version").first()


def engines_for(access: Access) -> QuerySet[Engine]:
    """Return the active engines granted to the project."""
    return Engine.objects.filter(active=True, grants__project=access.project).order_by("name")


def audit_trail(access: Access) -> QuerySet[AuditEvent]:
    return AuditEvent.objects.filter(project_ref=access.project.pk).select_related("actor")
