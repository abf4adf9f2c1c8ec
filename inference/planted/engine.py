"""An engine asked to go wrong from step k on: step-controlled errors, as in SCDPO (arXiv:2407.00782).

1. The right steps before k are given and the rest is drawn at a temperature that rises until the final answer differs.
2. The first step that is not the right solution's is the first error, if it is wrong for sure (diverged.py); a solution
   of which that cannot be said is a wrong half of a pair, but no place in it is known, and it is not planted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b

from inference.engines.base import Completion, Engine, Progress, Request
from inference.planted.diverged import divergence, doubt, refuted
from inference.planted.numerals import exact
from inference.planted.plant import Planted
from inference.planted.worked import Worked
from inference.prompts import END_STARTS, few_shot_prefix, parse_completion, problem_prompt, reply_so_far, rollout_stops
from inference.types import FinishReason, NodeRole

KIND_ID = "engine"
FIRST, RISE, LAST = 1.1, 0.05, 2.0
MORE_STEPS, TOKENS = 4, 160


@dataclass(frozen=True, slots=True)
class Task:
    """Go wrong in `worked` from step `start` (from 0) on; `key` names the task in what comes of it."""

    key: str
    worked: Worked
    start: int


@dataclass(frozen=True, slots=True)
class GoneWrong:
    """A path whose steps before `start` are right and whose answer is not the reference.

    `first_error` is the first step that is not the right solution's where that one is wrong for sure; else None, and
    `doubt` says why.
    """

    key: str
    steps: tuple[str, ...]
    start: int
    answer: str
    temperature: float
    first_error: int | None
    doubt: str = ""


def go_wrong(engine: Engine, tasks: Sequence[Task], *, seed: int, progress: Progress | None = None) -> list[GoneWrong]:
    """Return what went wrong, in the order of the tasks; those that came right at every temperature are missing.

    All open tasks are asked in one batch a temperature. A completion counts when all its lines parse and it ends in a
    plain number other than the reference answer. The noise is keyed by (seed, task, temperature). `progress` gets
    tokens as they are drawn and may raise to stop. ValueError for a task that starts outside its solution.
    """
    for task in tasks:
        if not 0 <= task.start < len(task.worked.steps):
            raise ValueError(f"{task.key}: expected a start from 0 to {len(task.worked.steps) - 1}, got {task.start}")
    found: dict[str, GoneWrong] = {}
    left = list(tasks)
    for rise in range(round((LAST - FIRST) / RISE) + 1):
        temperature = round(FIRST + rise * RISE, 2)
        if not left:
            break
        drawn = engine.generate([_request(task, temperature, seed) for task in left], progress=progress)
        for task, completion in zip(left, drawn, strict=True):
            made = _read(task, completion, temperature)
            if made is not None:
                found[task.key] = made
        left = [task for task in left if task.key not in found]
    return [found[task.key] for task in tasks if task.key in found]


def _request(task: Task, temperature: float, seed: int) -> Request:
    key = f"{seed}|{task.key}|{task.start}|{temperature}".encode()
    return Request(
        key=task.key,
        prefix=few_shot_prefix(),
        prompt=problem_prompt(task.worked.problem),
        seed=int.from_bytes(blake2b(key, digest_size=6).digest(), "big"),
        max_tokens=TOKENS,
        temperature=temperature,
        stop=rollout_stops(len(task.worked.steps) + MORE_STEPS),
        reply=reply_so_far(task.worked.texts[: task.start]),
        line_starts=END_STARTS,
    )


def _read(task: Task, completion: Completion, temperature: float) -> GoneWrong | None:
    parsed = parse_completion(completion.text, cut=completion.finish is FinishReason.LENGTH)
    steps = tuple(line.text for line in parsed.lines if line.role is NodeRole.STEP)
    ends = [line.text for line in parsed.lines if line.role is NodeRole.ANSWER]
    answer = exact(ends[0]) if ends else None
    if parsed.malformed or not steps or answer is None or answer == task.worked.answer:
        return None
    path = (*task.worked.texts[: task.start], *steps)
    at = divergence(task.worked, path)
    unsure = "only its answer is wrong" if at is None else doubt(task.worked, path, at, ends[0])
    return GoneWrong(task.key, path, task.start, ends[0], temperature, None if unsure else at, unsure)


class Planter:
    """Plants errors by an engine; `discarded` counts why solutions were not taken."""

    def __init__(self, engine: Engine, *, seed: int, many: int, progress: Progress | None = None) -> None:
        self.engine, self.seed, self.many, self.progress = engine, seed, many, progress
        self.discarded: Counter[str] = Counter()

    def __call__(self, solutions: Sequence[Worked]) -> list[list[Planted]]:
        """Return up to `many` wrong versions of each solution, all different, whose first error is known.

        The steps from which an engine goes on alone are drawn from (seed, problem, number).
        """
        tasks = {task.key: task for worked in solutions for task in self._tasks(worked)}
        drawn = {each.key: each for each in go_wrong(
            self.engine, list(tasks.values()), seed=self.seed, progress=self.progress
        )}  # fmt: skip
        return [self._taken(worked, drawn) for worked in solutions]

    def _tasks(self, worked: Worked) -> Iterator[Task]:
        for number in range(self.many):
            key = blake2b(f"{self.seed}|{number}|{worked.problem}".encode(), digest_size=8).digest()
            yield Task(key.hex(), worked, int.from_bytes(key, "big") % len(worked.steps))

    def _taken(self, worked: Worked, drawn: Mapping[str, GoneWrong]) -> list[Planted]:
        found: list[Planted] = []
        for number, task in enumerate(self._tasks(worked)):
            made = drawn.get(task.key)
            if made is None:
                self.discarded["it came right, or to no answer, at every temperature"] += 1
            elif made.first_error is None:
                self.discarded[made.doubt] += 1
            elif any(_goes_on(made.steps, each.steps) or _goes_on(each.steps, made.steps) for each in found):
                self.discarded["another one says the same"] += 1
            else:
                found.append(_planted(number, made, made.first_error, worked))
        return found


def _goes_on(one: Sequence[str], two: Sequence[str]) -> bool:
    """Whether `two` begins with all of `one`: the end of one would stand in the midst of the other."""
    return tuple(two[: len(one)]) == tuple(one)


def _planted(number: int, made: GoneWrong, at: int, worked: Worked) -> Planted:
    breaks = refuted(worked.problem, made.steps, at)
    note = f"an engine at temperature {made.temperature:g}"
    return Planted(KIND_ID, number, made.steps, at, made.answer.replace(",", ""), breaks, note)
