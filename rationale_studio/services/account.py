"""The ordinary account under which root runs the servers, and programs that this account can read."""

from __future__ import annotations

import fcntl
import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rationale_studio import home as places
from rationale_studio.services.trouble import Trouble

DEFAULT_NAME = "rationale-studio"
# The wheel's other major version, headers and byte code are no use to a running server.
NEEDLESS = shutil.ignore_patterns("pginstall", "include", "__pycache__")


@dataclass(frozen=True)
class Account:
    """A user of this machine whose rights a child takes."""

    name: str
    uid: int
    gid: int

    def drop(self) -> dict[str, Any]:
        """Return the arguments with which subprocess starts a child under this account."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def own(self, folder: Path) -> None:
        os.chown(folder, self.uid, self.gid)


def server_account() -> Account | None:
    """Return the account for the servers, made if missing; None for an ordinary user, who runs them himself."""
    if not places.is_root():
        return None
    name = os.environ.get("STUDIO_SERVER_USER", DEFAULT_NAME)
    entry = known(name) or made(name)
    if entry.pw_uid == 0:
        raise Trouble("STUDIO_SERVER_USER names root, as which PostgreSQL refuses to run. Name an ordinary user.")
    return Account(name, entry.pw_uid, entry.pw_gid)


def known(name: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None


def made(name: str) -> pwd.struct_passwd:
    """Make a system account that nobody can sign in to; one start at a time, for of two useradds that run at once the
    second gives the account another number, under which the first has started its servers."""
    program = shutil.which("useradd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    command = [program or "", "--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin", name]
    with machine_lock():
        if entry := known(name):
            return entry
        done = subprocess.run(command, capture_output=True, text=True, check=False) if program else None
        if entry := known(name):
            return entry
    raise Trouble(
        f"PostgreSQL does not run as root, and the account {name!r} could not be made for it"
        f"{': ' + done.stderr.strip() if done else ' (there is no useradd)'}. Make one and name it in "
        "STUDIO_SERVER_USER, run the studio as an ordinary user, or give DATABASE_URL of a server elsewhere."
    )


@contextmanager
def machine_lock() -> Iterator[None]:
    """Hold the one lock that starts on this machine share, whatever their data folders: on the folder of accounts."""
    folder = os.open("/etc", os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def readable(program_folders: list[Path], home: Path, account: Account | None) -> Path:
    """Return the folder where the account finds copies of these sibling folders: their own, or a copy in the data
    folder where they stand under a closed one (a checkout in root's home)."""
    parent = program_folders[0].parent
    if account is None or places.open_to_others(parent):
        return parent
    target = home / "programs" / places.fingerprint(parent)
    for folder in program_folders:
        if not (target / folder.name).exists():
            copy_folder(folder, target / folder.name)
    return target


def copy_folder(source: Path, target: Path) -> None:
    """Copy so that another start never sees half a folder."""
    target.parent.mkdir(parents=True, exist_ok=True)
    for folder in (target.parent, target.parent.parent):
        folder.chmod(0o755)
    fresh = target.with_name(f"{target.name}.{os.getpid()}")
    shutil.copytree(source, fresh, symlinks=True, ignore=NEEDLESS)
    fresh.chmod(0o755)
    fresh.rename(target)
