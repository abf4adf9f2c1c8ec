"""An engine without a model: its text is a pure function of the question, the reply so far and the seed.

It writes plausible arithmetic steps, some right and some wrong, and answers of which a set share is right, taking the
sum of the whole numbers in the problem as the right one. It knows nothing about trees.
"""

from __future__ import annotations

import math
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache
from hashlib import blake2b

from inference.engines.base import Completion, Engine, EngineInfo, More, Progress, Request, Usage
from inference.engines.choices import weighed
from inference.engines.params import EngineSpec
from inference.types import FinishReason

WRONG_STEPS = 38  # of 256
WRONG_ANSWERS = 140
MALFORMED = 4
COMMON = 40
CHOSEN = 0.9
ANSWER_AT = (0, 30, 60, 90, 120, 150, 180, 210, 256)
"""Chance (of 256) that the line after so many steps is the answer."""

STEPS = (
    "The shop packs {a} boxes with {b} apples in each of them, so altogether there are {a} {op} {b} = {c} apples.",
    "Next, combine {a} pages read on Monday with the {b} pages of the evening, so we get {a} {op} {b} = {c} in all.",
    "We know that {a} children hold cards and {b} is what they share, so the count becomes {a} {op} {b} = {c} now.",
    "To find how much is left of the {a} litres after taking the rest into account, we work out {a} {op} {b} = {c}.",
)
OPERATORS = "+-*+"


Say = Callable[[Request], Completion | None]
"""Answers a request in the engine's place, None to leave it to the engine."""


def make(spec: EngineSpec) -> Engine:
    """Make the scripted engine; of the spec only `delay`, `latency` and `max_batch` matter."""
    if spec.latency:
        from inference.engines.paced import PacedEngine

        return PacedEngine(places=spec.max_batch or 64, latency=spec.latency)
    return ScriptedEngine(delay=spec.delay)


class ScriptedEngine:
    """Deterministic completions at some 100,000 a second; `delay` seconds pass in each `generate` call.

    What `say` answers is not made up here: verifiers' programs and judgements, for example.
    """

    id = "scripted"

    def __init__(self, *, delay: float = 0.0, say: Say | None = None) -> None:
        self.delay = delay
        self.say = say
        self.info = EngineInfo(model="scripted", dtype="none", max_batch=4096, max_context=1_000_000)
        self.usage = Usage()

    def generate(
        self, requests: Sequence[Request], *, progress: Progress | None = None, more: More | None = None
    ) -> list[Completion]:
        """Return one completion for each request, wave after wave while `more` asks on."""
        if self.delay:
            time.sleep(self.delay)
        done: list[Completion] = []
        wave: Sequence[Request] = requests
        while wave:
            drawn = [said_or_complete(request, self.say) for request in wave]
            if more is None:
                done += drawn
            tokens = sum(completion.tokens for completion in drawn)
            self.usage = replace(
                self.usage, requests=self.usage.requests + len(drawn), drawn_tokens=self.usage.drawn_tokens + tokens
            )
            if progress is not None:
                progress(tokens)
            wave = more(drawn) if more is not None else ()
        return done

    def close(self) -> None:
        """Nothing is held."""


def said_or_complete(request: Request, say: Say | None) -> Completion:
    """Return what `say` answers, else what the script does."""
    said = say(request) if say is not None else None
    return complete(request) if said is None else said


def complete(request: Request) -> Completion:
    """Write lines until one holds a stop string, the answer is given, or the tokens run out; or weigh the choices."""
    if request.choices:
        return _choose(request)
    question = request.prompt + request.reply
    dice = _dice(f"{request.seed}|{question}")
    step = request.reply.count("\nStep ") + request.reply.startswith("Step ") + 1
    one_line = "\n" in request.stop
    written: list[str] = []
    while True:
        line, dice, last = _line(question, step, dice)
        if not one_line and any(stop in line for stop in request.stop):
            break
        written.append(line)
        if one_line or last or 30 * len(written) >= request.max_tokens:
            break
        step += 1
    return _completion(request, written)


def _choose(request: Request) -> Completion:
    """Share CHOSEN of the probability out among the choices, often nearly all of it to one; the seed is not read."""
    question = request.prefix + request.prompt + request.reply
    logits = [(_dice(f"{question}|{choice}") & 0xFF) / 32 for choice in request.choices]
    total = math.log(sum(map(math.exp, logits)) / CHOSEN)
    return weighed(request, [logit - total for logit in logits])


def _completion(request: Request, written: list[str]) -> Completion:
    lines = tuple([(len(line) // 4 + 1, -0.11 * len(line)) for line in written])
    text = "\n".join(written)
    tokens = sum([line[0] for line in lines]) or 1
    return Completion(request.key, text, tokens, -0.11 * len(text), FinishReason.STOP, lines)


def _line(question: str, step: int, dice: int) -> tuple[str, int, bool]:
    """Return the next line, what is left of the dice, and whether the line is the answer."""
    roll, dice = dice & 0xFF, _next(dice)
    if roll < MALFORMED:
        return "So now it is only a matter of putting these together.", dice, True
    if dice & 0xFF < ANSWER_AT[min(step - 1, len(ANSWER_AT) - 1)]:
        return f"Answer: {_answer(question, dice >> 8)}", dice, True
    source = dice if roll >= MALFORMED + COMMON else _dice(f"{question}|{step}")
    return _step(step, source), dice, False


def _step(step: int, dice: int) -> str:
    a, b = 20 + (dice >> 8) % 80, 2 + (dice >> 16) % 18
    op = OPERATORS[(dice >> 24) & 3]
    c = a + b if op == "+" else a - b if op == "-" else a * b
    if (dice >> 32) & 0xFF < WRONG_STEPS:
        c += 1 + (dice >> 40) % 9
    return f"Step {step}: " + STEPS[(dice >> 26) & 3].format(a=a, b=b, c=c, op=op)


def _answer(question: str, dice: int) -> int:
    right = _sum_of_numbers(question.partition("\n")[0])
    return right + 1 + (dice >> 8) % 5 if dice & 0xFF < WRONG_ANSWERS else right


@lru_cache(maxsize=4096)
def _sum_of_numbers(problem: str) -> int:
    return sum(int(number) for number in re.findall(r"\d+", problem)[:20])


def _dice(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(errors="replace"), digest_size=8).digest(), "little")


def _next(dice: int) -> int:
    """Return the next 64 bits of the same stream (the multiplier is Steele and Vigna's for 64 bits)."""
    dice = (dice * 0xD1342543DE82EF95 + 0x9E3779B97F4A7C15) & 0xFFFFFFFFFFFFFFFF
    return dice ^ (dice >> 29)
