"""The ordinary account under which root runs the servers, and programs that this account can read."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
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
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        make_account(name)
        entry = pwd.getpwnam(name)
    if entry.pw_uid == 0:
        raise Trouble("STUDIO_SERVER_USER names root, as which PostgreSQL refuses to run. Name an ordinary user.")
    return Account(name, entry.pw_uid, entry.pw_gid)


def make_account(name: str) -> None:
    """Make a system account that nobody can sign in to."""
    program = shutil.which("useradd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    options = ["--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin", name]
    done = subprocess.run([program, *options], capture_output=True, text=True, check=False) if program else None
    if done is None or done.returncode not in (0, 9):  # 9: another start made it at the same moment
        raise Trouble(
            f"PostgreSQL does not run as root, and the account {name!r} could not be made for it"
            f"{': ' + done.stderr.strip() if done else ' (there is no useradd)'}. Make one and name it in "
            "STUDIO_SERVER_USER, run the studio as an ordinary user, or give DATABASE_URL of a server elsewhere."
        )


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
