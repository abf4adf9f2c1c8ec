"""Servers of the tests' own (see tests.homes), and what this machine cannot run."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from django.conf import settings

from rationale_studio.services.embedded import Needs, borrowed
from tests.homes import HOME

LEFT_OUT: set[str] = set()
# vLLM has an environment of its own: make test-vllm.
collect_ignore = [] if find_spec("vllm") else ["vllm"]
WITHOUT = {
    "browser": "Browser tests did not run: there is no Chromium (Debian: apt-get install chromium).",
    "model": "Model tests did not run: there is no torch or no small model (make setup installs both).",
}


def pytest_configure() -> None:
    """Load the settings, which the environment names only now, so that pytest-django sets Django up in time."""
    assert settings.INSTALLED_APPS


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave out what this machine cannot run; the session's last lines say so."""
    lacks = {"browser": chromium() is None, "model": not model_is_there()}
    for item in items:
        for marker in (name for name, lacking in lacks.items() if lacking):
            if item.get_closest_marker(marker):
                item.add_marker(pytest.mark.skip(reason=WITHOUT[marker]))


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Note what was left out, in whichever process."""
    if report.skipped:
        LEFT_OUT.update(marker for marker, reason in WITHOUT.items() if reason in str(report.longrepr))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A run that checks changes may not pass for want of a browser or a model."""
    if LEFT_OUT and os.environ.get("CI") == "true" and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.hookimpl(trylast=True)
def pytest_unconfigure() -> None:
    for marker in sorted(LEFT_OUT):
        print(WITHOUT[marker])


def chromium() -> str | None:
    """Return the path of a Chromium: CHROMIUM, one that the system has, or the one that Playwright installed."""
    names = ("chromium", "chromium-browser", "google-chrome", "chrome")
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    installed = sorted(Path("~/.cache/ms-playwright").expanduser().glob("chromium-*/chrome-linux*/chrome"))
    return found or (str(installed[-1]) if installed else None)


def model_is_there() -> bool:
    return find_spec("torch") is not None and (settings.MODELS_DIR / settings.DEFAULT_MODEL / "config.json").exists()


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """The browser for Playwright's executable_path; tests marked `browser` are left out where there is none."""
    found = chromium()
    if found is None:
        pytest.skip(WITHOUT["browser"])
    return found


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
