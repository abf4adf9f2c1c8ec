"""What lines cost and how they may begin. Knows nothing about engines."""

from __future__ import annotations

import re
from collections.abc import Sequence


def line_costs(pieces: Sequence[str], logprobs: Sequence[float], text: str) -> tuple[tuple[int, float], ...]:
    """Return (tokens, logprob) for each line of `text`, the completion drawn as `pieces`, one a token.

    A token that holds a line break ends its line; what follows the last line of `text` (a stop string) counts to it
    unless it stands on lines of its own.
    """
    ends: list[tuple[int, float]] = []
    total = 0.0
    for number, (piece, logprob) in enumerate(zip(pieces, logprobs, strict=True), start=1):
        total += logprob
        ends += [(number, total)] * piece.count("\n")
    ends.append((len(pieces), total))
    costs = [(end[0] - start[0], end[1] - start[1]) for start, end in zip([(0, 0.0), *ends], ends, strict=False)]
    return tuple(costs[: text.count("\n") + 1])


def line_regex(starts: Sequence[str], *, one_line: bool) -> str:
    """Return a regular expression for text whose every line begins with one of `starts`; "\\n" allows empty lines.

    A single line may end with its line break, so that a stop string is reached.
    """
    words = "|".join(re.sub(r"([\\^$.|?*+()\[\]{}])", r"\\\1", start) for start in starts if start != "\n")
    line = f"({words})[^\\n]*"
    if one_line:
        return f"{line}\\n?"
    return f"(({line})?\\n)*({line})?" if "\n" in starts else f"({line}\\n)*({line})?"


def cut_at_stop(text: str, stops: Sequence[str]) -> str:
    """Return the text before the first stop string; servers differ in whether they leave it in."""
    places = [place for place in map(text.find, stops) if place >= 0]
    return text[: min(places)] if places else text
