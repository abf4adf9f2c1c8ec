"""A data folder of the tests' own, so that no test touches a person's studio.

Loaded before everything else (pytest's `-p`): each process of a run gets servers, sockets and a database of its own.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from rationale_studio import home as places


def separate_home() -> Path:
    """Point the settings, which are not loaded yet, at a fresh data folder that shares the models of the checkout."""
    models = places.studio_home() / "models"
    home = Path(tempfile.mkdtemp(prefix="rs-test-"))
    (home / "models").symlink_to(models)
    for name in ("DATABASE_URL", "CELERY_BROKER_URL", "STUDIO_HTTPS", "STUDIO_DEBUG"):
        os.environ.pop(name, None)
    os.environ["STUDIO_HOME"] = str(places.make_home(home))
    os.environ["DJANGO_SETTINGS_MODULE"] = "rationale_studio.settings"
    # Playwright's synchronous interface runs a loop in the thread of the tests, which Django would take for a fault.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    atexit.register(remove_home, home)
    return home


def remove_home(home: Path) -> None:
    shutil.rmtree(places.runtime_folder(home), ignore_errors=True)
    shutil.rmtree(home, ignore_errors=True)


HOME = separate_home()
