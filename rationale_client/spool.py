"""Bodies that wait for the server: files in the order in which they were logged, one folder a process."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from uuid import uuid4

LOCK, READY = "lock", ".json"
UNLOCKED, REFUSED = ".new-", "refused"


class Spool:
    """The folder of this process below `place`, and those that ended processes left there."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.folder = place / f"{os.getpid()}-{uuid4().hex[:8]}"
        # It appears under its name with its lock held: else another process could take it over before we hold it.
        made = place / f"{UNLOCKED}{self.folder.name}"
        made.mkdir(parents=True, mode=0o700)
        self._held = [(self.folder, _taken(made))]
        made.rename(self.folder)
        self._count = 0

    def put(self, body: bytes) -> None:
        """Keep a body; it is there whole or not at all."""
        path = self.folder / f"{self._count:012d}{READY}"
        self._count += 1
        part = path.with_suffix(".part")
        part.write_bytes(body)
        part.replace(path)

    def adopt(self) -> None:
        """Take over what ended processes left, so that it is sent too."""
        mine = {folder for folder, _ in self._held}
        for folder in sorted(self.place.iterdir()):
            if folder.name == REFUSED or folder.name.startswith(UNLOCKED) or folder in mine:
                continue
            if folder.is_dir() and (lock := _taken(folder)) is not None:
                self._held.append((folder, lock))

    def waiting(self) -> list[Path]:
        """Return the bodies that wait, each process's in its order."""
        return [path for folder, _ in self._held for path in sorted(folder.glob(f"*{READY}"))]

    def set_aside(self, path: Path, why: str) -> Path:
        """Move a body that the server will never take out of the way, with the reason beside it."""
        aside = self.place / REFUSED
        aside.mkdir(exist_ok=True, mode=0o700)
        moved = path.replace(aside / f"{path.parent.name}-{path.name}")
        moved.with_suffix(".txt").write_text(f"{why}\n")
        return moved

    def close(self) -> None:
        """Let go of the folders; empty ones are removed."""
        for folder, lock in self._held:
            if not any(folder.glob(f"*{READY}")):
                (folder / LOCK).unlink(missing_ok=True)
                _remove(folder)
            if lock is not None:
                os.close(lock)
        self._held = []


def _taken(folder: Path) -> int | None:
    """Return the held lock of a folder, None if a living process has it or has just removed it."""
    try:
        lock = os.open(folder / LOCK, os.O_CREAT | os.O_RDWR, 0o600)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        return None
    return lock


def _remove(folder: Path) -> None:
    try:
        folder.rmdir()
    except OSError:
        return
