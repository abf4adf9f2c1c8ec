"""Features without a language model: counts of a step's words, hashed. A baseline, and what tests read steps with."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence

import numpy as np

from inference.scoring.paths import TextPath
from inference.scoring.reader import Block, Tick

SIZE = 256
_WORDS = re.compile(r"\w+|[^\w\s]")


class WordReader:
    """Reads only the step itself, not what stands before it."""

    def read(self, paths: Sequence[TextPath], tick: Tick) -> Iterator[Block]:
        """Yield one block a path: square roots of word counts in SIZE buckets."""
        for at, path in enumerate(paths):
            tick()
            rows = np.stack([_counts(step) for step in path.steps])
            words = sum(len(_WORDS.findall(step)) for step in path.steps)
            yield Block({(at, step): step for step in range(len(path.steps))}, rows, words)

    def close(self) -> None:
        """Nothing to give back."""


def _counts(text: str) -> np.ndarray[tuple[int, ...], np.dtype[np.float16]]:
    counts = np.zeros(SIZE, dtype=np.float32)
    for word in _WORDS.findall(text.lower()):
        counts[int.from_bytes(hashlib.blake2b(word.encode(), digest_size=4).digest(), "big") % SIZE] += 1
    return np.sqrt(counts).astype(np.float16)
