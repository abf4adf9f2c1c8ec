"""The few-shot prompt, append-only, and how its completions are read. Knows nothing about engines or trees.

Problem: <text>
Step 1: <one line>
Step 2: <one line>
Answer: 12
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

from inference.engines.base import Completion
from inference.types import Fault, FinishReason, NodeRole

_EXAMPLES = """\
Problem: A jug holds 14 cups of juice. Nine cups are poured out. How many cups are left?
Step 1: The jug held 14 cups and 9 were poured out, so 14 - 9 = 5 cups are left.
Answer: 5

Problem: Lena plants 4 rows of beans with 6 plants in each row, then 5 more by the fence. How many plants are there?
Step 1: The rows hold 4 * 6 = 24 plants.
Step 2: With those by the fence there are 24 + 5 = 29 plants.
Answer: 29

Problem: A ferry ticket is $7 for an adult and $3 for a child. 2 adults and 4 children pay $50. What is the change?
Step 1: The adults pay 2 * 7 = 14 dollars.
Step 2: The children pay 4 * 3 = 12 dollars, so the ride costs 14 + 12 = 26 dollars.
Step 3: The change is 50 - 26 = 24 dollars.
Answer: 24

"""

STEP_STARTS = ("Step", "Answer")
STEP_STOPS = ("\n",)
END_STARTS = (*STEP_STARTS, "\n")
"""A line of a completion to the answer may also be empty, which ends it."""
END_STOPS = ("\n\n", "\nProblem:")


class Line(NamedTuple):
    """One line of a completion that parsed: a step, or the answer."""

    role: NodeRole
    text: str


def few_shot_prefix() -> str:
    """Return three worked examples of one to three steps, the same for every request."""
    return _EXAMPLES


@lru_cache(maxsize=1024)
def problem_prompt(problem: str) -> str:
    """Return what follows the examples: the problem on a line of its own."""
    return f"Problem: {' '.join(problem.split())}\n"


def reply_so_far(steps: Iterable[str]) -> str:
    """Return the reply as it stands after `steps`, each on its numbered line; a longer path only appends to it."""
    return "".join([f"Step {number}: {text}\n" for number, text in enumerate(steps, start=1)])


@lru_cache(maxsize=256)
def rollout_stops(depth: int) -> tuple[str, ...]:
    """Return the stop strings of a completion to the answer with at most `depth` steps on the path."""
    return (*END_STOPS, f"Step {depth + 1}:")


def parse_line(line: str) -> Line | None:
    """Read `Step n: text` or `Answer: text`; None when the line is neither, is empty, too long or unreadable."""
    head, colon, rest = line.partition(":")
    text = rest.strip()
    if not colon or not text or len(text) > MOST_LINE or not _readable(text):
        return None
    head = head.strip()
    if head == "Answer":
        return Line(NodeRole.ANSWER, text)
    word, _, number = head.partition(" ")
    return Line(NodeRole.STEP, text) if word == "Step" and number.isdecimal() else None


class Parsed(NamedTuple):
    """The lines of a completion up to its answer, and what was wrong with the line at which reading stopped.

    `rest` is that line and all behind it, left out of `lines`.
    """

    lines: Sequence[Line]
    fault: Fault | None = None
    rest: str = ""

    @property
    def malformed(self) -> bool:
        return self.fault is not None


def parse_completion(text: str, *, cut: bool) -> Parsed:
    """Read a completion line by line until the answer; `cut` says that its last line ran into the token limit."""
    raw = [line for line in text.split("\n") if line.strip()]
    lines: list[Line] = []
    if not raw:
        return Parsed(lines, Fault.ENDLESS if cut else Fault.EMPTY, text)
    for position, source in enumerate(raw, start=1):
        ends_here = cut and position == len(raw)
        line = None if ends_here else parse_line(source)
        if line is None:
            return Parsed(lines, _fault(source, ends_here), "\n".join(raw[position - 1 :]))
        lines.append(line)
        if line.role is NodeRole.ANSWER:
            break
    return Parsed(lines)


def readable(completion: Completion) -> Completion:
    """Return a completion that can be stored: NUL and lone surrogates become U+FFFD, and a boundless text is cut."""
    text = completion.text
    if len(text) <= MOST_TEXT and _readable(text):
        return completion
    finish = FinishReason.LENGTH if len(text) > MOST_TEXT else completion.finish
    return replace(completion, text=_UNREADABLE.sub(LOST, text[:MOST_TEXT]), finish=finish)


MOST_LINE = 20_000
MOST_TEXT = 100_000
"""Characters of one line that is read as a step, and of a whole completion that is kept."""
LOST = "\ufffd"
_UNREADABLE = re.compile("[\x00\ud800-\udfff]")


def _fault(line: str, ends_here: bool) -> Fault:
    if len(line) > MOST_LINE:
        return Fault.LONG
    if LOST in line or not _readable(line):
        return Fault.UNREADABLE
    return Fault.ENDLESS if ends_here else Fault.FORM


def _readable(text: str) -> bool:
    """No NUL and no lone surrogate, which cannot be stored as UTF-8 text, and none that was replaced."""
    if text.isascii():
        return "\x00" not in text
    return not (LOST in text or _UNREADABLE.search(text))
