"""What can be seen of a step without a language model: lengths, counts, and what it shares with what stands before.

Alone it is a baseline (`COUNTS`: length, depth, digits, operators); beside hidden states it says what they blur. Other
features are another reading (inference.scoring.spec).
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

COUNTS = 4
"""The first so many features are the plain baseline: characters, depth, digits, operators."""

_OPERATORS = re.compile(r"[-+*/=^<>×÷·]|\\(?:times|cdot|div|frac|sqrt)(?![a-z])")
_NUMBERS = re.compile(r"\d++(?:\.\d++)?+")
_WORDS = re.compile(r"[A-Za-z]++")
_CUES = (
    *("so", "therefore", "since", "because", "let", "can", "need", "notice", "then", "first", "now", "if", "not"),
    *("must", "same", "know", "use", "get", "but", "each", "total", "left", "answer", "means", "find"),
)
_MARKS = ("# Answer", "$", "\\", "=", "?", "!", "(", ",", "%", "I ")
_LOOKED_BACK, _PIECE = 4000, 5
SIZE = COUNTS + 20 + len(_MARKS) + len(_CUES)


def counts(step: str, depth: int) -> list[float]:
    """Return the plain baseline of a step: its characters, its depth (from 1), its digits, its operators."""
    digits = sum(letter.isdigit() for letter in step)
    return [float(min(len(step), 30_000)), float(depth), float(digits), float(len(_OPERATORS.findall(step)))]


def surface(problem: str, steps: Sequence[str], at: int) -> list[float]:
    """Return SIZE features of step `at` of a path; large ones are logarithms, shares lie in [0, 1]."""
    step, before = steps[at], "\n".join(steps[:at])[-_LOOKED_BACK:]
    numbers, words = _NUMBERS.findall(step), [word.lower() for word in _WORDS.findall(step)]
    given, seen = set(_NUMBERS.findall(problem)), set(_NUMBERS.findall(before))
    asked, said = _vocabulary(problem), _vocabulary(before)
    new = [number for number in numbers if number not in given and number not in seen]
    pieces, earlier = _pieces(step), _pieces(before)
    return [
        *counts(step, at + 1),
        *(math.log1p(size) for size in (len(step), at + 1, len(numbers), len(words), len(problem), len(before))),
        math.log1p(len(given)),
        float(len(step) > 150),
        float(len(new)),
        _share(len(new), len(numbers)),
        _share(sum(number in given for number in numbers), len(numbers)),
        _share(sum(number in seen for number in numbers), len(numbers)),
        _share(sum(word in asked for word in words), len(words)),
        _share(sum(word in said for word in words), len(words)),
        _share(len(pieces & earlier), len(pieces)),
        float(step in steps[:at]),
        float(step[:1].isupper()),
        float(any("." in number for number in numbers)),
        math.log1p(max((float(number) for number in numbers if len(number) < 12), default=0.0)),
        _share(sum(map(len, words)), len(words)),
        *(math.log1p(step.count(mark)) for mark in _MARKS),
        *(float(cue in words) for cue in _CUES),
    ]


def _vocabulary(text: str) -> set[str]:
    return {word.lower() for word in _WORDS.findall(text)}


def _pieces(text: str) -> set[str]:
    return {text[at : at + _PIECE] for at in range(len(text) - _PIECE + 1)}


def _share(part: float, whole: int) -> float:
    return part / whole if whole else 0.0
