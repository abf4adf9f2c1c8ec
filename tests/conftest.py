"""Servers of the tests' own: a data folder that ends with the session, so that no test touches a person's studio."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from rationale_studio import home as places
from rationale_studio.services.embedded import Needs, borrowed


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


@pytest.fixture(scope="session")
def studio_home() -> Path:
    """The data folder of this test session."""
    return HOME


@pytest.fixture(scope="session")
def embedded_servers(studio_home: Path) -> Iterator[None]:
    """PostgreSQL and Valkey of this test session, on the sockets that the settings name."""
    with borrowed(studio_home, Needs(postgres=True, valkey=True)):
        yield


@pytest.fixture(scope="session")
def django_db_modify_db_settings(embedded_servers: None) -> None:
    """Start the servers before pytest-django makes its database; a session without database tests starts none."""
