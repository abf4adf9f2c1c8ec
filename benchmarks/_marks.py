"""Steps with an ideal program each: GSM8K's calculator marks as drafts, right steps and planted wrong ones."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

from inference.planted import KINDS, Unfit, plant, read
from inference.planted.plant import dice
from inference.types import Problem, VerdictKind
from inference.verifiers.claims import ClaimsVerifier
from inference.verifiers.wire import CheckJob, Draft

MARK = re.compile(r"<<([^<>\n]*)>>")
PLANTED = ("operand", "operator", "quantity")
SEED = 11
_NUMBER = re.compile(r"(?<![\w.])\d++(?:\.\d++)?+|(?<![\w.])\.\d++")
_OTHERS = {"+": "-*", "-": "+*", "*": "+/", "/": "*-"}


@dataclass(frozen=True)
class Case:
    """A step to check, the expression of the right step's mark in its place, and the kind of error, "" for none."""

    job: CheckJob
    expression: str
    wrong: str


@dataclass(frozen=True)
class Solution:
    """A problem with its right steps and the mark's expression of each ("" where it has none)."""

    problem: Problem
    steps: tuple[str, ...]
    expressions: tuple[str, ...]
    answer: str


def cases(path: Path, *, second: bool, most: int = 0) -> list[Case]:
    """Return the planted wrong steps of one half of the file that claims does not refute, and as many right ones."""
    rows = path.read_text(encoding="utf-8").splitlines()
    half = len(rows) // 2
    chosen = (rows[half:] if second else rows[:half])[: most or None]
    solutions = [solution(str(at), row) for at, row in enumerate(chosen)]
    wrong = [case for each in solutions for case in planted(each)]
    right = [case for each in solutions for case in worked(each)]
    return wrong + Random(SEED).sample(right, min(len(wrong), len(right)))  # noqa: S311 no secret


def solution(key: str, row: str) -> Solution:
    """Read a row of GSM8K."""
    values = json.loads(row)
    body, _, answer = values["answer"].rpartition("####")
    lines = [line.strip() for line in body.split("\n") if line.strip()]
    marks = [MARK.findall(line) for line in lines]
    expressions = tuple(found[-1].rpartition("=")[0] if found else "" for found in marks)
    return Solution(
        Problem(key, values["question"]), tuple(MARK.sub("", line) for line in lines), expressions, answer.strip()
    )  # fmt: skip


def worked(each: Solution) -> Iterator[Case]:
    """Yield the right steps that have a mark."""
    for at, expression in enumerate(each.expressions):
        if expression:
            yield Case(CheckJob("program", each.problem, each.steps[:at], each.steps[at]), expression, "")


def planted(each: Solution) -> Iterator[Case]:
    """Yield a wrong step of every kind that the solution has room for, unless claims refutes it."""
    try:
        followed = read(each.problem.text, each.steps, each.answer)
    except Unfit:
        return
    claims = ClaimsVerifier()
    for kind in PLANTED:
        made = plant(followed, KINDS[kind], seed=SEED)
        if made is None or not each.expressions[made.first_error]:
            continue
        at = made.first_error
        job = CheckJob("program", each.problem, made.steps[:at], made.steps[at])
        if claims.check(job.problem, job.prefix, job.step).kind is not VerdictKind.REFUTED:
            yield Case(job, each.expressions[at], kind)


def drafted(case: Case, noise: float, count: int) -> tuple[Draft, ...]:
    """Return the oracle's drafts, each with this chance of another operator or another known number in it."""
    drafts = []
    for number in range(count):
        random = dice(SEED, case.job.problem.text + case.job.step, "draft", number)
        wrong = random.random() < noise
        drafts.append(Draft(program(corrupted(case, random) if wrong else case.expression)))
    return tuple(drafts)


def program(expression: str) -> str:
    """Return an expression as a model would be asked to write it."""
    plain = re.sub(r"(\d++(?:\.\d++)?)%", r"(\1/100)", expression.replace(",", "").replace("$", ""))
    return f"let found = {plain}\nresult = found"


def corrupted(case: Case, random: Random) -> str:
    """Return the case's expression with one operator or one number exchanged."""
    expression = case.expression
    places = [(at, at + 1) for at, char in enumerate(expression) if char in _OTHERS and at]
    operands = [match.span() for match in _NUMBER.finditer(expression)]
    start, end = random.choice([*places, *operands] or [(0, 0)])
    if (start, end) in places:
        return expression[:start] + random.choice(_OTHERS[expression[start]]) + expression[end:]
    texts = " ".join([case.job.problem.text, *case.job.prefix])
    found: set[str] = set(_NUMBER.findall(texts)) - {expression[start:end]}
    others = sorted(found or {"2"})
    return expression[:start] + random.choice(others) + expression[end:]
