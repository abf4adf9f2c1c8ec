"""A studio of the benchmark's own: a data folder that ends with it, PostgreSQL and Valkey on sockets, tables made."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def temporary_studio() -> Iterator[Path]:
    """Set Django up on fresh embedded servers with production settings (DEBUG off, fsync on); yield the data folder."""
    from rationale_studio import home as places
    from rationale_studio.services.embedded import Needs, borrowed

    home = Path(tempfile.mkdtemp(prefix="rs-bench-"))
    for name in ("DATABASE_URL", "CELERY_BROKER_URL", "STUDIO_DEBUG"):
        os.environ.pop(name, None)
    os.environ["STUDIO_HOME"] = str(places.make_home(home))
    os.environ["DJANGO_SETTINGS_MODULE"] = "rationale_studio.settings"
    try:
        with borrowed(home, Needs(postgres=True, valkey=True)):
            import django
            from django.core.management import call_command

            django.setup()
            call_command("migrate", verbosity=0, interactive=False)
            yield home
    finally:
        shutil.rmtree(places.runtime_folder(home), ignore_errors=True)
        shutil.rmtree(home, ignore_errors=True)


def figure(name: str, value: float, unit: str, **detail: object) -> None:
    """Print one figure as a JSON line."""
    print(json.dumps({"name": name, "value": value, "unit": unit, "detail": detail}))
