"""The site: settings, addresses, Celery, and the servers that one command starts. Wiring, no domain."""

from __future__ import annotations

from rationale_studio.celery import app as celery_app

__all__ = ["celery_app"]
