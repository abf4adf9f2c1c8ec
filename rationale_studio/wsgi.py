"""The application of a web process (rationale_studio.web_server)."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rationale_studio.settings")

application = get_wsgi_application()
