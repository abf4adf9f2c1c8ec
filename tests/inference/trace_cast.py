"""Code to trace, and verdicts on steps about it by way of the light sandbox."""

from __future__ import annotations

import atexit
from functools import cache
from typing import Any

from inference.sandbox.monty import MontySandbox
from inference.types import Problem, Verdict
from inference.verifiers.trace import TraceVerifier
from inference.verifiers.wire import CheckJob

SUMS = """\
def f(xs):
    total = 0
    for i, x in enumerate(xs):
        if x > 1:
            total += x
        else:
            total -= 1
    return total
"""
LARGEST = """\
def largest(nums):
    best = nums[0]
    i = 1
    while i < len(nums):
        if nums[i] > best:
            best = nums[i]
        i += 1
    return best
"""
FACTORIAL = """\
def fact(n):
    if n <= 1:
        return 1
    return n * fact(n - 1)
"""
WORDS = """\
def count(words):
    seen = {}
    order = []
    for word in words:
        if word not in seen:
            seen[word] = 0
            order.append(word)
        seen[word] += 1
    print(len(order))
    return seen
"""
GRID = """\
def pairs(n):
    found = []
    for a in range(n):
        for b in range(a):
            if a * b > 3:
                break
            found.append((a, b))
    mean = len(found) / 3
    flag = mean > 1
    return found
"""
SCRIPT = """\
x = 5
y = x * 2
name = 'a' + str(y)
print(name)
"""
DIVIDE = """\
def share(total, people):
    each = total / people
    return each
"""
WRITTEN = (
    {"call": "double([1, 2])", "result": [2, 4]},
    {"call": "double([])", "result": []},
    {"call": "double([-1])", "result": [-2]},
)


def problem(code: str, *calls: str, answer: str = "") -> Problem:
    data: dict[str, Any] = {"code": code, "calls": [{"call": call} for call in calls]}
    return Problem("1", f"What happens here?\n{code}", answer, kind="code", data=data)


PROBLEMS = {
    "sums": problem(SUMS, "f([3, 1, 2])"),
    "largest": problem(LARGEST, "largest([4, 7, 5])"),
    "factorial": problem(FACTORIAL, "fact(4)"),
    "words": problem(WORDS, "count(['a', 'b', 'a'])"),
    "grid": problem(GRID, "pairs(4)"),
    "script": problem(SCRIPT),
    "share": problem(DIVIDE, "share(7, 2)"),
    "endless": problem("def f(n):\n    x = n\n    while True:\n        n += 1\n    return n\n", "f(1)"),
    "written": Problem("2", "Write double(xs).", kind="code", data={"tests": list(WRITTEN)}),
}


@cache
def sandbox() -> MontySandbox:
    """Return the sandbox of these tests, ended with them."""
    made = MontySandbox(children=1)
    atexit.register(made.close)
    return made


def verdict(asked: Problem, step: str, *prefix: str) -> Verdict:
    tool = TraceVerifier()
    job = CheckJob("trace", asked, prefix, step)
    runs = tuple(sandbox().run_many(tool.programs(job)))
    return tool.weigh(CheckJob("trace", asked, prefix, step, runs=runs))
