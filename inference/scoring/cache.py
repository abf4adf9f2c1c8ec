"""Features of steps on disk: numpy shards, appended, never changed, the oldest removed past a size. No pickle.

Writers need no lock: a shard is written beside its name and renamed, and its name is the hash of what it holds, so
two writers of the same features write the same file. A shard that is gone or damaged is a miss.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float16]
DEFAULT_BYTES = 4 * 2**30
KEY_BYTES = 32


class FeatureCache:
    """The features of one FeatureSpec in a folder of its own. `limit` bounds the folder in bytes."""

    def __init__(self, folder: Path, limit: int = DEFAULT_BYTES) -> None:
        self.folder = folder
        self.limit = limit
        self._at: dict[str, tuple[Path, int]] = {}
        self._known: set[Path] = set()

    def get(self, keys: Iterable[str]) -> dict[str, Vector]:
        """Return the features that are stored, each a float16 vector; keys that are not are left out."""
        self._look()
        wanted: dict[Path, list[tuple[str, int]]] = {}
        for key in set(keys) & self._at.keys():
            path, row = self._at[key]
            wanted.setdefault(path, []).append((key, row))
        found: dict[str, Vector] = {}
        for path, rows in wanted.items():
            values = self._open(_values_of(path))
            if values is not None:
                found.update({key: np.array(values[row]) for key, row in rows})
                _touch(path)
        return found

    def put(self, features: Mapping[str, Vector]) -> None:
        """Store features (hex keys of 32 bytes to vectors of one length) as one shard."""
        if not features:
            return
        keys = sorted(features)
        names = np.frombuffer(bytes.fromhex("".join(keys)), dtype=np.uint8).reshape(len(keys), KEY_BYTES)
        values = np.stack([features[key] for key in keys]).astype(np.float16)
        shard = self.folder / f"{hashlib.sha256(names.tobytes()).hexdigest()[:32]}.keys.npy"
        self.folder.mkdir(parents=True, exist_ok=True)
        # Values first: whoever sees the keys finds them.
        _write(_values_of(shard), values)
        _write(shard, names)
        self._shrink()

    def _look(self) -> None:
        """Read the keys of shards that came since the last look."""
        there = set(self.folder.glob("*.keys.npy"))
        if self._known - there:
            self._at = {key: place for key, place in self._at.items() if place[0] in there}
        for path in sorted(there - self._known):
            names = self._open(path)
            if names is not None and names.ndim == 2 and names.shape[1] == KEY_BYTES:
                self._at.update({bytes(name).hex(): (path, row) for row, name in enumerate(names)})
        self._known = there

    @staticmethod
    def _open(path: Path) -> NDArray[np.generic] | None:
        try:
            found: NDArray[np.generic] = np.load(path, mmap_mode="r", allow_pickle=False)
        except (OSError, ValueError, EOFError):
            return None
        return found

    def _shrink(self) -> None:
        shards = []
        for path in self.folder.glob("*.keys.npy"):
            used, size = _age_and_size(path)
            shards.append((used, size + _age_and_size(_values_of(path))[1], path))
        total = sum(size for _, size, _ in shards)
        for _, size, path in sorted(shards)[:-1]:
            if total <= self.limit:
                return
            path.unlink(missing_ok=True)
            _values_of(path).unlink(missing_ok=True)
            total -= size


def _values_of(keys: Path) -> Path:
    return keys.with_name(keys.name.replace(".keys.npy", ".values.npy"))


def _write(path: Path, array: NDArray[np.generic]) -> None:
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".", suffix=".part", delete=False) as file:
        try:
            np.save(file, array, allow_pickle=False)
            file.flush()
            os.replace(file.name, path)
        except BaseException:
            os.unlink(file.name)
            raise


def _touch(path: Path) -> None:
    with contextlib.suppress(OSError):
        os.utime(path)


def _age_and_size(path: Path) -> tuple[float, int]:
    """Return when a file was last used and its bytes; another process may have removed it."""
    try:
        found = path.stat()
    except OSError:
        return 0.0, 0
    return found.st_mtime, found.st_size
