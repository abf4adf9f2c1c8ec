"""The embedded servers start once, are adopted while they live, come back after a crash and refuse foreign data."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import psycopg
import pytest

from rationale_studio import home as places
from rationale_studio.services import trouble
from rationale_studio.services.account import Account, server_account
from rationale_studio.services.embedded import Needs, borrowed
from rationale_studio.services.postgres import Postgres
from rationale_studio.services.process import Record, read_record, started, wait_until
from rationale_studio.services.trouble import Trouble
from rationale_studio.services.valkey import Valkey


@pytest.fixture
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = places.RUNTIME_PARENT / f"rs-faults-{os.getpid()}-{tmp_path_factory.mktemp('home').name}"
    yield places.make_home(folder)
    for kind in (Valkey, Postgres):
        kind(folder).stop()
    shutil.rmtree(places.runtime_folder(folder), ignore_errors=True)
    shutil.rmtree(folder)


def test_a_second_start_adopts_the_live_servers(home: Path) -> None:
    for first, second in ((Postgres(home), Postgres(home)), (Valkey(home), Valkey(home))):
        assert first.start()
        assert not second.start()
        assert second.answers()


def test_after_kill_9_the_next_start_keeps_the_rows(home: Path) -> None:
    first = Postgres(home)
    first.start()
    run_sql(first, "CREATE TABLE kept (n int); INSERT INTO kept VALUES (7)")
    assert first.child
    os.kill(first.child.pid, signal.SIGKILL)
    first.child.wait()

    second = Postgres(home)

    assert second.start()
    assert run_sql(second, "SELECT n FROM kept") == [(7,)]


def test_a_pid_file_whose_number_belongs_to_another_program_is_cleared(home: Path) -> None:
    first = Postgres(home)
    first.start()
    first.stop()
    (first.data / "postmaster.pid").write_text(f"{os.getpid()}\n{first.data}\n1\n5432\n{first.sockets}\n\n\nready\n")
    Record(os.getpid(), "an earlier boot").write(first.record_path)

    assert Postgres(home).start()


def test_data_of_another_postgres_is_refused_with_the_way_to_carry_them_over(home: Path) -> None:
    old = home / "postgres-16"
    old.mkdir()
    (old / "PG_VERSION").write_text("16\n")

    with pytest.raises(Trouble, match=r"written by PostgreSQL 16.*pg_dump -Fc.*make restore FILE="):
        Postgres(home).start()


def test_servers_listen_on_closed_sockets_alone_and_write_through(home: Path) -> None:
    server = Postgres(home)
    server.start()

    assert run_sql(server, "SHOW listen_addresses") == [("",)]
    assert run_sql(server, "SHOW fsync") == [("on",)]
    assert server.sockets.stat().st_mode & 0o077 == 0
    assert len(str(server.sockets / ".s.PGSQL.5432")) < 107


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's death signal is Linux's")
def test_servers_die_with_the_process_that_started_them(home: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from rationale_studio.services.embedded import *\n"
        "with borrowed(Path(sys.argv[1]), Needs(True, True)): print('up', flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", code, str(home)], stdout=subprocess.PIPE, cwd=places.CHECKOUT)
    assert parent.stdout and parent.stdout.readline() == b"up\n"
    records = [read_record(kind(home).record_path) for kind in (Postgres, Valkey)]
    parent.kill()
    parent.wait()
    parent.stdout.close()

    assert all(record and wait_until(lambda r=record: not r.alive(), 30) for record in records)  # type: ignore[misc]


@pytest.mark.skipif(not places.is_root(), reason="only root gives its servers to an ordinary account")
def test_roots_servers_do_not_run_as_root(home: Path) -> None:
    with borrowed(home, Needs(postgres=True, valkey=True)):
        for kind in (Postgres, Valkey):
            record = read_record(kind(home).record_path)
            assert record and Path(f"/proc/{record.pid}").stat().st_uid != 0


def test_starts_at_one_moment_agree_on_the_account_that_they_make(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    accounts = tmp_path / "accounts"
    useradd = tmp_path / "useradd"
    renumbers = f"#!/bin/sh\nsleep 0.1\necho $$ > {accounts}.$$\nmv {accounts}.$$ {accounts}\n"  # as the real one
    useradd.write_text(renumbers)
    useradd.chmod(0o755)

    def entry(name: str) -> SimpleNamespace:
        if not accounts.exists():
            raise KeyError(name)
        return SimpleNamespace(pw_uid=int(accounts.read_text()), pw_gid=1)

    monkeypatch.setattr(places, "is_root", lambda: True)
    monkeypatch.delenv("STUDIO_SERVER_USER", raising=False)
    monkeypatch.setattr("pwd.getpwnam", entry)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    with ThreadPoolExecutor() as starts:
        found = list(starts.map(lambda _: server_account(), range(4)))

    assert found == [Account("rationale-studio", int(accounts.read_text()), 1)] * 4


@pytest.mark.skipif(not places.is_root(), reason="only root can make a folder that its servers may not enter")
def test_a_data_folder_that_the_servers_cannot_enter_is_refused_with_advice(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    (closed / "home").mkdir()

    with pytest.raises(Trouble, match="Set STUDIO_HOME to a folder outside it"):
        Postgres(closed / "home").start()


def test_a_full_disk_is_said_before_the_server_starts(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trouble, "LEAST_FREE_MIB", 10**9)

    with pytest.raises(Trouble, match=r"Only \d+ MiB are free .* set STUDIO_HOME"):
        Postgres(home).start()


def test_a_network_file_system_gets_a_warning(tmp_path: Path) -> None:
    mounts = tmp_path / "mountinfo"
    mounts.write_text(
        "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n2 1 0:50 / /mnt/my\\040share rw,relatime shared:7 - nfs4 server:/x rw\n"
    )

    assert "nfs4" in (trouble.network_warning(Path("/mnt/my share/studio"), mounts) or "")
    assert trouble.network_warning(Path("/mnt/other"), mounts) is None


def test_a_process_number_used_again_is_not_taken_for_the_server() -> None:
    assert Record(os.getpid(), started(os.getpid()) or "").alive()
    assert not Record(os.getpid(), "another start").alive()


def run_sql(server: Postgres, sql: str) -> list[tuple[object, ...]]:
    with psycopg.connect(server.address()) as connection:
        done = connection.execute(sql)
        return done.fetchall() if done.description else []
