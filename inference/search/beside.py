"""Checks in a thread of their own, so that whoever hands them in goes on. Knows nothing about engines or rows.

What is put in comes out in the order it went in. How much waits is bounded by who puts it in (`backlog`).
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import NamedTuple

from inference.search.feed import Growing
from inference.search.wants import Checker
from inference.types import Verdict

MOST_JOBS = 128
"""Jobs of one call of the checker, but for a tree that wants more: so long is the wait when the work is broken off."""
CLOSE_SECONDS = 5.0


class Answered(NamedTuple):
    """Trees with their verdicts, and the seconds that the checker took."""

    trees: list[tuple[Growing, Sequence[Verdict]]]
    seconds: float


class Beside:
    """A checker with a thread; `came` is called from it whenever there is something to take."""

    def __init__(self, checker: Checker, came: Callable[[], None]) -> None:
        self.checker = checker
        self.came = came
        self._waiting: deque[Growing] = deque()
        self._done: list[Answered] = []
        self._error: BaseException | None = None
        self._closed = False
        self._backlog = 0
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    @property
    def backlog(self) -> int:
        """Return how many jobs were put in and not taken yet."""
        return self._backlog

    @property
    def ready(self) -> bool:
        return bool(self._done) or self._error is not None

    def put(self, trees: Sequence[Growing]) -> None:
        """Have the jobs of these trees checked."""
        if not trees:
            return
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="checks", daemon=True)
            self._thread.start()
        with self._changed:
            self._waiting += trees
            self._backlog += sum(len(tree.jobs) for tree in trees)
            self._changed.notify()

    def take(self) -> list[Answered]:
        """Return what has been checked since the last time; what went wrong in the checker is raised here."""
        with self._changed:
            if self._error is not None:
                raise self._error
            done, self._done = self._done, []
            self._backlog -= sum(len(tree.jobs) for each in done for tree, _ in each.trees)
            return done

    def close(self) -> None:
        """End the thread after the call that it is in; one that hangs is left behind, its verdicts dropped."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        if self._thread is not None:
            self._thread.join(CLOSE_SECONDS)

    def _work(self) -> None:
        try:
            while trees := self._next():
                done = self._checked(trees)
                with self._changed:
                    self._done.append(done)
                self.came()
        except BaseException as error:  # noqa: BLE001 it is raised again where the verdicts are taken
            with self._changed:
                self._error = error
            self.came()

    def _next(self) -> list[Growing]:
        """Wait for trees and return as many as make a call; none when closed."""
        with self._changed:
            while not self._waiting and not self._closed:
                self._changed.wait()
            trees: list[Growing] = []
            jobs = 0
            while self._waiting and not self._closed and (not trees or jobs + len(self._waiting[0].jobs) <= MOST_JOBS):
                trees.append(self._waiting.popleft())
                jobs += len(trees[-1].jobs)
            return trees

    def _checked(self, trees: list[Growing]) -> Answered:
        jobs = [job for tree in trees for job in tree.jobs]
        began = time.perf_counter()
        verdicts = self.checker(jobs)
        seconds = time.perf_counter() - began
        if len(verdicts) != len(jobs):
            raise ValueError(f"{len(verdicts)} answers came for {len(jobs)} jobs")
        shares, start = [], 0
        for tree in trees:
            end = start + len(tree.jobs)
            shares.append((tree, verdicts[start:end]))
            start = end
        return Answered(shares, seconds)
