"""Trees that go on independently of one another, for an engine that batches continuously. Knows nothing about rows.

Three threads. The engine's (the caller's) only passes completions out and requests in. A second one checks, and
nothing else (inference.search.beside): trees whose steps are being checked wait as those do that wait for the engine.
The third, the mill:

1. keeps what was drawn (`Ledger.keep`), and only then hands it to the trees, as it does with verdicts that have come;
2. sends the requests that follow on at once, hands out checks, and scores;
3. notes each tree whose round has ended and starts its next one;
4. opens new trees while fewer requests are under way than the engine takes and a reserve, so that neither a straggler
   nor the mill's own work leaves a place in the batch empty; none while too many checks wait;
5. stores what has ended, every half second.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Protocol

from inference.engines.base import POLL_SECONDS, Completion, Engine, Progress, Request
from inference.search.beside import Beside
from inference.search.feed import Feed, Growing, RoundStats
from inference.search.methods import METHODS
from inference.search.params import SearchParams
from inference.search.tree import SearchTree
from inference.search.wants import Checker, Guide

STORE_SECONDS = 0.5
RESERVE = 0.25
"""Requests asked for beyond what the engine takes, as a share of it: they fill places while the mill is at work. More
where more than half of them ended during one of the mill's last turns, at most as many again as the engine takes."""
TURNS = 16
TREES_PER_PLACE = 8
"""Most trees open at once for each place in the engine's batch."""
CHECKS_PER_PLACE = 8
"""Checks that may wait for each place in the engine's batch before no new tree is opened."""
TICK_SECONDS = 0.5


class Ledger(Protocol):
    """Where trees come from and where what happens to them is written; called from the mill's thread alone."""

    def next_tree(self) -> SearchTree | None:
        """Return a tree to grow, None while there is none."""

    def known(self, request: Request) -> Completion | None:
        """Return what was drawn for this request before the work was broken off."""

    def keep(self, drawn: Sequence[Completion], asked: Sequence[Request]) -> None:
        """Store completions with their requests; they are used when this has returned."""

    def ended(self, tree: SearchTree) -> bool:
        """Note that a tree has ended a round; return whether it goes on with another."""

    def store(self, stats: RoundStats) -> None:
        """Store what was noted, with the figures since the last time."""

    def close(self) -> None:
        """Give back what belongs to the mill's thread."""


class Flow:
    """One flow of trees through one engine. `draining` is asked now and then: once true, no round is begun any more."""

    def __init__(
        self,
        ledger: Ledger,
        checker: Checker,
        params: SearchParams,
        places: int,
        *,
        guide: Guide | None = None,
        draining: Callable[[], bool] = lambda: False,
    ) -> None:
        self.ledger = ledger
        self.params = params
        self.beside = Beside(checker, self._wake)
        self.feed = Feed(checker, guide, ledger.known, self.beside.put)
        self.places = places
        self._ended_in_turns: deque[int] = deque(maxlen=TURNS)
        self.most_open = places * TREES_PER_PLACE
        self.draining = draining
        self.open = 0
        self.error: BaseException | None = None
        self._asked: dict[str, Request] = {}
        self._came: list[Completion] = []
        self._ready: list[Request] = []
        self._under_way = 0
        self._over = False
        self._changed = threading.Condition()
        self._stored_at = self._since = time.perf_counter()

    def run(self, engine: Engine, progress: Progress | None = None) -> None:
        """Grow every tree of the ledger to its end, or all begun rounds to theirs when draining.

        An exception of the engine, of `progress` or of the mill ends both; what was kept and stored stays.
        """
        mill = threading.Thread(target=self._mill, name="mill", daemon=True)
        mill.start()
        try:
            while not self._over or self._ready:
                first = self._take(progress)
                if first:
                    engine.generate(first, progress=progress, more=lambda ended: self._more(ended, progress))
        finally:
            self._end(None)
            mill.join()
        if self.error is not None:
            raise self.error

    def _more(self, ended: Sequence[Completion], progress: Progress | None) -> Sequence[Request]:
        """Pass on what has ended; return what may begin, waiting for it when nothing is under way in the engine."""
        with self._changed:
            self._came += ended
            self._under_way -= len(ended)
            if ended:
                self._changed.notify_all()
        return self._take(progress) if not self._under_way else self._now()

    def _take(self, progress: Progress | None) -> list[Request]:
        """Wait until there is a request or the flow is over."""
        with self._changed:
            while not self._ready and not self._over and self.error is None:
                self._changed.wait(TICK_SECONDS)
                if progress is not None:
                    progress(0)
        return self._now()

    def _now(self) -> list[Request]:
        with self._changed:
            if self.error is not None:
                raise self.error
            ready, self._ready = self._ready, []
            self._under_way += len(ready)
            return ready

    def _end(self, error: BaseException | None) -> None:
        with self._changed:
            self._over = True
            self.error = self.error or error
            self._changed.notify_all()

    def _mill(self) -> None:
        try:
            more = True
            while more and not self._over:
                more = self._turn(self._await())
            self._keep(self._came)
            self._end(None)
        except BaseException as error:  # noqa: BLE001 it is raised again in the engine's thread
            self._end(error)
        finally:
            self.beside.close()
            self.ledger.close()

    def _wake(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def _await(self) -> list[Completion]:
        with self._changed:
            if not (self._came or self.beside.ready or self.feed.serving) and self.open:
                self._changed.wait(POLL_SECONDS)
            came, self._came = self._came, []
            return came

    def _turn(self, came: Sequence[Completion]) -> bool:
        """Do one turn of the mill; return whether there is anything left to wait for."""
        self._ended_in_turns.append(len(came))
        self._keep(came)
        self.feed.take(came)
        for answered in self.beside.take():
            self.feed.stats.check_seconds += answered.seconds
            for growing, verdicts in answered.trees:
                self.feed.checked(growing, verdicts)
        self._send()
        self.feed.serve()
        self._go_on()
        self._admit()
        self._send()
        if self.open and time.perf_counter() - self._stored_at < STORE_SECONDS:
            return True
        self._store()
        return bool(self.open)

    def _keep(self, came: Sequence[Completion]) -> None:
        if came:
            self.ledger.keep(came, [self._asked.pop(completion.key) for completion in came])

    def _send(self) -> None:
        requests = self.feed.requests()
        if requests:
            self._asked |= {request.key: request for request in requests}
            with self._changed:
                self._ready += requests
                self._changed.notify_all()

    def _go_on(self) -> None:
        ended, self.feed.ended = self.feed.ended, []
        for growing in ended:
            if self.ledger.ended(growing.tree) and not self.draining():
                self._begin(growing.tree)
            else:
                self.open -= 1

    @property
    def target(self) -> int:
        """Requests to have under way: the engine's places and a reserve."""
        least = max(2, round(self.places * RESERVE))
        return self.places + min(max(least, 2 * max(self._ended_in_turns, default=0)), max(least, self.places))

    def _admit(self) -> None:
        while len(self._asked) + len(self.feed.pending) < self.target and self._has_room:
            tree = None if self.draining() else self.ledger.next_tree()
            if tree is None:
                return
            self.open += 1
            self._begin(tree)

    @property
    def _has_room(self) -> bool:
        return self.open < self.most_open and self.beside.backlog < self.places * CHECKS_PER_PLACE

    def _begin(self, tree: SearchTree) -> None:
        self.feed.advance(Growing(tree, METHODS[self.params.method].grow(tree, self.params)))

    def _store(self) -> None:
        now = time.perf_counter()
        stats, self.feed.stats = self.feed.stats, RoundStats()
        stats.seconds, self._since = now - self._since, now
        self.ledger.store(stats)
        self._stored_at = time.perf_counter()
