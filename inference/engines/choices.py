"""How likely continuations are, as a completion. Knows nothing about engines or what is asked with it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from inference.engines.base import Completion, Request
from inference.types import FinishReason


def weighed(request: Request, logprobs: Sequence[float]) -> Completion:
    """Return the completion of a request with choices, from the log-probability of each (natural, -inf: not reported).

    Nothing is drawn, so that it counts no tokens; its text is the likeliest choice, "" where none was reported.
    """
    held = tuple(min(0.0, value) if value == value else -math.inf for value in logprobs)
    likeliest = max(held, default=-math.inf)
    text = request.choices[held.index(likeliest)] if likeliest > -math.inf else ""
    return Completion(request.key, text, 0, 0.0, FinishReason.STOP, choices=held)


def by_their_beginnings(reported: Mapping[str, float], choices: Sequence[str]) -> list[float]:
    """Return the log-probability of each choice from those of tokens by their text, -inf where none begins it.

    A token counts for a choice that begins with it and for no other; of several the likeliest counts.
    """
    found = [-math.inf] * len(choices)
    for token, logprob in reported.items():
        begins = [place for place, choice in enumerate(choices) if token and choice.startswith(token)]
        if len(begins) == 1:
            found[begins[0]] = max(found[begins[0]], logprob)
    return found
