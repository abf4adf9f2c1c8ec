"""A PRM head as the guide of a search: paths in, p(correct) of every step out. Knows nothing about how trees grow."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from inference.scoring.features import open_reader
from inference.scoring.paths import TextPath
from inference.scoring.prm import PrmHead
from inference.scoring.reader import Reader, Tick

if TYPE_CHECKING:
    from inference.search.wants import RateJob

UNREAD = 0.5
"""The score of a step beyond the model's context: nothing is known of it."""
MOST_KEPT = 200_000
DIGITS = 6
"""Beyond these a score depends on what else was scored with it."""


class PrmGuide:
    """Scores paths as a search asks for them (inference.search.wants.Guide). Close it after use.

    A step is scored once for all paths that begin alike, while at most MOST_KEPT scores are remembered. `folder` holds
    the model whose features the head reads; it is loaded, in a child process, at the first path.
    """

    def __init__(self, head: PrmHead, folder: Path, tick: Tick) -> None:
        self._head = head
        self._open: Callable[[], Reader] = lambda: open_reader(head.spec, folder)
        self._reader: Reader | None = None
        self._tick = tick
        self._known: dict[str, float] = {}

    def __call__(self, jobs: Sequence[RateJob]) -> list[list[float]]:
        """Return p(correct), in [0, 1], of every step of every path; FeatureError when the model cannot be read."""
        paths = [TextPath(job.problem.text, job.steps) for job in jobs]
        keys = [path.keys() for path in paths]
        if len(self._known) > MOST_KEPT:
            self._known.clear()
        new = {each[-1]: at for at, each in enumerate(keys) if any(key not in self._known for key in each)}
        if new:
            self._score([paths[at] for at in new.values()], [keys[at] for at in new.values()])
        return [[self._known.get(key, UNREAD) for key in each] for each in keys]

    def _score(self, paths: Sequence[TextPath], keys: Sequence[Sequence[str]]) -> None:
        self._reader = self._reader or self._open()
        try:
            for block in self._reader.read(paths, self._tick):
                scores = self._head.score(block.rows.astype(np.float32))
                for (path, step), row in block.places.items():
                    self._known.setdefault(keys[path][step], round(float(scores[row]), DIGITS))
        except BaseException:
            # Broken off, the child would go on with an answer that nobody waits for, or is dead already.
            self.close()
            raise

    def close(self) -> None:
        """End the child process."""
        if self._reader is not None:
            self._reader.close()
            self._reader = None
