"""The questions that ask a model for a program, append-only. Knows nothing about engines, or what is made of it.

All requests of all steps share the worked examples word for word, and the steps of one rationale its beginning, so
that an engine computes both once.
"""

from __future__ import annotations

from collections.abc import Sequence

from inference.engines.base import Request
from inference.verifiers.program.objective import MAX_STEPS

EXAMPLES = """\
Write a short program that finds what is asked. It knows the problem and the steps before, not what was found.
Every line is "let NAME = EXPRESSION  # what it is", the last is "result = NAME  # unit", or a list when several values
are asked for. Numbers come from the problem, from the steps before, or from everyday conversions.

Problem: A jug holds 14 cups of juice. Nine cups are poured out, and what is left is shared by 5 children.
Find: After pouring, [?] cups are left.
let full = 14  # cups in the jug
let poured = 9  # cups poured out
let left = full - poured  # cups left
result = left  # cups

Problem: A ferry ticket is $7 for an adult and 40% less for a child. 2 adults and 3 children travel. What do they pay?
Step 1: A child's ticket costs 7 * 0.6 = $4.20.
Find: The adults pay $[?1] and the children $[?2], so the ride costs $[?3].
let adults = 2 * 7  # dollars for the adults
let children = 3 * 4.2  # dollars for the children
let ride = adults + children  # dollars for all
result = [adults, children, ride]  # dollars

Problem: Of 80 seeds a gardener plants, 60 come up. A quarter of the plants that come up are red.
Find: The share of the seeds that come up is [?]%.
let planted = 80  # seeds
let up = 60  # seeds that come up
let share = up / planted * 100  # percent of the seeds
result = share  # %

Problem: Ines walks twice as far as Per, who walks 600 metres in 10 minutes. How far do they walk together?
Step 1: Ines walks 2 * 600 = 1200 metres.
Find: Together that makes [?] kilometres.
let per = 600  # metres that Per walks
let ines = 1200  # metres that Ines walks, from step 1
let together = (per + ines) / 1000  # kilometres
result = together  # kilometres

"""
LINE_STARTS = ("let ", "result = ", "\n")
STOPS = ("\n\n", "\nProblem:", "\nFind:")
MAX_TOKENS = 240
MAX_PROBLEM, MAX_STEP = 6000, 1500


def requests(problem: str, prefix: Sequence[str], objective: str, count: int) -> tuple[Request, ...]:
    """Return `count` requests, the first for the likeliest program, the others for different ones.

    Keys and seeds are the requests' numbers, for the caller to replace.
    """
    prompt = f"Problem: {_line(problem, MAX_PROBLEM)}\n{_steps(prefix)}Find: {objective}\n"
    return tuple(
        Request(
            key=str(at), prefix=EXAMPLES, prompt=prompt, seed=at, max_tokens=MAX_TOKENS, temperature=0.7 if at else 0.0,
            stop=STOPS, line_starts=LINE_STARTS,
        )
        for at in range(count)
    )  # fmt: skip


def _steps(prefix: Sequence[str]) -> str:
    return "".join(f"Step {at}: {_line(text, MAX_STEP)}\n" for at, text in enumerate(prefix[:MAX_STEPS], start=1))


def _line(text: str, most: int) -> str:
    text = " ".join(text[: 2 * most].split())
    return text if len(text) <= most else text[: most - 1] + "…"
