"""Child processes that die with their parent, and records by which a later start knows them again."""

from __future__ import annotations

import ctypes
import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path

from rationale_studio.services.account import Account

PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


@dataclass(frozen=True)
class Record:
    """A running server, told apart from a later process with the same number by when it started."""

    pid: int
    started: str

    def alive(self) -> bool:
        return started(self.pid) == self.started

    def write(self, path: Path) -> None:
        fresh = path.with_suffix(".new")
        fresh.write_text(json.dumps(asdict(self)))
        fresh.replace(path)


def read_record(path: Path) -> Record | None:
    """Return the record, or None where there is none or a crash cut it short."""
    try:
        return Record(**json.loads(path.read_text()))
    except (OSError, ValueError, TypeError):
        return None


def started(pid: int) -> str | None:
    """Return when the process began, in a form that clock changes leave alone; None if it is gone or a zombie."""
    if sys.platform == "linux":
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return None
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return None if fields[0] in "ZX" else f"{boot} {fields[19]}"
    shown = subprocess.run(["/bin/ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return shown.stdout.strip() or None


def spawn(
    command: Sequence[str],
    *,
    log: Path | None,
    account: Account | None = None,
    cwd: Path | None = None,
    environment: Mapping[str, str] | None = None,
    death_signal: signal.Signals = signal.SIGTERM,
) -> subprocess.Popen[bytes]:
    """Start a child in its own session (a terminal's Ctrl-C reaches only its parent) that dies with its parent."""
    with log.open("ab") if log else nullcontext() as output:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT if output else None,
            cwd=cwd,
            env=dict(environment) if environment is not None else None,
            start_new_session=True,
            preexec_fn=die_with(os.getpid(), death_signal),
            **(account.drop() if account else {}),
        )


def die_with(parent: int, death_signal: signal.Signals) -> Callable[[], None] | None:
    """Return what a new child runs to ask the kernel for a signal when its parent ends; after the change of user,
    which would clear the request."""
    if LIBC is None:
        return None
    libc = LIBC

    def ask() -> None:
        libc.prctl(PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    return ask


Steps = Sequence[tuple[signal.Signals, float]]


def end(record: Record, steps: Steps, reap: Callable[[], object] | None = None) -> bool:
    """Send each signal in turn and wait its seconds, until the process is gone; say whether it is."""
    for number, seconds in steps:
        if not record.alive():
            break
        try:
            os.kill(record.pid, number)
        except ProcessLookupError:
            break
        wait_until(lambda: not record.alive(), seconds)
    if reap:
        reap()
    return not record.alive()


def wait_until(true: Callable[[], bool], seconds: float, pause: float = 0.02) -> bool:
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            return False
        time.sleep(pause)
    return True


@contextmanager
def locked(path: Path, *, shared: bool = False, waiting: str = "") -> Iterator[None]:
    """Hold a lock on a file, which the kernel lets go of however the process ends; say `waiting` where it must wait."""
    kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
    with open(path, "a") as handle:
        try:
            fcntl.flock(handle, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            if waiting:
                print(waiting, file=sys.stderr, flush=True)
            fcntl.flock(handle, kind)
        yield
