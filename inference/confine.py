"""What a child process that handles model text gives up before it touches any. Knows nothing about what it runs.

Linux is confined fully; elsewhere the calls that do not exist there do nothing. A child imports everything that it
needs first: as root, a checkout or a Python under a 0700 home cannot be read any more afterwards.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import signal
import sys

CHILD_UID_VARIABLE = "STUDIO_CHILD_UID"
NOBODY = 65534

_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4
_PR_SET_SECCOMP = 22
_PR_SET_NO_NEW_PRIVS = 38
_SECCOMP_FILTER = 2
_LINUX = sys.platform.startswith("linux")


def die_with_parent(parent: int | None = None) -> None:
    """Ask the kernel to kill this process when the thread that started it ends.

    A change of user clears the request, so drop privileges first. With `parent`, a process whose parent is already
    another one ends at once.
    """
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if parent is not None and os.getppid() != parent:
        os._exit(1)


def no_new_privs() -> None:
    """Make sure that nothing this process starts gains privileges, set-uid programs included."""
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)


def set_traceable(traceable: bool) -> None:
    """Say whether processes of this user may look into this one; a change of user says no and closes /proc/self."""
    _prctl(_PR_SET_DUMPABLE, int(traceable))


def set_seccomp(header: int) -> None:
    """Bind this process to a filter of system calls, given as the address of its `struct sock_fprog`, for good."""
    _prctl(_PR_SET_SECCOMP, _SECCOMP_FILTER, header)


def drop_privileges(uid: int | None = None) -> None:
    """Become an unprivileged user for good when root; do nothing otherwise.

    `uid` (also the group) defaults to the environment's STUDIO_CHILD_UID, then to 65534, "nobody". Raises ValueError
    for an id that is not a positive number and PermissionError when the system refuses the change.
    """
    if os.geteuid() != 0:
        return
    uid = child_uid() if uid is None else uid
    if uid <= 0:
        raise ValueError(f"{CHILD_UID_VARIABLE} must be the id of an unprivileged user, not {uid}")
    try:
        os.setgroups([])
        os.setgid(uid)
        os.setuid(uid)
    except OSError as error:
        raise PermissionError(
            f"cannot become user {uid} to handle model text ({error}); "
            f"set {CHILD_UID_VARIABLE} to a user id that exists here"
        ) from error


def child_uid() -> int:
    """Return the user id for children of root; a STUDIO_CHILD_UID that is no number is a ValueError."""
    text = os.environ.get(CHILD_UID_VARIABLE, str(NOBODY))
    if not text.isdecimal():
        raise ValueError(f"{CHILD_UID_VARIABLE} must be a number, the id of an unprivileged user, not {text!r}")
    return int(text)


def limit_memory(memory_mb: int) -> None:
    """Let this process allocate at most `memory_mb` MiB on top of what it holds now; more is a MemoryError."""
    limit = _data_bytes() + memory_mb * 2**20
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))


def confine_child(memory_mb: int | None = None, *, parent: int | None = None) -> None:
    """Confine this process: memory, core dumps, user, privileges, life. Call it after all imports.

    `memory_mb` bounds what it may allocate from now on; None leaves memory alone. `parent` as in die_with_parent.
    """
    if memory_mb is not None:
        limit_memory(memory_mb)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.chdir("/")
    drop_privileges()
    no_new_privs()
    die_with_parent(parent)


def _prctl(option: int, value: int, address: int = 0) -> None:
    words = [ctypes.c_ulong(each) for each in (value, address, 0, 0)]
    if _LINUX and ctypes.CDLL(None, use_errno=True).prctl(option, *words) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"prctl({option}): {os.strerror(number)}")


def _data_bytes() -> int:
    """Return the size of this process's data segments, 0 where the system does not say."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[5]) * resource.getpagesize()
    except OSError:
        return 0
