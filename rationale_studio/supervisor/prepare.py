"""Before the web starts: migrations, static files, the first admin and, on a fresh database, the sample project.

A process of its own, so that the supervisor stays small.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import traceback
from pathlib import Path

import django
from django.conf import settings
from django.core.management import call_command, get_commands

SEED = "seed_studio"


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rationale_studio.settings")
    django.setup()
    migrate()
    catch_up()
    collect_static()
    first_admin()
    if SEED in get_commands():
        seed()


def migrate() -> None:
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if plan:
        tell(f"applying {len(plan)} migrations")
        call_command("migrate", interactive=False, verbosity=0)


def catch_up() -> None:
    """Count for the review page what was said while no page was asked for."""
    from annotations.reviewing.fold import fold_all

    fold_all()


def collect_static() -> None:
    """Collect and compress the static files if any changed since the last start."""
    from django.contrib.staticfiles.finders import get_finders

    lines = [f"{storage.path(path)} {Path(storage.path(path)).stat().st_mtime_ns}"
             for finder in get_finders() for path, storage in finder.list([])]  # fmt: skip
    found = hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()
    mark = settings.STATIC_ROOT / "collected"
    if mark.exists() and mark.read_text() == found:
        return
    tell("collecting static files")
    call_command("collectstatic", interactive=False, clear=True, verbosity=0)
    mark.write_text(found)


def first_admin() -> None:
    """Make the first admin, whose password is shown here and nowhere else."""
    from django.contrib.auth import get_user_model

    people = get_user_model()._default_manager
    if people.filter(is_superuser=True).exists():
        return
    password = secrets.token_urlsafe(12)
    people.create_superuser(username="admin", password=password)
    tell("made the first admin. This password is shown once; manage.py changepassword admin makes another:")
    tell(f"    name admin   password {password}")


def seed() -> None:
    """Make the sample project; a studio that holds a team's work opens also where that does not succeed."""
    try:
        call_command(SEED)
    except Exception:
        traceback.print_exc()
        tell("the sample project was not made, for the reason above; manage.py seed_studio tries again")


def tell(line: str) -> None:
    print(f"  {line}", flush=True)


if __name__ == "__main__":
    main()
