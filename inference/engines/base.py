"""What every engine takes and gives. An engine turns prompts into text; it knows nothing about trees, steps or rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from inference.types import FinishReason

Progress = Callable[[int], None]


class EngineError(Exception):
    """An engine cannot be made or cannot go on; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Request:
    """One text to be continued: `prefix` + `prompt` + `reply`, joined as they stand.

    `prefix` is shared word for word by many requests (worked examples), so an engine computes it once. `prompt` is the
    question; `reply` is what the answer already holds and the completion goes on from it (an engine with a chat
    template puts prefix and prompt into the user's turn and `reply` at the start of its own). `seed` keys this
    request's noise. `stop` strings end the completion and are not part of it. Where the engine can, every line of the
    completion begins as one of `line_starts` does; a reader checks all the same. With `choices` nothing is drawn: the
    engine says how likely each of these continuations is, by the first token in which they differ.
    """

    key: str
    prefix: str
    prompt: str
    seed: int
    max_tokens: int
    temperature: float = 1.0
    top_p: float = 1.0
    stop: tuple[str, ...] = ()
    reply: str = ""
    line_starts: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Completion:
    """What an engine drew for one request.

    `tokens` counts the drawn tokens, those of a stop string included; `logprob` is the sum of their natural
    log-probabilities under the model at temperature 1 (<= 0). `lines` holds (tokens, logprob) for each line of `text`
    where the engine can tell, else nothing. `choices` holds the natural log-probability of the first token of each of
    the request's choices in which they differ, -inf for one that the engine does not report; `text` is then the
    likeliest of them, and no token is counted.
    """

    key: str
    text: str
    tokens: int
    logprob: float
    finish: FinishReason
    lines: tuple[tuple[int, float], ...] = ()
    choices: tuple[float, ...] = ()


More = Callable[[Sequence[Completion]], Sequence[Request]]
POLL_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Usage:
    """What an engine has done since it was loaded; the difference of two tells what the time between them took.

    `cached_tokens` are the prompt tokens that were not computed anew (shared prefixes). `busy_seconds` is the time
    with at least one request in flight, `row_seconds` the time in flight summed over requests: their quotient is the
    mean number of requests in flight.
    """

    requests: int = 0
    prompt_tokens: int = 0
    cached_tokens: int = 0
    drawn_tokens: int = 0
    retries: int = 0
    busy_seconds: float = 0.0
    row_seconds: float = 0.0

    def since(self, before: Usage) -> Usage:
        """Return what was done after `before`."""
        return Usage(*(getattr(self, name) - getattr(before, name) for name in self.__slots__))


@dataclass(frozen=True, slots=True)
class EngineInfo:
    """What is known of a loaded engine. `max_batch` is the largest batch now in use (smaller after out of memory).

    `continuous`: requests end one by one and others take their places at once, so that the order of a run's requests
    depends on the clock; else a batch is a function of the requests alone.
    """

    model: str
    device: str = "cpu"
    dtype: str = ""
    max_batch: int = 1
    max_context: int = 0
    detail: dict[str, Any] = field(default_factory=dict)
    continuous: bool = False


class Engine(Protocol):
    """A source of completions. Not safe for several threads at once."""

    @property
    def id(self) -> str:
        """A short name that is the same for the same kind, model and precision."""

    @property
    def info(self) -> EngineInfo:
        """The engine as it is now."""

    @property
    def usage(self) -> Usage:
        """What it has done so far."""

    def generate(
        self, requests: Sequence[Request], *, progress: Progress | None = None, more: More | None = None
    ) -> list[Completion]:
        """Return one completion for each request, in the order asked.

        `progress` is called now and then with the number of tokens drawn since its last call. With `more` nothing is
        returned: it is called with the completions that have just ended, and the requests that it returns join the
        running batch. A continuous engine also calls `more(())` every POLL_SECONDS while it could take more. The call
        ends when nothing is in flight and `more` gave nothing.
        """

    def close(self) -> None:
        """Give back the memory. The engine is of no use afterwards."""
