"""Projects and their members. A project is deleted on its own settings page, where its name is typed."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from annotations import jobs, rules, teams
from annotations.admin.base import RowForm, SiteAdmin, access_to, actor
from annotations.errors import BadInput, DomainError
from annotations.models import Membership, Project
from inference.datasets import RECIPES
from inference.types import Role

FULL = "full"


class ProjectForm(RowForm):
    class Meta:
        model = Project
        fields = ["name", "slug", "guidelines"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "slug" in self.fields:
            self.fields["slug"].required = False
            self.fields["slug"].help_text = "The short name in addresses; empty for one made from the name."


@admin.register(Project)
class ProjectAdmin(SiteAdmin):
    form = ProjectForm
    list_display = ("name", "slug", "created_by", "created_at", "archived_at")
    search_fields = ("name", "slug")
    actions = ("export_labelled", "archive", "restore")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return () if obj is None else ("slug",)

    def save_model(self, request: HttpRequest, obj: Project, form: Any, change: bool) -> None:
        if change:
            kept = {name: bool(obj.settings.get(name, default)) for name, default in rules.SETTINGS.items()}
            teams.update_project(
                access=access_to(request, obj), name=obj.name, guidelines=obj.guidelines, settings=kept
            )
            return
        made = teams.create_project(actor=actor(request), name=obj.name, guidelines=obj.guidelines, slug=obj.slug)
        obj.pk, obj.slug = made.pk, made.slug

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or obj.archived_at is None)

    @admin.action(description="Export labelled data set")
    def export_labelled(self, request: HttpRequest, chosen: QuerySet[Project]) -> None:
        for project in chosen:
            run = jobs.request_export(access=access_to(request, project), recipe=RECIPES[FULL].id, options={})
            self.message_user(request, f"{project}: run {run.pk} writes the data set; it will stand under Data.")

    @admin.action(description="Archive")
    def archive(self, request: HttpRequest, chosen: QuerySet[Project]) -> None:
        for project in chosen:
            teams.archive_project(access=access_to(request, project), archived=True)

    @admin.action(description="Restore")
    def restore(self, request: HttpRequest, chosen: QuerySet[Project]) -> None:
        for project in chosen:
            teams.archive_project(access=access_to(request, project), archived=False)


class MembershipForm(RowForm):
    class Meta:
        model = Membership
        fields = ["project", "user", "role"]

    def clean(self) -> dict[str, Any]:
        """Refuse to take the last owner's role away, as the rules say."""
        cleaned = super().clean() or {}
        now = self.instance
        if now.pk is not None and "role" in cleaned:
            owners = Membership.objects.filter(project=now.project, role="owner").count()
            was = Membership.objects.values_list("role", flat=True).get(pk=now.pk)
            try:
                rules.check_last_owner(owners=owners, was=Role(was), becomes=Role(cleaned["role"]))
            except BadInput as error:
                self.add_error("role", str(error))
        return cleaned


@admin.register(Membership)
class MembershipAdmin(SiteAdmin):
    form = MembershipForm
    list_display = ("project", "user", "role", "created_at")
    list_filter = ("role", "project")
    list_select_related = ("project", "user")
    search_fields = ("user__username", "project__name")
    autocomplete_fields = ("project", "user")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return () if obj is None else ("project", "user")

    def save_model(self, request: HttpRequest, obj: Membership, form: Any, change: bool) -> None:
        teams.set_member(access=access_to(request, obj.project), username=obj.user.username, role=obj.role)
        obj.pk = Membership.objects.values_list("pk", flat=True).get(project=obj.project, user=obj.user)

    actions = ("remove",)

    @admin.action(description="Remove from the project")
    def remove(self, request: HttpRequest, chosen: QuerySet[Membership]) -> None:
        for membership in chosen.select_related("project", "user"):
            access = access_to(request, membership.project)
            try:
                teams.set_member(access=access, username=membership.user.username, role=None)
            except DomainError as error:
                self.message_user(request, f"{membership}: {error}", messages.ERROR)
