"""What happened: runs, workers and the audit trail, to read."""

from __future__ import annotations

from django.contrib import admin

from annotations.admin.base import ReadOnly
from annotations.models import AuditEvent, Run, Worker


@admin.register(Run)
class RunAdmin(ReadOnly):
    list_display = ("id", "project", "kind", "name", "state", "requested_by", "created_at", "finished_at")
    list_filter = ("kind", "state")
    list_select_related = ("project", "requested_by")
    search_fields = ("name", "project__name")


@admin.register(Worker)
class WorkerAdmin(ReadOnly):
    list_display = ("name", "queue", "engine", "doing", "started_at", "seen_at", "stopped_at")
    list_filter = ("queue",)


@admin.register(AuditEvent)
class AuditAdmin(ReadOnly):
    list_display = ("created_at", "actor", "action", "project_ref", "data")
    list_filter = ("action",)
    list_select_related = ("actor",)
