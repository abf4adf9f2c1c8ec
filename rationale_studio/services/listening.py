"""Opening the embedded servers to workers on other machines: ports, passwords, a role that can only work.

`LISTEN=1 make studio` opens them on every address of this machine, `LISTEN=10.0.0.5` on one. What was chosen is kept in
the data folder, so that workers that joined find the servers again after a restart.
"""

from __future__ import annotations

import json
import os
import secrets
import socket
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

from rationale_studio import env

FIRST_POSTGRES_PORT, FIRST_VALKEY_PORT, TRIED = 5433, 6380, 200
ROLE = "studio_worker"
# What opens people's accounts, which no worker sees; who may do what, which no worker changes.
KEYS = frozenset({"annotations_session", "authtoken_token"})
OFFICE = frozenset(
    {
        *("annotations_user", "annotations_user_groups", "annotations_user_user_permissions", "annotations_project"),
        *("annotations_membership", "annotations_engine", "annotations_enginegrant", "django_migrations"),
        *("auth_group", "auth_group_permissions", "auth_permission", "django_admin_log", "django_content_type"),
    }
)


@dataclass(frozen=True)
class Listening:
    """The ports and the password that workers on other machines use."""

    postgres_port: int
    valkey_port: int
    password: str

    def join_url(self, host: str) -> str:
        """Return what `studio worker --join` takes."""
        return f"studio://{self.password}@{host}:{self.postgres_port}/?broker={self.valkey_port}"

    def broker_url(self, host: str) -> str:
        return f"redis://{ROLE}:{self.password}@{host}:{self.valkey_port}/0"

    def database_url(self, host: str) -> str:
        return f"postgresql://{ROLE}:{self.password}@{host}:{self.postgres_port}/studio"


def address() -> str | None:
    """Return the address to listen on ("0.0.0.0" for all), None where nobody asked for it."""
    asked = env.text("LISTEN")
    if not asked or asked.lower() in env.FALSE:
        return None
    return "0.0.0.0" if asked.lower() in env.TRUE else asked  # noqa: S104 somebody asked for it


def kept(home: Path) -> Listening | None:
    """Return what an earlier start chose."""
    path = home / "listen.json"
    return Listening(**json.loads(path.read_text())) if path.exists() else None


def chosen(home: Path) -> Listening:
    """Return the ports and the password of this data folder, made at the first call."""
    found = kept(home)
    if found is None:
        found = Listening(free_port(FIRST_POSTGRES_PORT), free_port(FIRST_VALKEY_PORT), secrets.token_urlsafe(24))
        path = home / "listen.json"
        path.touch(mode=0o600)
        path.write_text(json.dumps(asdict(found)))
    return found


def free_port(first: int) -> int:
    for port in range(first, first + TRIED):
        with socket.socket() as probe:
            try:
                probe.bind(("", port))
            except OSError:
                continue
            return port
    raise SystemExit(f"None of the ports {first} to {first + TRIED - 1} is free.")


def own_name() -> str:
    """Return the address by which other machines most likely reach this one."""
    asked = address()
    if asked and asked != "0.0.0.0":  # noqa: S104 compared, not bound
        return asked
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing: it only asks which address would be used
            return str(probe.getsockname()[0])
        except OSError:
            return socket.gethostname()


def admit(superuser: str, password: str) -> None:
    """Let the workers' role in: it may read and write rows, and neither change tables nor touch the server.

    `superuser` is the connection string of the database's owner. Called after the migrations of every start.
    """
    with psycopg.connect(superuser, autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE]).fetchone():
            connection.execute(f"CREATE ROLE {ROLE} LOGIN")
        quoted = psycopg.sql.Literal(password).as_string(connection)
        connection.execute(f"ALTER ROLE {ROLE} PASSWORD {quoted}")
        for grant in (
            "USAGE ON SCHEMA public",
            "SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public",
            "USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public",
        ):
            connection.execute(f"GRANT {grant} TO {ROLE}")
        there = {name for (name,) in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")}
        for tables, rights in ((KEYS, "ALL"), (OFFICE, "INSERT, UPDATE, DELETE")):
            for table in sorted(tables & there):
                connection.execute(f"REVOKE {rights} ON {table} FROM {ROLE}")


def joined(url: str) -> dict[str, str]:
    """Return the environment of a worker that joins by this address; ValueError says what is wrong with it."""
    parts = urlsplit(url)
    broker = parts.query.removeprefix("broker=")
    if parts.scheme != "studio" or not parts.hostname or not parts.username or not parts.port or not broker.isdigit():
        raise ValueError("expected the address that `make studio LISTEN=1` prints: studio://…@host:port/?broker=port")
    there = Listening(parts.port, int(broker), parts.username)
    return {
        **os.environ,
        "DATABASE_URL": there.database_url(parts.hostname),
        "CELERY_BROKER_URL": there.broker_url(parts.hostname),
    }


def hba() -> str:
    """Return PostgreSQL's rules of who may connect: the socket's owner, and the workers' role with its password."""
    return f"local all all trust\nhost studio {ROLE} all scram-sha-256\n"


def valkey_rules(there: Listening, bind: str) -> str:
    """Return Valkey's configuration: nobody without the password, and no command that reaches beyond the queue."""
    return (
        f"bind {bind}\nport {there.valkey_port}\nprotected-mode yes\nuser default off\n"
        f"user {ROLE} on >{there.password} ~* &* +@all -@admin -@dangerous +info\n"
    )
