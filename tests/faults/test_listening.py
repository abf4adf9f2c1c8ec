"""Servers opened to other machines let in who has the password, as a role that can only work."""

from __future__ import annotations

import os
import shutil
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from kombu import Connection

from rationale_studio import home as places
from rationale_studio.services import listening
from rationale_studio.services.postgres import Postgres
from rationale_studio.services.valkey import Valkey

HERE = "127.0.0.1"


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("LISTEN", HERE)
    folder = places.make_home(places.RUNTIME_PARENT / f"rs-listen-{os.getpid()}")
    servers = [Postgres(folder), Valkey(folder)]
    for server in servers:
        server.start()
    with psycopg.connect(servers[0].address(), autocommit=True) as connection:
        for table in ("annotations_session", "authtoken_token", "annotations_user", "annotations_membership", "work"):
            connection.execute(f"CREATE TABLE {table} (id bigserial PRIMARY KEY, said text)")
    listening.admit(servers[0].address(), listening.chosen(folder).password)
    yield folder
    for server in reversed(servers):
        server.stop()
    shutil.rmtree(places.runtime_folder(folder), ignore_errors=True)
    shutil.rmtree(folder)


def test_a_worker_joins_with_the_password_and_can_only_work(home: Path) -> None:
    there = listening.chosen(home)
    environment = listening.joined(there.join_url(HERE))
    with psycopg.connect(environment["DATABASE_URL"], autocommit=True) as worker:
        worker.execute("INSERT INTO work (said) VALUES ('grown')")
        assert worker.execute("SELECT said FROM work").fetchall() == [("grown",)]
        assert worker.execute("SELECT said FROM annotations_user").fetchall() == []
        for forbidden in (
            "SELECT * FROM annotations_session",
            "UPDATE annotations_user SET said = 'superuser'",
            "INSERT INTO annotations_membership (said) VALUES ('owner')",
            "DROP TABLE work",
            "COPY work FROM PROGRAM 'true'",
            "SELECT pg_read_file('PG_VERSION')",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                worker.execute(forbidden)
    with Connection(environment["CELERY_BROKER_URL"]) as broker:
        queue = broker.SimpleQueue("gpu")
        queue.put({"wake": True})
        assert queue.get(timeout=5).payload == {"wake": True}


def test_nobody_else_gets_in(home: Path) -> None:
    there = listening.chosen(home)
    for user, password in ((listening.ROLE, "guess"), ("studio", there.password)):
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(f"postgresql://{user}:{password}@{HERE}:{there.postgres_port}/studio", connect_timeout=5)
    with socket.create_connection((HERE, there.valkey_port), 5) as stranger:
        stranger.sendall(b"LPUSH gpu x\r\n")
        assert stranger.recv(100).startswith(b"-NOAUTH")
        stranger.sendall(f"AUTH {listening.ROLE} {there.password}\r\n".encode())
        assert stranger.recv(100).startswith(b"+OK")
        stranger.sendall(b"CONFIG GET dir\r\n")
        assert stranger.recv(200).startswith(b"-NOPERM")
    assert stat.S_IMODE((home / "listen.json").stat().st_mode) == 0o600


def test_the_same_ports_and_password_after_a_restart(home: Path) -> None:
    before = listening.chosen(home)
    Postgres(home).stop()
    assert Postgres(home).start()
    assert listening.chosen(home) == before
    psycopg.connect(before.database_url(HERE)).close()


@pytest.mark.parametrize("url", ["http://x", "studio://host:1", "studio://pw@host/?broker=1", "studio://pw@host:1/"])
def test_an_address_that_is_none_is_refused_with_a_sentence(url: str) -> None:
    command = [sys.executable, "-m", "rationale_studio.cli", "worker", "--join", url]
    refused = subprocess.run(command, cwd=places.CHECKOUT, capture_output=True, text=True, timeout=60, check=False)
    assert refused.returncode == 1
    assert "expected the address that `make studio LISTEN=1` prints" in refused.stderr
