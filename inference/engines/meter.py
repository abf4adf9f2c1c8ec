"""Counting what an engine does. Knows nothing about how any engine does it."""

from __future__ import annotations

import threading
import time

from inference.engines.base import Usage


class Meter:
    """Sums for `Usage`, which any thread may read. `read_tokens` are the prompt tokens that were computed anew."""

    def __init__(self) -> None:
        self.requests = 0
        self.prompt_tokens = 0
        self.read_tokens = 0
        self.drawn_tokens = 0
        self.retries = 0
        self._busy = 0.0
        self._rows = 0.0
        self._flying = 0
        self._since = 0.0
        self._lock = threading.Lock()

    def fly(self, rows: int) -> None:
        """From now on so many requests are in flight."""
        with self._lock:
            self._fly(rows)

    def _fly(self, rows: int) -> None:
        now = time.perf_counter()
        if self._flying:
            self._busy += now - self._since
            self._rows += (now - self._since) * self._flying
        self._flying, self._since = rows, now

    @property
    def usage(self) -> Usage:
        """The sums up to now."""
        with self._lock:
            self._fly(self._flying)
        cached = max(0, self.prompt_tokens - self.read_tokens)
        return Usage(self.requests, self.prompt_tokens, cached, self.drawn_tokens, self.retries, self._busy, self._rows)
