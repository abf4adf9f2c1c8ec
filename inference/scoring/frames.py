"""Messages through a pipe: a length, a JSON head, and as many bytes as the head's `bytes` says."""

from __future__ import annotations

import json
import struct
from typing import IO, Any

_LENGTH = struct.Struct("!I")


def write_frame(pipe: IO[bytes], head: dict[str, Any], body: bytes = b"") -> None:
    text = json.dumps({**head, "bytes": len(body)}).encode()
    pipe.write(_LENGTH.pack(len(text)) + text + body)
    pipe.flush()


def read_frame(pipe: IO[bytes]) -> tuple[dict[str, Any], bytes]:
    """Return head and body of the next message; EOFError when the other side ended."""
    head: dict[str, Any] = json.loads(_exactly(pipe, _LENGTH.unpack(_exactly(pipe, _LENGTH.size))[0]))
    return head, _exactly(pipe, int(head["bytes"]))


def write_json(pipe: IO[bytes], value: Any) -> None:
    """Write one JSON value as a line."""
    pipe.write(json.dumps(value).encode() + b"\n")
    pipe.flush()


def _exactly(pipe: IO[bytes], count: int) -> bytes:
    read = b""
    while len(read) < count:
        # An unbuffered pipe gives what is there.
        part = pipe.read(count - len(read))
        if not part:
            raise EOFError("the other side ended")
        read += part
    return read
