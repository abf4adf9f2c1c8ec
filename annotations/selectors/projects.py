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


def access(viewer: User | AnonymousUser, slug: str) -> Access:
    """Return the viewer's access to a project, in one query; NotFound for strangers."""
    if not isinstance(viewer, User) or not viewer.is_active:
        raise NotFound("There is no such project.")
    role = Membership.objects.filter(project=OuterRef("pk"), user=viewer).values("role")[:1]
    project = Project.objects.filter(slug=slug).annotate(my_role=Subquery(role)).first()
    if project is None or (project.my_role is None and not viewer.is_superuser):
        raise NotFound("There is no such project.")
    return Access(user=viewer, project=project, role=Role(project.my_role or Role.OWNER))


def members(access: Access) -> QuerySet[Membership]:
    return Membership.objects.filter(project=access.project).select_related("user").order_by("user__username")


def newest_scheme(access: Access) -> LabelScheme | None:
    return LabelScheme.objects.filter(project=access.project).order_by("-version").first()


def engines_for(access: Access) -> QuerySet[Engine]:
    """Return the active engines granted to the project."""
    return Engine.objects.filter(active=True, grants__project=access.project).order_by("name")


def audit_trail(access: Access) -> QuerySet[AuditEvent]:
    return AuditEvent.objects.filter(project_ref=access.project.pk).select_related("actor")
