"""One `generate` call of a continuously batching engine: what waits, what has come. Knows nothing about any engine."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Sequence

from inference.engines.base import POLL_SECONDS, Completion, More, Progress, Request

TICK_SECONDS = 0.25
"""How often `progress` hears that nothing has come."""


class Pending:
    """Requests in groups that share prompt and settings, in the order asked; completions go straight to `more`."""

    def __init__(self, requests: Sequence[Request], progress: Progress | None, more: More | None) -> None:
        self.waiting: deque[list[Request]] = deque()
        self._order: dict[str, Completion | None] = {}
        self._progress = progress
        self._more = more
        self._polled = self._told = time.monotonic()
        self.add(requests)

    def add(self, requests: Sequence[Request]) -> None:
        """Queue requests; ValueError when one has the key of another that has not ended, or no prompt."""
        groups: dict[object, list[Request]] = {}
        for request in requests:
            if request.key in self._order:
                raise ValueError(f"two requests have the key {request.key}")
            if not (request.prefix or request.prompt or request.reply):
                raise ValueError(f"request {request.key}: the prompt is empty")
            self._order[request.key] = None
            groups.setdefault(_shared(request), []).append(request)
        self.waiting += groups.values()

    def take(self, completions: Sequence[Completion], drawn: int | None = None) -> None:
        """Note what has ended, tell the tokens drawn (those of the completions by default), and queue what follows."""
        if self._more is None:
            self._order |= {completion.key: completion for completion in completions}
        self.tell(sum(one.tokens for one in completions) if drawn is None else drawn)
        if completions and self._more is not None:
            for completion in completions:
                del self._order[completion.key]
            self._polled = time.monotonic()
            self.add(self._more(completions))

    def tell(self, drawn: int) -> None:
        """Report tokens, and every TICK_SECONDS that there are none."""
        if self._progress is not None and (drawn or time.monotonic() - self._told >= TICK_SECONDS):
            self._told = time.monotonic()
            self._progress(drawn)

    def ask_first(self) -> None:
        """Ask for requests when there are none to begin with."""
        if self._more is not None and not self.waiting:
            self.add(self._more(()))

    def poll(self) -> None:
        """Ask for more requests unless that was done less than POLL_SECONDS ago; for an engine with room."""
        if self._more is not None and time.monotonic() - self._polled >= POLL_SECONDS:
            self._polled = time.monotonic()
            self.add(self._more(()))

    def next_group(self, free: int, most: int) -> list[Request] | None:
        """Take the next requests that fit into `free` of `most` places; a group is split only when much is free."""
        if not self.waiting or free < min(len(self.waiting[0]), max(1, most // 8)):
            return None
        group = self.waiting.popleft()
        if len(group) > free:
            self.waiting.appendleft(group[free:])
        return group[:free]

    def completions(self) -> list[Completion]:
        """Return what has come, in the order asked; nothing when `more` has taken it."""
        return [completion for completion in self._order.values() if completion is not None]


def _shared(request: Request) -> object:
    """Requests for which this is equal go out as one; one at temperature 0 or with choices goes alone."""
    if request.temperature <= 0 or request.choices:
        return request.key
    text = (request.prefix, request.prompt, request.reply, request.line_starts)
    return (*text, request.max_tokens, request.temperature, request.top_p, request.stop)
