"""Reading what a completions server answers. Whatever stands in it, a completion or Trouble comes of it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from inference.engines.base import Completion, Request
from inference.engines.choices import by_their_beginnings, weighed
from inference.engines.http import Trouble
from inference.engines.lines import cut_at_stop, line_costs
from inference.types import FinishReason


class Answer(NamedTuple):
    """The completions for the first requests of a group, and what the server counted for all of them together."""

    completions: list[Completion]
    prompt_tokens: int
    cached_tokens: int
    drawn_tokens: int


def read_answer(said: Any, group: Sequence[Request]) -> Answer:
    """Return the completions that `said`, the JSON of /completions, holds; Trouble when it holds none."""
    choices = said.get("choices") if isinstance(said, dict) else None
    if not isinstance(choices, list) or not choices or not all(isinstance(choice, dict) for choice in choices):
        raise Trouble(f"an answer without choices: {str(said)[:200]}")
    usage = _mapping(said.get("usage"))
    texts = [choice.get("text") for choice in choices]
    total = _count(usage.get("completion_tokens"))
    share = total / max(1, sum(len(text) + 1 for text in texts if isinstance(text, str)))
    pairs = zip(group, sorted(choices, key=lambda choice: _count(choice.get("index"))), strict=False)
    completions = [_completion(request, choice, share) for request, choice in pairs]
    prompt = _count(usage.get("prompt_tokens"))
    cached = _count(_mapping(usage.get("prompt_tokens_details")).get("cached_tokens"))
    drawn = 0 if group[0].choices else total or sum(one.tokens for one in completions)
    return Answer(completions, prompt, min(cached, prompt), drawn)


def _completion(request: Request, choice: Mapping[str, Any], tokens_per_letter: float) -> Completion:
    if request.choices:
        return weighed(request, by_their_beginnings(_reported(_mapping(choice.get("logprobs"))), request.choices))
    text = choice.get("text")
    text = text if isinstance(text, str) else ""
    pieces, logprobs = _drawn(_mapping(choice.get("logprobs")))
    tokens = len(pieces) or round(tokens_per_letter * (len(text) + 1)) or len(text) // 4 + 1
    text = cut_at_stop(text, request.stop)
    lines = line_costs(pieces, logprobs, text) if pieces else ()
    return Completion(request.key, text, tokens, sum(logprobs), _finish(choice), lines)


def _drawn(logprobs: Mapping[str, Any]) -> tuple[list[str], list[float]]:
    """Return the tokens drawn and their log-probabilities, or nothing unless all of them are there."""
    pieces, values = logprobs.get("tokens"), logprobs.get("token_logprobs")
    if not isinstance(pieces, list) or not isinstance(values, list) or len(pieces) != len(values):
        return [], []
    if not all(isinstance(piece, str) for piece in pieces) or not all(_is_number(value) for value in values):
        return [], []
    return pieces, [min(0.0, float(value)) for value in values]


def _reported(logprobs: Mapping[str, Any]) -> dict[str, float]:
    """Return the log-probabilities of the first token drawn and of those beside it, by their text."""
    tops = logprobs.get("top_logprobs")
    first = _mapping(tops[0]) if isinstance(tops, list) and tops else {}
    told = {str(token): float(value) for token, value in first.items() if _is_number(value)}
    pieces, values = _drawn(logprobs)
    return {**dict(zip(pieces[:1], values[:1], strict=True)), **told}


def _finish(choice: Mapping[str, Any]) -> FinishReason:
    """A vLLM server says which stop string ended the text, null for the model's end token; other ends cut it off."""
    if choice.get("finish_reason") != "stop":
        return FinishReason.LENGTH
    if "stop_reason" in choice and not isinstance(choice["stop_reason"], str):
        return FinishReason.EOS
    return FinishReason.STOP


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _count(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**40 else 0


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
