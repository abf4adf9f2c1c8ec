"""The system calls that a jailed program may make, as a filter that the kernel keeps until it ends (Linux).

A list of what is allowed: memory, time, reading what it can open, writing to what is open. All else fails with
"operation not permitted": new processes and threads, signals, sockets, namespaces, mounts, tracing.
Numbers are those of the kernel's tables for x86-64 and for the architectures with the generic table (aarch64).
"""

from __future__ import annotations

import ctypes
import platform
import struct

from inference.confine import set_seccomp

X86_64 = 0xC000003E
AARCH64 = 0xC00000B7
ALLOWED = {
    "x86_64": (
        X86_64,
        # read write open close stat fstat lstat lseek mmap mprotect munmap brk rt_sig* pread access sched_yield mremap
        (0, 1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12, 13, 14, 15, 17, 21, 24, 25)
        # madvise nanosleep getpid exit getcwd readlink gettimeofday getrusage getuid getgid geteuid getegid getppid
        + (28, 35, 39, 60, 79, 89, 96, 98, 102, 104, 107, 108, 110)
        # sigaltstack gettid futex sched_getaffinity getdents64 clock_gettime clock_getres clock_nanosleep exit_group
        + (131, 186, 202, 204, 217, 228, 229, 230, 231)
        # openat newfstatat readlinkat faccessat getrandom statx
        + (257, 262, 267, 269, 318, 332),
    ),
    "aarch64": (
        AARCH64,
        # getcwd faccessat openat close getdents64 lseek read write pread64 readlinkat newfstatat fstat
        (17, 48, 56, 57, 61, 62, 63, 64, 67, 78, 79, 80)
        # exit exit_group futex nanosleep clock_gettime clock_getres clock_nanosleep sched_getaffinity sched_yield
        + (93, 94, 98, 101, 113, 114, 115, 123, 124)
        # sigaltstack rt_sig* getrusage gettimeofday getpid getppid getuid geteuid getgid
        + (132, 134, 135, 139, 165, 169, 172, 173, 174, 175, 176)
        # getegid gettid brk munmap mremap mmap mprotect madvise getrandom statx
        + (177, 178, 214, 215, 216, 222, 226, 233, 278, 291),
    ),
}
_LOAD, _EQUAL, _RETURN = 0x20, 0x15, 0x06
_NUMBER_AT, _ARCHITECTURE_AT = 0, 4
_ALLOW, _KILL, _REFUSE = 0x7FFF0000, 0x80000000, 0x00050000 | 1


def program(machine: str) -> bytes:
    """Return the filter for a machine ("x86_64", "aarch64"); ValueError for another, where no jail is offered."""
    if machine not in ALLOWED:
        raise ValueError(f"no list of system calls is known for the machine {machine!r}")
    architecture, numbers = ALLOWED[machine]
    lines = [
        (_LOAD, 0, 0, _ARCHITECTURE_AT),
        (_EQUAL, 1, 0, architecture),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER_AT),
        *((_EQUAL, len(numbers) - at, 0, number) for at, number in enumerate(numbers)),
        (_RETURN, 0, 0, _REFUSE),
        (_RETURN, 0, 0, _ALLOW),
    ]
    return b"".join(struct.pack("=HBBI", *line) for line in lines)


class Filter:
    """The filter of this machine, made before a fork so that the child only hands it to the kernel."""

    def __init__(self) -> None:
        code = program(platform.machine())
        self._code = ctypes.create_string_buffer(code, len(code))
        self._header = ctypes.create_string_buffer(
            struct.pack("@HxxxxxxP", len(code) // 8, ctypes.addressof(self._code))
        )

    def install(self) -> None:
        """Bind this process to the filter for good; OSError when the kernel does not take it."""
        set_seccomp(ctypes.addressof(self._header))
