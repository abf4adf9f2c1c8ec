"""The Celery application. Only a worker loads the tasks: the web process sends them by name and never imports a model.

`from rationale_studio.celery import app; app.send_task("annotations.tasks.NAME", queue="gpu")`
"""

from __future__ import annotations

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rationale_studio.settings")

app = Celery("rationale_studio")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.set_default()
app.autodiscover_tasks(["annotations"])
