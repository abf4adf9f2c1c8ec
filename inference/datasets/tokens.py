"""The one token builder: training, scoring and export of step features all read a path through it.

The problem and its steps are joined, each followed by a line feed, and the joined text is tokenised once; a step ends
at the token that covers its last character. Tokenising steps one by one gives other tokens (docs/log.md). Knows
nothing about models: a tokenizer is anything that maps texts to ids and character offsets.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

SEPARATOR = "\n"


class Tokenizer(Protocol):
    """A fast tokenizer of transformers, or a test's own."""

    def __call__(
        self, text: list[str], *, add_special_tokens: bool, return_offsets_mapping: bool
    ) -> Mapping[str, Any]: ...


@dataclass(frozen=True, slots=True)
class TokenPath:
    """A path as tokens: `ids` (n,), and for each kept step the index of its last token, rising, in [0, n).

    `cut` counts the steps at the end that did not fit in the limit; they have no entry in `step_ends`. `problem_end`
    is the index of the problem's last token, -1 for none: the first step's tokens begin after it.
    """

    ids: tuple[int, ...]
    step_ends: tuple[int, ...]
    cut: int = 0
    problem_end: int = -1

    def lengths(self) -> list[int]:
        """Return how many tokens each kept step has, the line feed before it included."""
        starts = [self.problem_end, *self.step_ends]
        return [end - start for start, end in zip(starts, self.step_ends, strict=False)]


def joined(problem: str, steps: Sequence[str]) -> tuple[str, list[int]]:
    """Return the text of a path and, for each step, the offset just after its last character (code points)."""
    text = problem.strip() + SEPARATOR
    ends = []
    for step in steps:
        text += step.strip()
        ends.append(len(text))
        text += SEPARATOR
    return text, ends


def build(tokenizer: Tokenizer, problem: str, steps: Sequence[str], *, max_tokens: int | None = None) -> TokenPath:
    """Return the tokens of one path; with a limit, whole steps are cut from the end and counted."""
    return build_many(tokenizer, [(problem, steps)], max_tokens=max_tokens)[0]


def build_many(
    tokenizer: Tokenizer, paths: Sequence[tuple[str, Sequence[str]]], *, max_tokens: int | None = None
) -> list[TokenPath]:
    """Return the tokens of many (problem, steps) paths in one call of the tokenizer.

    Raises ValueError if the tokenizer gives no offsets (a "slow" one) or the limit is not positive.
    """
    if max_tokens is not None and max_tokens < 1:
        raise ValueError(f"max_tokens is {max_tokens}; it must be at least 1")
    if not paths:
        return []
    texts = [joined(problem, steps) for problem, steps in paths]
    found = tokenizer([text for text, _ in texts], add_special_tokens=True, return_offsets_mapping=True)
    if "offset_mapping" not in found:
        raise ValueError("the tokenizer gives no character offsets; a fast tokenizer is needed")
    return [
        _path(ids, offsets, [len(problem.strip()), *ends], max_tokens)
        for ids, offsets, (_, ends), (problem, _) in zip(
            found["input_ids"], found["offset_mapping"], texts, paths, strict=True
        )
    ]


def _path(ids: Sequence[int], offsets: Sequence[tuple[int, int]], ends: list[int], max_tokens: int | None) -> TokenPath:
    # Special tokens cover no character; a character of several bytes may be covered by several tokens: take the last.
    real = [index for index, (start, end) in enumerate(offsets) if end > start]
    starts = [offsets[index][0] for index in real]
    places = [real[bisect_left(starts, end) - 1] if end else -1 for end in ends] if real else [-1]
    problem_end, step_ends = places[0], places[1:]
    if max_tokens is None or len(ids) <= max_tokens:
        return TokenPath(tuple(ids), tuple(step_ends), 0, problem_end)
    kept = [end for end in step_ends if end < max_tokens]
    length = kept[-1] + 1 if kept else max_tokens
    return TokenPath(tuple(ids[:length]), tuple(kept), len(step_ends) - len(kept), problem_end)
