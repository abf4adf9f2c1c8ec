"""Text to tokens and back: the chat template, where a prefix ends, and when a stop string is reached."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

from inference.engines.base import Completion, EngineError, Request
from inference.types import FinishReason

_MARK = "\u2063prompt\u2063"


class Texts:
    """A tokenizer as the engine needs it; `chat` wraps prompts in the model's template."""

    def __init__(self, tokenizer: Any, *, chat: bool) -> None:
        self.tokenizer = tokenizer
        self.ends = set(tokenizer.all_special_ids)
        self._pieces: dict[int, str] = {}
        self._openings: dict[tuple[str, ...], tuple[int, ...]] = {}
        self._head, self._tail = self._template() if chat else ("", "")
        self._lead: list[int] = [] if chat else list(tokenizer("").input_ids[:1])

    def prefix(self, text: str) -> list[int]:
        """Return the tokens that all requests with this prefix share."""
        return self._lead + self._ids(self._head + text)

    def rest(self, request: Request) -> tuple[int, ...]:
        """Return the tokens of a request behind its prefix; ValueError when there are none."""
        ids = self._ids(request.prompt + self._tail + request.reply)
        if not ids:
            raise ValueError(f"request {request.key}: the prompt is empty")
        return tuple(ids)

    def weigh(self, request: Request) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Return what is read of a request with choices, behind its prefix, and the token with which each goes on.

        Each choice is tokenised with the text before it: a tokenizer may join a space to the word that follows. What
        all have in common is read; -1 stands for a choice that ends there. ValueError when there is nothing to read.
        """
        text = request.prompt + self._tail + request.reply
        whole = [self._ids(text + choice) for choice in request.choices]
        shared = os.path.commonprefix(whole if len(whole) > 1 else [*whole, self._ids(text)])
        if not shared:
            raise ValueError(f"request {request.key}: the prompt is empty")
        return tuple(shared), tuple(ids[len(shared)] if len(ids) > len(shared) else -1 for ids in whole)

    def piece(self, token: int) -> str:
        """Return the text of one token on its own."""
        known = self._pieces.get(token)
        if known is None:
            known = self._pieces[token] = self.decode((token,))
        return known

    def decode(self, tokens: Iterable[int]) -> str:
        """Return the text of some tokens, special ones left out."""
        text: str = self.tokenizer.decode(list(tokens), skip_special_tokens=True, clean_up_tokenization_spaces=False)
        return text

    def openings(self, starts: tuple[str, ...]) -> tuple[int, ...]:
        """Return the tokens that a line beginning with one of `starts` can begin with."""
        known = self._openings.get(starts)
        if known is None:
            known = self._openings[starts] = tuple(sorted({self._ids(start)[0] for start in starts}))
        return known

    def _ids(self, text: str) -> list[int]:
        return list(self.tokenizer(text, add_special_tokens=False).input_ids)

    def _template(self) -> tuple[str, str]:
        if not self.tokenizer.chat_template:
            raise EngineError("this model has no chat template: turn chat off")
        turns = [{"role": "user", "content": _MARK}]
        text: str = self.tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=True)
        head, _, tail = text.partition(_MARK)
        return head, tail


class Row:
    """One request while it is drawn: its tokens so far and how it may end.

    `weighs` are the tokens, one a choice, of which the likelihood behind the prompt is all that is asked.
    """

    __slots__ = ("request", "prompt", "room", "weighs", "tokens", "logprob", "line_ends", "_last")

    def __init__(self, request: Request, prompt: tuple[int, ...], room: int, weighs: tuple[int, ...] = ()) -> None:
        self.request = request
        self.prompt = prompt
        self.room = room
        self.weighs = weighs
        self._last = {stop[-1] for stop in request.stop}
        self.restart()

    def restart(self) -> None:
        """Forget what was drawn; drawing again gives the same."""
        self.tokens: list[int] = []
        self.logprob = 0.0
        self.line_ends: list[tuple[int, float]] = []

    def at_line_start(self, texts: Texts) -> bool:
        """Return whether the next token begins a line."""
        return not self.tokens or texts.piece(self.tokens[-1]).endswith("\n")

    def take(self, token: int, logprob: float, texts: Texts) -> Completion | None:
        """Add a drawn token; return the completion if the row ends with it."""
        self.tokens.append(token)
        self.logprob += logprob
        if token in texts.ends:
            return self.completion(texts.decode(self.tokens), FinishReason.EOS)
        piece = texts.piece(token)
        self.line_ends += [(len(self.tokens), self.logprob)] * piece.count("\n")
        if not self._last.isdisjoint(piece):
            text = texts.decode(self.tokens)
            stops = [place for place in map(text.find, self.request.stop) if place >= 0]
            if stops:
                return self.completion(text[: min(stops)], FinishReason.STOP)
        if len(self.tokens) >= self.room:
            return self.completion(texts.decode(self.tokens), FinishReason.LENGTH)
        return None

    def completion(self, text: str, finish: FinishReason) -> Completion:
        """Return what was drawn as a completion with this text."""
        ends = [*self.line_ends, (len(self.tokens), self.logprob)]
        starts = [(0, 0.0), *ends]
        costs = tuple((end[0] - start[0], end[1] - start[1]) for start, end in zip(starts, ends, strict=False))
        return Completion(self.request.key, text, len(self.tokens), self.logprob, finish, costs[: text.count("\n") + 1])
