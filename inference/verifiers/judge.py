"""A language model's own judgement of a step, as a probability. Knows nothing about engines; no text is drawn.

p(Right) = p(R) / (p(R) + p(W)), from the log-probabilities of the judgement token after "The conclusion is [": the
score of GroundedPRM (Zhang et al. 2025, arXiv:2510.14942) without its written analysis. The prompt grows only at its
end, so that the steps of a path share what a model has read.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from inference.engines.base import Request
from inference.prompts import problem_prompt
from inference.types import Problem, Verdict, VerdictKind
from inference.verifiers.wire import CheckJob, Draft

ID, VERSION = "judge", "1"
LOW, HIGH = 0.1, 0.9
"""Up to LOW the step is refuted, from HIGH on supported; see docs/verifiers/judge.md for how they were chosen."""
LEAST_MASS = 0.05
"""A model that gives both words together less wants to write something else."""
MOST_CHARS = 24_000
CHOICES = ("Right]", "Wrong]")
ASKED = "The conclusion is ["
EXAMPLES = """\
Each judgement says of the last step of a solution whether it is right, taking the problem and the steps before it as \
given. A step is wrong if it computes wrongly, uses a wrong number, operation or fact, or does not follow.

Problem: A jug holds 14 cups of juice. Nine cups are poured out. How many cups are left?
Step 1: The jug held 14 cups and 9 were poured out, so 14 - 9 = 5 cups are left.
Judgement of step 1: The conclusion is [Right]

Problem: Lena plants 4 rows of beans with 6 plants in each row, then 5 more by the fence. How many plants are there?
Step 1: The rows hold 4 + 6 = 10 plants.
Judgement of step 1: The conclusion is [Wrong]

Problem: A ferry ticket is $7 for an adult and $3 for a child. 2 adults and 4 children pay $50. What is the change?
Step 1: The adults pay 2 * 7 = 14 dollars.
Step 2: The children pay 4 * 3 = 12 dollars, so the ride costs 14 + 12 = 26 dollars.
Judgement of step 2: The conclusion is [Right]

Problem: A book has 90 pages. Tom reads 20 pages on Monday and twice as many on Tuesday. How many pages are left?
Step 1: On Tuesday Tom reads 2 * 20 = 40 pages.
Step 2: He has read 20 + 40 = 70 pages so far.
Judgement of step 2: The conclusion is [Wrong]

"""
TOO_LONG = f"the path is too long to be judged: more than {MOST_CHARS:,} characters"
NOT_ASKED = "no model was asked"
NOT_TOLD = "the model's server does not tell how likely Right and Wrong are"
ELSEWHERE = "the model would write neither Right nor Wrong"


class JudgeVerifier:
    """Undecided between the bounds, and wherever the model does not say."""

    id, version = ID, VERSION
    params: Mapping[str, object] = {"low": LOW, "high": HIGH}

    def applies(self, problem: Problem) -> bool:
        return True

    def check(self, problem: Problem, prefix: Sequence[str], step: str) -> Verdict:
        """Return the verdict without a model: undecided."""
        return self.weigh(CheckJob(ID, problem, tuple(prefix), step))

    def requests(self, job: CheckJob, count: int) -> tuple[Request, ...]:
        """Return the one question, whatever `count` says; none about a path longer than MOST_CHARS characters."""
        if _long(job):
            return ()
        steps = [*job.prefix, job.step]
        lines = "".join([f"Step {number}: {' '.join(text.split())}\n" for number, text in enumerate(steps, start=1)])
        prompt = f"{problem_prompt(job.problem.text)}{lines}Judgement of step {len(steps)}: "
        return (Request("", EXAMPLES, prompt.rstrip(" "), 0, 1, 0.0, reply=f" {ASKED}", choices=CHOICES),)

    def weigh(self, job: CheckJob) -> Verdict:
        """Return the verdict that the first draft's log-probabilities of Right and Wrong amount to."""
        if not job.drafts:
            return _open(TOO_LONG if _long(job) else NOT_ASKED)
        told = _told(job.drafts[0])
        if told is None:
            return _open(NOT_TOLD)
        right, wrong = told
        if math.exp(right) + math.exp(wrong) < LEAST_MASS:
            return _open(ELSEWHERE)
        return _verdict(right, wrong)


def probability(right: float, wrong: float) -> float:
    """Return p(Right) in [0, 1] from two log-probabilities (<= 0), at least one of them finite."""
    if math.inf in (right - wrong, wrong - right):
        return float(right > wrong)
    return 1 / (1 + math.exp(min(wrong - right, 700.0)))


def _verdict(right: float, wrong: float) -> Verdict:
    p = round(probability(right, wrong), 6)
    kind = VerdictKind.SUPPORTED if p >= HIGH else VerdictKind.REFUTED if p <= LOW else VerdictKind.UNDECIDED
    percent = f"{100 * p:.1f}" if p < 0.01 or p > 0.99 else f"{100 * p:.0f}"
    message = f"the model holds the step to be right with a probability of {percent} %"
    if kind is VerdictKind.UNDECIDED:
        message += f"; it decides up to {100 * LOW:.0f} % and from {100 * HIGH:.0f} % on"
    output = {"p": p, "right": _json(right), "wrong": _json(wrong)}
    return Verdict(kind, ID, VERSION, (), message, input={"low": LOW, "high": HIGH}, output=output)


def _open(message: str) -> Verdict:
    return Verdict(VerdictKind.UNDECIDED, ID, VERSION, (), message)


def _told(draft: Draft) -> tuple[float, float] | None:
    """Return the log-probabilities of Right and Wrong, None where they are none or both were not reported."""
    if len(draft.choices) != len(CHOICES) or not all(_is_logprob(value) for value in draft.choices):
        return None
    right, wrong = (min(0.0, float(value)) for value in draft.choices)
    return None if right == wrong == -math.inf else (right, wrong)


def _is_logprob(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value <= 1e-3


def _long(job: CheckJob) -> bool:
    return len(job.problem.text) + len(job.step) + sum(map(len, job.prefix)) > MOST_CHARS


def _json(logprob: float) -> float | None:
    return round(logprob, 6) if math.isfinite(logprob) else None
