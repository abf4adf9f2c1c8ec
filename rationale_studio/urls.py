"""The addresses of the site: pages at the root, the REST API under /api/, the admin under /admin/."""

from __future__ import annotations

from importlib.util import find_spec

from django.contrib import admin
from django.urls import include, path

PARTS = {"api/": "annotations.api.urls", "": "annotations.pages.urls"}

urlpatterns = [
    path("admin/", admin.site.urls),
    *(path(route, include(module)) for route, module in PARTS.items() if find_spec(module)),
]
