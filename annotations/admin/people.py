"""Accounts. They are never deleted: an anonymised one keeps its labels."""

from __future__ import annotations

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from annotations import teams
from annotations.admin.base import PersonBase, SiteAdmin, actor
from annotations.models import User


@admin.register(User)
class PersonAdmin(SiteAdmin, PersonBase):
    list_display = ("username", "first_name", "last_name", "is_active", "is_superuser", "last_login")
    list_filter = ("is_active", "is_superuser")
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        ("Person", {"fields": ("first_name", "last_name", "email")}),
        ("Site", {"fields": ("is_active", "is_staff", "is_superuser")}),
        ("Dates", {"fields": ("last_login", "date_joined", "anonymised_at")}),
    )
    readonly_fields = ("last_login", "date_joined", "anonymised_at")
    filter_horizontal = ()
    actions = ("anonymise",)

    def save_model(self, request: HttpRequest, obj: User, form: forms.ModelForm[User], change: bool) -> None:
        super().save_model(request, obj, form, change)
        action = "person changed" if change else "person created"
        teams.record(actor=actor(request), action=action, username=obj.username, fields=form.changed_data)

    @admin.action(description="Anonymise: take name, address and sign-in away, keep the labels")
    def anonymise(self, request: HttpRequest, chosen: QuerySet[User]) -> None:
        me = actor(request)
        others = [person.pk for person in chosen if person.pk != me.pk]
        for key in others:
            teams.anonymise_person(actor=me, user_id=key)
        self.message_user(request, f"Anonymised: {len(others)}.")
        if len(others) < len(chosen):
            self.message_user(request, "Your own account stays as it is.", messages.WARNING)
