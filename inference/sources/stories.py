"""The stories of the word-problem templates (stories.txt) as lines to be filled in. Knows nothing about chance."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("stories.txt")
DRAWN = re.compile(r"\{([a-z]):(\d+)-(\d+)\}")
EQUATION = re.compile(r"\{([a-z]|\d+)([-+*/])([a-z]|\d+)\}")


@dataclass(frozen=True, slots=True)
class Line:
    """A piece of a story: a sentence of the problem and, for each of its steps, the wordings to choose from.

    `draws` maps a letter to the bounds of the number drawn for it.
    """

    name: str
    sentence: str
    steps: tuple[tuple[str, ...], ...]
    draws: Mapping[str, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Story:
    """A topic with its beginnings, middles and endings."""

    name: str
    starts: tuple[Line, ...]
    middles: tuple[Line, ...]
    ends: tuple[Line, ...]


@cache
def stories() -> tuple[Story, ...]:
    """Return all stories, read once; ValueError names the line that is none."""
    found: dict[str, dict[str, list[Line]]] = {}
    topic = ""
    for number, text in enumerate(FILE.read_text(encoding="utf-8").splitlines(), 1):
        if text.startswith("@"):
            topic = text[1:].strip()
            found[topic] = {"start": [], "mid": [], "end": []}
        elif text.strip() and not text.startswith("#"):
            kind, bar, rest = text.partition("|")
            if not bar or kind.strip() not in found.get(topic, {}):
                raise ValueError(f"stories.txt line {number}: expected start, mid or end of a story, got {text[:60]!r}")
            lines = found[topic][kind.strip()]
            lines.append(_line(f"{kind.strip()[0]}{len(lines)}", rest))
    return tuple(Story(name, *(tuple(part[kind]) for kind in ("start", "mid", "end"))) for name, part in found.items())


def _line(name: str, text: str) -> Line:
    sentence, *steps = (part.strip() for part in text.split("=>"))
    draws = {letter: (int(low), int(high)) for letter, low, high in DRAWN.findall(sentence)}
    wordings = tuple(tuple(each.strip() for each in step.split(" / ")) for step in steps)
    return Line(name, DRAWN.sub(r"{\1}", sentence), wordings, draws)
