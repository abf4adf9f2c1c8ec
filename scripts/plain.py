"""Running a program at set-up, and what its failure means in plain words. Standard library only."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

SIGNS = (
    (
        r"No space left on device|Disk quota exceeded",
        "The disk is full. Free some space (about 2 GB with a CPU build of torch, 8 GB with CUDA) and run it again.",
    ),
    (
        r"Temporary failure in name resolution|Name or service not known|Network is unreachable|ENOTFOUND|EAI_AGAIN"
        r"|ECONNREFUSED|ETIMEDOUT|Failed to establish a new connection|NewConnectionError|ConnectTimeout|Max retries",
        "The package registry cannot be reached. Check the network, and HTTPS_PROXY if this place needs a proxy, "
        "then run it again: what was fetched is kept.",
    ),
    (
        r"CERTIFICATE_VERIFY_FAILED|SELF_SIGNED_CERT|unable to get local issuer",
        "The registry's certificate is not trusted here. Give your organisation's with PIP_CERT and "
        "NODE_EXTRA_CA_CERTS, then run it again.",
    ),
    (
        r"command '?\S*(gcc|cc|clang|g\+\+)'? failed|[Uu]nable to find (a )?compiler|error: Microsoft Visual",
        "A package had to be compiled and there is no compiler. Unset STUDIO_ALLOW_BUILDS, or install one "
        "(Debian: apt-get install build-essential python3-dev).",
    ),
    (
        r"No matching distribution found|Could not find a version that satisfies",
        "A package has no ready-made form for this Python and machine, and set-up compiles nothing. Use Python 3.11 "
        "to 3.13 on 64-bit Linux or macOS (`make PYTHON=python3.11 …`), or install a compiler and set "
        "STUDIO_ALLOW_BUILDS=1.",
    ),
    (
        r"ensurepip is not\s+available|No module named ensurepip|No module named venv",
        "This Python cannot make virtual environments. Debian and Ubuntu: apt-get install python3-venv.",
    ),
    (
        r"Permission denied|Read-only file system",
        "A file cannot be written. Check who owns this folder (an earlier run as root leaves files of root's).",
    ),
    (r"MemoryError|Cannot allocate memory", "There was not enough memory. Stop other programs and run it again."),
)


class Failure(Exception):
    """A step of set-up that did not succeed; its text says what to do."""


def say(line: str) -> None:
    print(f"  {line}", flush=True)


def run(what: str, command: Sequence[str | Path], cwd: Path | None = None) -> str:
    """Run a program quietly and return what it printed; a failure becomes a sentence that tells what to do."""
    try:
        done = subprocess.run(
            [str(part) for part in command], cwd=cwd, text=True, check=False,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
    except OSError as error:
        raise Failure(f"{what} did not succeed: {error}.") from None
    if done.returncode:
        raise Failure(f"{what} did not succeed. {advice(done.stdout)}\n{ending(done.stdout)}")
    return done.stdout


def advice(output: str) -> str:
    """Return the sentence for the first known cause in a program's output."""
    found = (sentence for pattern, sentence in SIGNS if re.search(pattern, output))
    return next(found, "Its last lines may tell why.")


def ending(output: str, count: int = 8) -> str:
    lines = [line for line in output.splitlines() if line.strip() and not line.startswith("WARNING")]
    return "\n".join(f"    {line}" for line in lines[-count:])
