"""Any server with OpenAI's completions interface: many requests in flight, draws of one prompt in one call.

The noise is the server's, so that texts depend on what else it draws: they are stored before use, never drawn again.
"""

from __future__ import annotations

import os
import queue
import re
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from inference.engines.answers import Answer, read_answer
from inference.engines.base import POLL_SECONDS, Completion, EngineError, EngineInfo, More, Progress, Request, Usage
from inference.engines.http import Refused, Server, Trouble
from inference.engines.lines import line_regex
from inference.engines.meter import Meter
from inference.engines.params import EngineSpec
from inference.engines.pending import Pending
from inference.types import FinishReason

DEFAULT_BATCH = 64
TOP, FEW = 20, 5
"""Likeliest tokens asked for where choices are weighed; a server that refuses so many is asked for a few."""
SHORTEST = 16
"""Tokens below which a completion that does not fit the context is given up."""
TOO_LONG = re.compile(r"context (length|window|size)|maximum (model|sequence) length|max_model_len|too long", re.I)

Drawn = tuple[list[Request], Answer | BaseException]


def make(spec: EngineSpec) -> OpenAIEngine:
    """Make the engine; the server is asked for nothing until the first request. EngineError when there is no key."""
    places = spec.max_batch or DEFAULT_BATCH
    key = _key(spec.secret_env)
    server = Server(spec.address, key=key, timeout=spec.timeout, patience=spec.patience, places=places)
    return OpenAIEngine(server, spec)


class OpenAIEngine:
    """A completions server, asked from threads of its own."""

    def __init__(self, server: Server, spec: EngineSpec) -> None:
        self.server = server
        self.spec = spec
        self.model = spec.model
        self.max_batch = spec.max_batch or DEFAULT_BATCH
        self.max_context = spec.max_context
        self.meter = Meter()
        self.too_long = 0
        self.top = TOP
        self._known = False
        self._threads = ThreadPoolExecutor(self.max_batch, thread_name_prefix="completions")

    @property
    def id(self) -> str:
        return f"openai_http:{self.model or self.spec.address}"

    @property
    def info(self) -> EngineInfo:
        """The engine as it is now; `detail` counts what was too long for the server."""
        detail = {"address": self.spec.address, "too_long": self.too_long}
        return EngineInfo(self.model, "server", "", self.max_batch, self.max_context, continuous=True, detail=detail)

    @property
    def usage(self) -> Usage:
        """What the server has counted; draws of one prompt in one call share it, which counts as cached."""
        self.meter.retries = self.server.retries
        return self.meter.usage

    def generate(
        self, requests: Sequence[Request], *, progress: Progress | None = None, more: More | None = None
    ) -> list[Completion]:
        """Return one completion for each request, in the order asked (see `Engine.generate`).

        EngineError when the server refuses or is gone for longer than the spec's patience. A text that does not fit
        the server's context is empty, or shorter than asked for, and ends by length.
        """
        pending = Pending(requests, progress, more)
        flight = _Flight(self, pending)
        try:
            if not self._known:
                flight.wait_for(self._learn)
                self._known = True
            flight.run()
        except BaseException:
            flight.stop.set()
            self.server.drop()
            raise
        finally:
            self.meter.fly(0)
        return pending.completions()

    def close(self) -> None:
        """Cut the connections and end the threads."""
        self.server.drop()
        self._threads.shutdown(wait=False, cancel_futures=True)

    def submit(self, job: Callable[[], object]) -> None:
        """Run a job in a thread."""
        self._threads.submit(job)

    def draw(self, group: list[Request], stop: threading.Event) -> Answer:
        """Ask the server for one group; what does not fit the context is asked for again with half the tokens."""
        room = group[0].max_tokens
        while True:
            try:
                body = self.body(group, room)
                return self.server.ask("/completions", body, lambda said: read_answer(said, group), stop)
            except Refused as refused:
                if refused.status not in (400, 413, 422):
                    raise
                if group[0].choices and self.top > FEW and "logprobs" in refused.said:
                    self.top = FEW
                    continue
                if not TOO_LONG.search(refused.said):
                    raise
                room //= 2
                if room < SHORTEST:
                    self.too_long += len(group)
                    return Answer([Completion(one.key, "", 0, 0.0, FinishReason.LENGTH) for one in group], 0, 0, 0)

    def body(self, group: Sequence[Request], max_tokens: int) -> dict[str, Any]:
        """Return the JSON of one call for requests that share all but their seeds."""
        first = group[0]
        if first.choices:
            return self._weighing(first)
        body: dict[str, Any] = {
            "model": self.model,
            "prompt": first.prefix + first.prompt + first.reply,
            "n": len(group),
            "max_tokens": max_tokens,
            "temperature": first.temperature,
            "top_p": first.top_p,
            "logprobs": 0,
        }
        if first.stop:
            body["stop"] = list(first.stop)
        if self.spec.seeds == "request":
            body["seed"] = first.seed % 2**31
        if self.spec.structured and first.line_starts:
            one_line = "\n" in first.stop
            body["structured_outputs"] = {"regex": line_regex(first.line_starts, one_line=one_line)}
        return body

    def _weighing(self, request: Request) -> dict[str, Any]:
        """Return the JSON of a call that asks for the likeliest tokens behind a prompt."""
        prompt = request.prefix + request.prompt + request.reply
        settings = {"n": 1, "max_tokens": 1, "temperature": 0.0, "logprobs": self.top}
        return {"model": self.model, "prompt": prompt, **settings}

    def _learn(self, stop: threading.Event) -> None:
        """Ask the server for its models: the name if none was given, and how long a text may be."""
        try:
            cards = self.server.ask("/models", None, _cards, stop)
        except Refused as refused:
            if self.model and refused.status in (404, 405):
                return
            raise
        names = [str(card["id"]) for card in cards]
        if not self.model and len(names) != 1:
            known = ", ".join(names)[:300] or "none"
            raise EngineError(f"{self.spec.address} knows these models: {known}. Name one as the engine's model")
        self.model = self.model or names[0]
        sizes = [card.get("max_model_len") for card in cards if card["id"] == self.model]
        if sizes and isinstance(sizes[0], int):
            self.max_context = min(self.max_context, sizes[0])


class _Flight:
    """One `generate` call: groups in flight in threads, their answers taken here, in the caller's thread."""

    def __init__(self, engine: OpenAIEngine, pending: Pending) -> None:
        self.engine = engine
        self.pending = pending
        self.stop = threading.Event()
        self.flying = 0
        self._answers: queue.SimpleQueue[Drawn] = queue.SimpleQueue()

    def run(self) -> None:
        """Keep the server busy until nothing is in flight and nothing waits."""
        self.pending.ask_first()
        while True:
            self._send()
            if not self.flying:
                return
            for group, answer in self._come():
                self._take(group, answer)
            self.pending.tell(0)
            if self.flying < self.engine.max_batch and not self.pending.waiting:
                self.pending.poll()

    def wait_for(self, job: Callable[[threading.Event], object]) -> None:
        """Run a job in a thread, telling all the while that we are there."""
        done: queue.SimpleQueue[BaseException | None] = queue.SimpleQueue()

        def work() -> None:
            try:
                job(self.stop)
                done.put(None)
            except BaseException as error:
                done.put(error)

        self.engine.submit(work)
        while True:
            try:
                error = done.get(timeout=POLL_SECONDS)
            except queue.Empty:
                self.pending.tell(0)
                continue
            if error is not None:
                raise error
            return

    def _send(self) -> None:
        engine = self.engine
        while group := self.pending.next_group(engine.max_batch - self.flying, engine.max_batch):
            self.flying += len(group)
            engine.meter.requests += len(group)
            engine.submit(lambda group=group: self._draw(group))  # type: ignore[misc]
        engine.meter.fly(self.flying)

    def _draw(self, group: list[Request]) -> None:
        try:
            self._answers.put((group, self.engine.draw(group, self.stop)))
        except BaseException as error:
            self._answers.put((group, error))

    def _come(self) -> list[Drawn]:
        """Wait a moment for answers and return all that are there."""
        try:
            come = [self._answers.get(timeout=POLL_SECONDS)]
        except queue.Empty:
            return []
        while not self._answers.empty():
            come.append(self._answers.get())
        return come

    def _take(self, group: list[Request], answer: Answer | BaseException) -> None:
        """Hand an answer over; a server that gives fewer texts than asked for is asked again for the rest."""
        self.flying -= len(group)
        if isinstance(answer, BaseException):
            raise answer
        meter = self.engine.meter
        meter.fly(self.flying)
        meter.prompt_tokens += len(group) * answer.prompt_tokens
        meter.read_tokens += answer.prompt_tokens - answer.cached_tokens
        meter.drawn_tokens += answer.drawn_tokens
        if rest := group[len(answer.completions) :]:
            self.pending.waiting.appendleft(rest)
        self.pending.take(answer.completions, answer.drawn_tokens)


def _cards(said: Any) -> list[dict[str, Any]]:
    cards = said.get("data") if isinstance(said, dict) else None
    if not isinstance(cards, list) or not all(isinstance(card, dict) and "id" in card for card in cards):
        raise Trouble("a list of models that is none")
    return cards


def _key(name: str) -> str:
    """Return the API key that the environment holds under this name, "" for no name."""
    if not name:
        return ""
    key = os.environ.get(name, "").strip()
    if not key:
        raise EngineError(f"the environment variable {name}, which holds the server's API key, is not set")
    if not re.fullmatch(r"[!-~]+", key):
        raise EngineError(f"the environment variable {name} holds no API key: expected printable ASCII without spaces")
    return key
