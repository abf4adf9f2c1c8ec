"""One supervisor a data folder, and one program a port."""

from __future__ import annotations

import fcntl
import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rationale_studio.services.trouble import Trouble


class AlreadyRunning(Exception):
    """Another supervisor holds this data folder; its text tells where it is open, `address` too if it is."""

    def __init__(self, sentence: str, address: str = "") -> None:
        super().__init__(sentence)
        self.address = address


@contextmanager
def claimed(home: Path, address: str) -> Iterator[None]:
    """Hold the data folder; the kernel lets go of it however the process ends."""
    with (home / "supervisor.lock").open("a+") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            handle.seek(0)
            written = handle.read()
            raise AlreadyRunning(told(written, home), address_of(written)) from None
        handle.truncate(0)
        handle.write(json.dumps({"address": address, "pid": os.getpid()}))
        handle.flush()
        try:
            yield
        finally:
            handle.truncate(0)


def told(written: str, home: Path) -> str:
    try:
        found = json.loads(written)
    except ValueError:
        return f"The studio in {home} is starting or stopping at this moment. Try again in a few seconds."
    if not found["address"]:
        return f"{home} is being backed up or restored (process {found['pid']}). Try again when that has ended."
    return f"The studio already runs at {found['address']} (process {found['pid']}). Ctrl-C in its terminal stops it."


def address_of(written: str) -> str:
    try:
        return str(json.loads(written)["address"])
    except (ValueError, KeyError):
        return ""


def check_port(host: str, port: int) -> None:
    """Refuse a port that some other program holds, before anything is started."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            advice = f"Start on another one: PORT={port + 1} make studio"
            raise Trouble(f"Port {port} on {host} cannot be used ({error.strerror}). {advice}") from None


def accepts(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), timeout=1).close()
    except OSError:
        return False
    return True
