"""Rows of a file, one at a time: JSON lines, a JSON array, parquet. Never the whole file in memory.

Each row comes with its number (the line it starts at; in parquet the row, from 1) and is a value or a BadRow.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from django.conf import settings

from annotations.errors import BadInput
from annotations.imports.records import BadRow

MEBIBYTE = 1024 * 1024
CHUNK = 4 * MEBIBYTE
BATCH_ROWS = 1_000
SPACE = re.compile(r"[ \t\r\n]*")
BETWEEN = re.compile(r"[ \t\r\n,]*")
SUSPECT = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")
NO_TEXT = "text without NUL and half characters, which a database cannot hold"
Numbered = tuple[int, Any]


def row_limit() -> int:
    """Return how many bytes one row may have."""
    return int(getattr(settings, "IMPORT_ROW_LIMIT_BYTES", 16 * MEBIBYTE))


def check_size(path: Path) -> None:
    """Refuse a file over the site's limit before it is read."""
    limit = int(getattr(settings, "UPLOAD_LIMIT_BYTES", 512 * MEBIBYTE))
    if not path.is_file():
        raise BadInput(f"There is no file {path.name}.", "file")
    if path.stat().st_size > limit:
        found, most = path.stat().st_size / MEBIBYTE, limit / MEBIBYTE
        raise BadInput(f"{path.name} has {found:,.0f} MiB; the limit of this site is {most:,.0f} MiB.", "file")


def read(path: Path) -> Iterator[Numbered]:
    """Yield (number, value or BadRow) for each row; the kind of file is told by its first bytes."""
    with path.open("rb") as file:
        head = file.read(64).lstrip(b"\xef\xbb\xbf \t\r\n")
    if head.startswith(b"PAR1"):
        return parquet_rows(path)
    return array_rows(path) if head.startswith(b"[") else json_lines(path)


# Takes NaN and Infinity, which Python writes though they are not JSON: a format then says which field holds one.
DECODER = json.JSONDecoder()


def decoded(raw: str) -> Any:
    """Decode one JSON value, or return a BadRow that says why not."""
    try:
        value = DECODER.decode(raw)
    except (ValueError, RecursionError) as error:
        where = f" (column {error.colno})" if isinstance(error, json.JSONDecodeError) else ""
        return BadRow("row", f"one JSON object a line{where}", raw)
    if SUSPECT.search(raw) and not storable(value):
        return BadRow("row", NO_TEXT)
    return value


def storable(value: Any) -> bool:
    """Say whether all texts of a JSON value can be stored: no NUL, no half of a surrogate pair."""
    try:
        return b"\\u0000" not in json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False


def json_lines(path: Path) -> Iterator[Numbered]:
    limit = row_limit()
    with path.open("rb") as file:
        number = 0
        while line := file.readline(limit + 1):
            number += 1
            if len(line) > limit:
                while line and not line.endswith(b"\n"):
                    line = file.readline(CHUNK)
                yield number, BadRow("row", f"at most {limit:,} bytes")
                continue
            try:
                raw = line.decode("utf-8-sig" if number == 1 else "utf-8")
            except UnicodeDecodeError as error:
                yield number, BadRow("row", f"UTF-8 text (byte {error.start + 1})")
                continue
            if raw.strip():
                yield number, decoded(raw)


def array_rows(path: Path) -> Iterator[Numbered]:
    """Yield the elements of a JSON array. After a broken element nothing more can be told apart, so reading ends."""
    limit, line = row_limit(), 1
    with path.open(encoding="utf-8-sig", errors="replace") as file:
        buffer = file.read(CHUNK)
        at = SPACE.match(buffer).end() + 1  # type: ignore[union-attr]
        line += buffer.count("\n", 0, at)
        while True:
            start = BETWEEN.match(buffer, at).end()  # type: ignore[union-attr]
            line += buffer.count("\n", at, start)
            if buffer[start : start + 1] == "]":
                return
            try:
                value, end = DECODER.raw_decode(buffer, start)
                yield line, value if storable(value) else BadRow("row", NO_TEXT)
                line, at = line + buffer.count("\n", start, end), end
            except (ValueError, RecursionError):
                more = file.read(max(CHUNK, len(buffer) - start)) if len(buffer) - start <= limit else ""
                if not more:
                    yield line, BadRow("row", f"a JSON object of at most {limit:,} bytes; nothing after it was read")
                    return
                buffer, at = buffer[start:] + more, 0


def parquet_rows(path: Path) -> Iterator[Numbered]:
    """Yield parquet rows in batches of a thousand; columns nobody asks for cost nothing but reading."""
    pyarrow = import_module("pyarrow")
    try:
        file = import_module("pyarrow.parquet").ParquetFile(path, memory_map=True)
        number = 0
        for batch in file.iter_batches(batch_size=BATCH_ROWS):
            for row in batch.to_pylist():
                number += 1
                yield number, row
    except (pyarrow.ArrowException, OSError) as error:
        raise BadInput(f"{path.name} cannot be read as parquet: {str(error)[:200]}", "file") from None
