"""An engine asked to go wrong from step k on: step-controlled errors, as in SCDPO (arXiv:2407.00782).

The right steps before k are given and the rest is drawn at a temperature that rises until the final answer differs.
What is known then: the steps before k are right, and somewhere from k on the path goes wrong. Where, is not known,
unless a tool refutes a step; so such a path is a wrong half of a pair and, refuted, a first error.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b

from inference.engines.base import Completion, Engine, Request
from inference.planted.numerals import exact
from inference.planted.worked import Worked
from inference.prompts import END_STARTS, few_shot_prefix, parse_completion, problem_prompt, reply_so_far, rollout_stops
from inference.types import FinishReason, NodeRole, Problem, VerdictKind
from inference.verifiers.claims import ClaimsVerifier

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

    `first_error` is `start` where a tool refutes that step; else it is not known, and None.
    """

    key: str
    steps: tuple[str, ...]
    start: int
    answer: str
    temperature: float
    first_error: int | None


def go_wrong(engine: Engine, tasks: Sequence[Task], *, seed: int) -> list[GoneWrong]:
    """Return what went wrong, in the order of the tasks; those that came right at every temperature are missing.

    All open tasks are asked in one batch a temperature. A completion counts when all its lines parse and it ends in a
    plain number other than the reference answer. The noise is keyed by (seed, task, temperature). ValueError for a
    task that starts outside its solution.
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
        drawn = engine.generate([_request(task, temperature, seed) for task in left])
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
    return GoneWrong(task.key, path, task.start, ends[0], temperature, _refuted(task.worked.problem, path, task.start))


def _refuted(problem: str, path: Sequence[str], start: int) -> int | None:
    """Return `start` where the first drawn step states a false equation.

    A later one may follow from an error that the tool did not see, so it is not known to be the first.
    """
    verdict = ClaimsVerifier().check(Problem("", problem), path[:start], path[start])
    return start if verdict.kind is VerdictKind.REFUTED else None
