"""Who may use the admin site: site admins. Every change goes through the function that owns the fact."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.http import HttpRequest

from annotations.access import Access
from annotations.models import Project, User
from inference.types import Role

if TYPE_CHECKING:
    Base = admin.ModelAdmin[Any]
    RowForm = forms.ModelForm[Any]
    PersonBase = UserAdmin[User]
else:
    Base = admin.ModelAdmin
    RowForm = forms.ModelForm
    PersonBase = UserAdmin


def site_admin(request: HttpRequest) -> User | None:
    user = request.user
    return user if isinstance(user, User) and user.is_active and user.is_superuser else None


def actor(request: HttpRequest) -> User:
    """Return the site admin; the views of this site are closed to everybody else."""
    found = site_admin(request)
    if found is None:
        raise PermissionError("only a site admin gets here")
    return found


def access_to(request: HttpRequest, project: Project) -> Access:
    """Return a site admin's access to any project."""
    return Access(user=actor(request), project=project, role=Role.OWNER)


class SiteAdmin(Base):
    """Seen and changed by site admins. What is deleted is decided class by class."""

    actions_selection_counter = True

    def has_module_permission(self, request: HttpRequest) -> bool:
        return site_admin(request) is not None

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return site_admin(request) is not None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return site_admin(request) is not None

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return site_admin(request) is not None

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReadOnly(SiteAdmin):
    """A record: it can be read."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
