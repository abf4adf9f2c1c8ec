"""The admin site: people, projects, members, engines and grants; runs and the audit trail to read."""

from __future__ import annotations

from django.contrib import admin

from annotations.admin import engines, people, projects, records

__all__ = ["engines", "people", "projects", "records"]

admin.site.site_header = "Rationale Studio"
admin.site.site_title = "Rationale Studio"
admin.site.index_title = "Site admin"
