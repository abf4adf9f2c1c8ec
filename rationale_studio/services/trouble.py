"""What can go wrong with a server, each as a sentence that tells what to do."""

from __future__ import annotations

import shutil
from pathlib import Path

MEBIBYTE = 1024 * 1024
LEAST_FREE_MIB = 512
NETWORK_FILE_SYSTEMS = {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "ceph", "glusterfs", "lustre", "afs", "beegfs"}
SIGNS = (
    ("no space left on device", "The disk is full. Free some space, or set STUDIO_HOME to a folder on another disk."),
    ("permission denied", "A file cannot be read or written. Check who owns {home}, or set STUDIO_HOME elsewhere."),
    ("read-only file system", "The disk is read-only. Set STUDIO_HOME to a folder that can be written."),
    ("cannot allocate memory", "There is not enough memory. Stop other programs and start again."),
    ("could not map anonymous shared memory", "There is not enough memory. Stop other programs and start again."),
    ("database system is shut down", "The server stopped while it started. Start again."),
    ("glibc", "This Linux is too old for the server. Give DATABASE_URL and CELERY_BROKER_URL of servers elsewhere."),
)


class Trouble(Exception):
    """Something that only a person can mend; its text says what and how."""


def explain(name: str, log: Path, home: Path) -> Trouble:
    """Turn the end of a server's log into a sentence that tells what to do."""
    lines = tail(log)
    said = " ".join(lines).lower()
    advice = [sentence for sign, sentence in SIGNS if sign in said]
    sentence = advice[0].format(home=home) if advice else "Its last lines may tell why."
    shown = "".join(f"\n    {line}" for line in lines)
    return Trouble(f"{name} did not start. {sentence} The log is {log}.{shown}")


def tail(log: Path, count: int = 6) -> list[str]:
    return log.read_text(errors="replace").splitlines()[-count:] if log.exists() else []


def check_space(home: Path) -> None:
    """Refuse a disk on which PostgreSQL would soon stop."""
    free = shutil.disk_usage(home).free // MEBIBYTE
    if free < LEAST_FREE_MIB:
        raise Trouble(
            f"Only {free} MiB are free on the disk of {home}; the studio needs {LEAST_FREE_MIB}. "
            "Free some space, or set STUDIO_HOME to a folder on another disk."
        )


def network_warning(home: Path, mounts: Path = Path("/proc/self/mountinfo")) -> str | None:
    """Return a warning if the data folder lies on a network file system, where a database may lose data."""
    kind = file_system(home, mounts.read_text()) if mounts.exists() else ""
    if kind not in NETWORK_FILE_SYSTEMS and not kind.startswith(("fuse.sshfs", "fuse.s3", "fuse.rclone")):
        return None
    return (
        f"{home} lies on a network file system ({kind}), on which PostgreSQL is slow and may lose data. "
        "Set STUDIO_HOME to a folder on a local disk."
    )


def file_system(home: Path, mountinfo: str) -> str:
    """Return the type of the file system that holds the folder, from the kernel's table of mounts."""
    found, kind = "", ""
    for line in mountinfo.splitlines():
        left, _, right = line.partition(" - ")
        fields = left.split()
        if len(fields) < 5 or not right:
            continue
        point = fields[4].replace("\\040", " ")
        if home.is_relative_to(point) and len(point) >= len(found):
            found, kind = point, right.split()[0]
    return kind
