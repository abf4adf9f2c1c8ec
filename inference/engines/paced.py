"""The scripted engine at the pace of a server: so many places, and requests that end one by one, some much later.

A request takes a time of its own, keyed by its seed: log-normal, with the mean asked for; one in a hundred takes eight
times the mean or more. It knows nothing about trees.
"""

from __future__ import annotations

import heapq
import math
import threading
import time
from collections import deque
from collections.abc import Sequence
from random import Random

from inference.engines.base import POLL_SECONDS, Completion, EngineInfo, More, Progress, Request, Usage
from inference.engines.scripted import Say, said_or_complete

SPREAD = 1.2
"""Standard deviation of the logarithm of a request's time."""


class PacedEngine:
    """Deterministic completions, `places` at once, each after `latency` seconds in the mean."""

    id = "scripted"

    def __init__(self, *, places: int, latency: float, say: Say | None = None) -> None:
        self.latency = latency
        self.say = say
        self.info = EngineInfo(model="scripted", dtype="none", max_batch=places, max_context=1_000_000, continuous=True)
        self._requests = self._tokens = 0
        self._busy = self._rows = 0.0
        self._running: list[tuple[float, str, Request]] = []
        self._at = 0.0
        self._lock = threading.Lock()

    @property
    def usage(self) -> Usage:
        self._account(time.perf_counter())
        return Usage(
            requests=self._requests, drawn_tokens=self._tokens, busy_seconds=self._busy, row_seconds=self._rows
        )

    @property
    def in_flight(self) -> int:
        """Places taken now."""
        return len(self._running)

    def generate(
        self, requests: Sequence[Request], *, progress: Progress | None = None, more: More | None = None
    ) -> list[Completion]:
        """Draw what is asked for and what `more` adds (see `Engine.generate`)."""
        drawn: dict[str, Completion] = {}
        waiting = deque(requests)
        try:
            while waiting or self._running:
                self._start(waiting)
                ended = self._wait()
                if progress is not None:
                    progress(sum(completion.tokens for completion in ended))
                if more is None:
                    drawn |= {completion.key: completion for completion in ended}
                else:
                    waiting += more(ended)
        finally:
            self._account(time.perf_counter())
            self._running = []
        return [drawn[request.key] for request in requests] if more is None else []

    def close(self) -> None:
        """Nothing is held."""

    def _start(self, waiting: deque[Request]) -> None:
        now = time.perf_counter()
        self._account(now)
        while waiting and len(self._running) < self.info.max_batch:
            request = waiting.popleft()
            heapq.heappush(self._running, (now + self._seconds(request), request.key, request))
            self._requests += 1

    def _wait(self) -> list[Completion]:
        """Wait for the next request to end, at most as long as an engine may stay silent; return all that have."""
        time.sleep(min(max(self._running[0][0] - time.perf_counter(), 0.0), POLL_SECONDS))
        now = time.perf_counter()
        self._account(now)
        ended: list[Completion] = []
        while self._running and self._running[0][0] <= now:
            ended.append(said_or_complete(heapq.heappop(self._running)[2], self.say))
        self._tokens += sum(completion.tokens for completion in ended)
        return ended

    def _seconds(self, request: Request) -> float:
        return self.latency * math.exp(Random(request.seed).gauss(-SPREAD * SPREAD / 2, SPREAD))  # noqa: S311

    def _account(self, now: float) -> None:
        """Add the time since the last change to what was busy; other threads may ask for the usage."""
        with self._lock:
            if self._running:
                self._busy += now - self._at
                self._rows += (now - self._at) * len(self._running)
            self._at = now
