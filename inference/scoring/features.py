"""Features of steps: from the cache where they are known, else read in one pass over the paths that hold them.

A step is named by the problem and the steps up to it (inference.scoring.paths), so that a step of many leaf paths is
read once, and the next training or scoring reads only what is new.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Self

from inference.scoring.cache import FeatureCache, Vector
from inference.scoring.paths import TextPath
from inference.scoring.reader import ChildReader, Reader, Tick
from inference.scoring.spec import FeatureSpec
from inference.scoring.words import WordReader

Features = dict[str, Vector]


def open_reader(spec: FeatureSpec, folder: Path) -> Reader:
    """Return a reader of a spec: a child process with the model in `folder`, or none where words are counted."""
    return WordReader() if spec.kind == "words" else ChildReader(spec, folder)


@dataclass(slots=True)
class Counts:
    """What was read so far; `tokens` counts a beginning that paths share once for each pack that holds it."""

    tokens: int = 0
    steps_read: int = 0
    steps_cached: int = 0
    steps_cut: int = 0
    seconds: float = 0.0

    @property
    def tokens_per_s(self) -> float:
        return self.tokens / self.seconds if self.seconds else 0.0


class FeatureSource:
    """Features of one spec. The reader (a child process with the model) starts at the first step that is not cached.

    `folder` holds the model, `cache` all caches (one folder a spec is made in it).
    """

    def __init__(self, spec: FeatureSpec, folder: Path, cache: Path, tick: Tick) -> None:
        self.spec = spec
        self.counts = Counts()
        self._cache = FeatureCache(cache / spec.id)
        self._open = partial(open_reader, spec, folder)
        self._reader: Reader | None = None
        self._tick = tick

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def read(self, paths: Sequence[TextPath]) -> Features:
        """Return the features of every step of the paths by its key; steps beyond the context are left out."""
        keys = [path.keys() for path in paths]
        found = self._cache.get(key for path in keys for key in path)
        self.counts.steps_cached += len(found)
        missing = [at for at, path in enumerate(keys) if any(key not in found for key in path)]
        if missing:
            fresh = self._read([paths[at] for at in missing], [keys[at] for at in missing], found)
            self._cache.put(fresh)
            found.update(fresh)
        return found

    def close(self) -> None:
        if self._reader is not None:
            self._reader.close()
            self._reader = None

    def _read(self, paths: Sequence[TextPath], keys: Sequence[Sequence[str]], known: Features) -> Features:
        if self._reader is None:
            self._reader = self._open()
        fresh: Features = {}
        began = time.monotonic()
        for block in self._reader.read(paths, self._tick):
            for (path, step), row in block.places.items():
                key = keys[path][step]
                if key not in known:
                    fresh.setdefault(key, block.rows[row])
            self.counts.tokens += block.tokens
            self.counts.steps_cut += block.cut
        self.counts.steps_read += len(fresh)
        self.counts.seconds += time.monotonic() - began
        return fresh
