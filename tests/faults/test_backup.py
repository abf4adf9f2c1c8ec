"""A backup brings back the rows and the files, and takes away what came after it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from rationale_studio import backup
from rationale_studio import home as places
from rationale_studio.services.embedded import Needs, borrowed
from rationale_studio.services.postgres import Postgres
from rationale_studio.services.trouble import Trouble
from rationale_studio.supervisor.claim import AlreadyRunning, claimed


@pytest.fixture
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    name = tmp_path_factory.mktemp("backup")
    folder = places.make_home(places.RUNTIME_PARENT / f"rs-backup-{places.fingerprint(name)}")
    with borrowed(folder, Needs(postgres=True, valkey=False)):
        yield folder
    shutil.rmtree(places.runtime_folder(folder), ignore_errors=True)
    shutil.rmtree(folder)


def test_what_was_saved_comes_back_and_what_came_later_goes(home: Path, tmp_path: Path) -> None:
    sql(home, "CREATE TABLE steps (n int PRIMARY KEY, said text)")
    sql(home, "INSERT INTO steps VALUES (1, 'two and two'), (2, '4')")
    write(home / "files" / "head.safetensors", "first weights")
    write(home / "secret_key", "kept")
    saved = backup.save(home, tmp_path / "studio.tar")
    sql(home, "UPDATE steps SET said = 'lost'; CREATE TABLE later (n int)")
    write(home / "files" / "head.safetensors", "second weights")

    aside = backup.restore(home, saved)

    assert sql(home, "SELECT * FROM steps ORDER BY n") == [(1, "two and two"), (2, "4")]
    assert sql(home, "SELECT to_regclass('later')") == [(None,)]
    assert (home / "files" / "head.safetensors").read_text() == "first weights"
    assert (aside / "files" / "head.safetensors").read_text() == "second weights"
    assert saved.stat().st_mode & 0o077 == 0
    assert backup.restore(home, backup.save(home, tmp_path / "again.tar")).exists()


def test_a_damaged_backup_changes_nothing(home: Path, tmp_path: Path) -> None:
    sql(home, "CREATE TABLE steps (n int); INSERT INTO steps VALUES (1)")
    saved = backup.save(home, tmp_path / "studio.tar")
    broken = tmp_path / "broken.tar"
    broken.write_bytes(saved.read_bytes().partition(b"manifest.json")[0])
    nonsense = tmp_path / "notes.txt"
    nonsense.write_text("not a backup")

    for file in (broken, nonsense):
        with pytest.raises(Trouble):
            backup.restore(home, file)

    assert sql(home, "SELECT n FROM steps") == [(1,)]


def test_nothing_is_restored_under_a_running_studio(home: Path, tmp_path: Path) -> None:
    saved = backup.save(home, tmp_path / "studio.tar")

    with claimed(home, "http://127.0.0.1:8000"), pytest.raises(AlreadyRunning, match="already runs at http"):
        backup.restore(home, saved)


def sql(home: Path, text: str) -> list[tuple[object, ...]]:
    with psycopg.connect(Postgres(home).address()) as connection:
        done = connection.execute(text)
        return done.fetchall() if done.description else []


def write(path: Path, text: str) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
