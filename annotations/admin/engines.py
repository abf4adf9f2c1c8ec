"""Engines and which projects may use them. A secret is named, never stored."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import mark_safe

from annotations import engines
from annotations.admin.base import RowForm, SiteAdmin, actor
from annotations.errors import BadInput
from annotations.forms.fields import specs
from annotations.models import Engine, EngineGrant
from inference.engines.params import EngineSpec

OWN = ("kind", "model", "revision", "dtype", "device", "secret_env")


class EngineForm(RowForm):
    """Choices and help come from the settings of inference.engines."""

    class Meta:
        model = Engine
        fields = ["name", *OWN, "limits", "active"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = {spec.name: spec for spec in specs(EngineSpec)}
        for name in OWN:
            spec = known[name]
            if spec.choices:
                pairs = [(choice, choice) for choice in spec.choices]
                self.fields[name] = forms.ChoiceField(choices=pairs, initial=spec.default)
            self.fields[name].help_text = spec.help
        rest = [f"{spec.name}: {spec.help}" for spec in known.values() if spec.name not in OWN]
        own = ["shard: trees in one batch of a run", "open: true grants the engine to every project"]
        lines = ["An object of some of these:", *rest, *own]
        self.fields["limits"].help_text = format_html_join(mark_safe("<br>"), "{}", ((line,) for line in lines))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("limits") is None:
            cleaned["limits"] = {}
        if not self.errors:
            try:
                engines.check_spec(cleaned)
            except BadInput as error:
                self.add_error(error.field if error.field in self.fields else None, str(error))
        return cleaned


@admin.register(Engine)
class EngineAdmin(SiteAdmin):
    form = EngineForm
    list_display = ("name", "kind", "model", "device", "active")
    search_fields = ("name", "model")

    def save_model(self, request: HttpRequest, obj: Engine, form: Any, change: bool) -> None:
        engines.save_engine(actor=actor(request), engine=obj)


@admin.register(EngineGrant)
class EngineGrantAdmin(SiteAdmin):
    list_display = ("project", "engine", "created_at")
    list_select_related = ("project", "engine")
    autocomplete_fields = ("project", "engine")
    actions = ("revoke",)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is None and super().has_change_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: EngineGrant, form: Any, change: bool) -> None:
        obj.pk = engines.grant_engine(actor=actor(request), project=obj.project, engine=obj.engine).pk

    @admin.action(description="Revoke")
    def revoke(self, request: HttpRequest, chosen: QuerySet[EngineGrant]) -> None:
        for grant in chosen.select_related("project", "engine"):
            engines.revoke_engine(actor=actor(request), grant=grant)
