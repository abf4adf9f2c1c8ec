"""The trace verifier on hand-checked steps: what a step says of a run is what the run did, or the step is refuted."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from inference.sandbox.base import Outcome, RunEnding
from inference.types import Problem, Verdict
from inference.verifiers.trace import TraceVerifier
from inference.verifiers.wire import CheckJob, verdict_out
from tests.inference.trace_cast import PROBLEMS, verdict

# problem, step, verdict, a part of what the tool says. f([3, 1, 2]) makes total 0, 3, 2, 4.
CASES = (
    ("sums", "After line 5, total = 3.", "supported", "total = 3, after line 5"),
    ("sums", "After line 5, total = 6.", "refuted", "after line 5, total is 3 then 4, not 6"),
    ("sums", "In the second iteration x = 1 and total = 2.", "supported", "2 of 2"),
    ("sums", "In the second iteration, x = 1 and total = 4.", "refuted", "of the loop, total is 3 then 2, not 4"),
    ("sums", "Iteration 3: i = 2, x = 2, total = 2 + 2 = 4", "supported", "3 of 3"),
    ("sums", "Iteration 3: i = 3, x = 2", "refuted", "i is 2, not 3"),
    ("sums", "Iteration 0: x = 3. Iteration 1: x = 1. Iteration 2: x = 2.", "supported", "3 of 3"),
    ("sums", "The loop runs 3 times.", "supported", "makes 3 passes"),
    ("sums", "The for loop runs four times.", "refuted", "makes 3 passes, not 4"),
    ("sums", "f([3, 1, 2]) returns 4.", "supported", "returns 4"),
    ("sums", "So `f([3,1,2])` returns **6**", "refuted", "returns 4, not 6"),
    ("sums", "f([5]) returns 5 and f([]) returns 0", "supported", "2 of 2"),
    ("sums", "f([0, 0]) returns 0", "refuted", "f([0, 0]) returns -2, not 0"),
    ("sums", "After the loop, total = 4.", "supported", "after the loop"),
    ("sums", "After the loop ends total is 5", "refuted", "after the loop, total is 4, not 5"),
    ("sums", "When i = 1, total becomes 2", "supported", "where i is 1"),
    ("sums", "When i = 1, total becomes 7", "refuted", "total is 3 then 2, not 7"),
    ("sums", "Before line 8, total = 4.", "supported", "before line 8"),
    ("sums", "Line 2 sets total to 1", "refuted", "total is 0, not 1"),
    ("sums", "total is never updated on line 5, so total = 9", "undecided", "nothing of a run"),
    ("sums", "At the end of the first pass total = 3", "supported", "after pass 1"),
    ("sums", "It returns 4", "supported", "returns 4"),
    ("sums", "Hence the function returns 3.", "refuted", "f([3, 1, 2]) returns 4, not 3"),
    ("sums", "If x = 1 then total would be 0", "undecided", "nothing of a run"),
    ("sums", "In the fifth iteration total = 9", "undecided", "that many passes"),
    ("sums", "After line 12, total = 9", "undecided", "no statement on line 12"),
    ("sums", "The sum is 6, so the answer is 6", "undecided", "nothing of a run"),
    ("sums", "After line 5, result = 9", "undecided", "nothing of a run"),
    ("sums", "After line 7, total = total - 1", "undecided", "nothing of a run"),
    ("sums", "f(xs) returns 12", "undecided", "nothing of a run"),
    ("sums", "f([3, 1, 2]) should return 6", "undecided", "nothing of a run"),
    ("sums", "Now we look at the loop.", "undecided", "nothing of a run"),
    ("sums", "total is 3 or 4", "undecided", "nothing of a run"),
    ("largest", "i starts at 1 and best = nums[0] = 4", "supported", "3 of 3"),
    ("largest", "In the first iteration nums[i] = 7, greater than best = 4, so best becomes 7.", "supported", "3 of 3"),
    ("largest", "In the first iteration nums[1] = 8.", "refuted", "nums[1] is 7, not 8"),
    ("largest", "len(nums) = 3 and the while loop runs twice", "supported", "2 of 2"),
    ("largest", "At the end i = 3 and best = 5", "refuted", "best is 4 then 7, not 5"),
    ("largest", "best = 1", "refuted", "best is 4 then 7, not 1"),
    ("largest", "largest([2]) raises IndexError", "refuted", "raises nothing"),
    ("largest", "largest([]) raises an IndexError", "supported", "raises IndexError"),
    ("factorial", "fact(3) returns 6, so fact(4) returns 24", "supported", "2 of 2"),
    ("factorial", "fact(3) = 3 * fact(2) = 3 * 2 = 6", "supported", "1 of 1"),
    ("factorial", "fact(3) returns 9", "refuted", "fact(3) returns 6, not 9"),
    ("factorial", "The inner call returns 2", "supported", "returns 2"),
    ("factorial", "n = 7 in the first call", "refuted", "n is 4, 3, 2 then 1, not 7"),
    ("words", "After line 6, seen = {'a': 0}", "supported", "after line 6"),
    ("words", "It returns {'a': 2, 'b': 1}.", "supported", "returns"),
    ("words", 'It returns {"a": 1, "b": 1}.', "refuted", "not {\"a\": 1, \"b\": 1}"),
    ("words", "order becomes ['a', 'b'] and the function prints 2", "supported", "2 of 2"),
    ("words", "It prints 3", "refuted", "prints 2"),
    ("words", "On the third iteration word = 'a' and seen['a'] = 2", "supported", "2 of 2"),
    ("words", "order is then ['b', 'a']", "refuted", "not ['b', 'a']"),
    ("grid", "The outer loop runs 4 times", "supported", "makes 4 passes"),
    ("grid", "The inner loop runs 1 time", "supported", "makes 1 pass"),
    ("grid", "The inner loop runs 7 times", "refuted", "not 7"),
    ("grid", "mean = 1.67 and flag is True", "supported", "2 of 2"),
    ("grid", "flag is False", "refuted", "flag is True, not False"),
    ("grid", "found = [(1, 0), (2, 0), (2, 1), (3, 0), (3, 1)]", "supported", "found is"),
    ("script", "After line 2, y = 10 and name = 'a10'", "supported", "1 of 2"),
    ("script", "y is 12", "refuted", "y is 10, not 12"),
    ("script", "The script prints a10.", "undecided", "nothing of a run"),
    ("script", "The output is 'a10'", "supported", "a10"),
    ("share", "each = 3.5", "supported", "each is 3.5"),
    ("share", "share(1, 3) returns 0.333", "supported", "returns 0.333"),
    ("share", "share(1, 0) returns 0", "refuted", "raises ZeroDivisionError"),
    ("endless", "After line 2, x = 1", "supported", "x = 1, after line 2"),
    ("endless", "f(1) returns 5", "undecided", "raises RuntimeError"),
    ("endless", "n becomes 0 in the loop", "undecided", "not whole"),
)  # fmt: skip


@pytest.mark.parametrize(("name", "step", "kind", "part"), CASES, ids=[f"{n}: {s[:40]}" for n, s, *_ in CASES])
def test_steps_about_a_run(name: str, step: str, kind: str, part: str) -> None:
    found = verdict(PROBLEMS[name], step)
    said = " | ".join([found.message, *(f"{claim.text}: {claim.detail}" for claim in found.claims)])
    assert (found.kind.value, part in said) == (kind, True), said


def test_a_step_is_about_the_call_that_it_or_the_steps_before_it_name() -> None:
    asked = PROBLEMS["sums"]
    assert verdict(asked, "total ends at 8.", "Take f([8]) instead.").kind.value == "supported"
    assert verdict(asked, "After line 5, total = 8.").kind.value == "refuted"
    assert verdict(asked, "With f([8]), total is 8 after line 5.").kind.value == "supported"


DOUBLE = "def double(xs):\n    return [2 * x for x in xs]"
FUNCTIONS = (
    (DOUBLE, "supported", "3 of 3 tests pass"),
    (f"Here it is:\n```python\n{DOUBLE}\n```\nIt doubles each one.", "supported", "3 of 3"),
    (f"{DOUBLE}\n\nThis doubles every number.", "supported", "3 of 3"),
    ("def double(xs):\n    return xs * 2", "refuted", "double([1, 2]) gives [1, 2, 1, 2], expected [2, 4]"),
    (
        "def double(xs):\n    return [2 * xs[0]]",
        "refuted",
        "double([]) raises IndexError: list index out of range, expected []",
    ),
    ("def double(xs):\n    return helper(xs)", "undecided", "raises NameError"),
    ("def twice(xs):\n    return xs", "undecided", "no test calls twice"),
    ("def double(xs:\n    return xs", "undecided", "holds no function"),
    ("def double(xs):\n    yield 3", "undecided", "holds no function"),
    ("We loop over the list.", "undecided", "holds no function"),
)


@pytest.mark.parametrize(("step", "kind", "part"), FUNCTIONS)
def test_a_function_in_a_step_is_run_on_the_tests(step: str, kind: str, part: str) -> None:
    found = verdict(PROBLEMS["written"], step)
    said = " | ".join([found.message, *(f"{claim.text}: {claim.detail}" for claim in found.claims)])
    assert (found.kind.value, part in said) == (kind, True), said


def test_the_first_failing_test_stands_first_in_the_evidence() -> None:
    found = verdict(PROBLEMS["written"], "def double(xs):\n    return [x + 2 for x in xs]")
    assert found.output is not None
    assert [row["verdict"] for row in found.output["tests"]] == ["refuted", "refuted", "supported"]
    assert found.output["tests"][0]["call"] == "double([1, 2])"


@pytest.mark.parametrize(
    ("given", "reference", "kind"),
    [
        ("[1, 2]", "[1,2]", "supported"), ("`[1, 3]`", "[1, 2]", "refuted"),
        ("The answer is (1, 2).", "[1, 2]", "supported"),
        ("'ab'", '"ab"', "supported"), ("{'a': 1}", '{"a": 1}', "supported"), ("True", "False", "refuted"),
        ("3.0", "3", "supported"), ("abc", "abc", "supported"), ("0.1", "0.2", "refuted"), ("", "3", "undecided"),
    ],
)  # fmt: skip
def test_answers_are_values(given: str, reference: str, kind: str) -> None:
    asked = replace(PROBLEMS["sums"], answer=reference)
    assert TraceVerifier().check_answer(asked, given).kind.value == kind


def test_a_run_that_failed_and_a_record_that_lies_decide_nothing() -> None:
    tool, asked = TraceVerifier(), PROBLEMS["sums"]
    step = "After line 5, total = 9."
    for outcome in (
        Outcome(RunEnding.TIMEOUT, error="it ran longer than 2 s"), Outcome(RunEnding.UNAVAILABLE),
        Outcome(RunEnding.OK, None), Outcome(RunEnding.OK, {"rows": 3}), Outcome(RunEnding.OK, {"rows": [[1, 2]]}),
        Outcome(RunEnding.OK, {"rows": [["x", {}, 3, 4, 5]], "returned": 7}), Outcome(RunEnding.OK, {"text": "?"}),
    ):  # fmt: skip
        found = tool.weigh(CheckJob("trace", asked, (), step, runs=(outcome,)))
        assert found.kind.value == "undecided", found.message
    assert (
        "longer than 2 s"
        in tool.weigh(
            CheckJob("trace", asked, (), step, runs=(Outcome(RunEnding.TIMEOUT, error="it ran longer than 2 s"),))
        ).message
    )


@pytest.mark.parametrize(
    "data",
    [{}, {"code": 3}, {"code": ""}, {"tests": 3}, {"tests": [3, {"call": 4}]}, {"code": "def f(:"}, {"code": "(" * 500},
     {"code": "1 + " * 1500 + "1"}, {"code": "def f():\n yield 1"}, {"code": "async def f(): pass"},
     {"code": "f(1)", "calls": [{"call": "1) + (2"}]}, {"code": "locals = 3"}, {"code": "_studio = 3"}],
)  # fmt: skip
def test_problems_that_hold_nothing_to_run_are_undecided(data: dict[str, object]) -> None:
    asked = Problem("9", "?", kind="code", data=data)
    for step in ("x = 3", "def f():\n    return 1"):
        assert verdict(asked, step).kind.value == "undecided"


ADVERSARIAL = (
    "", " ", "9" * 5000, "total = " + "9" * 900, "total = " + "1 + " * 1500 + "1", "total = 10**10**10", "f(" * 2000,
    "total = " + "[" * 900 + "]" * 900, "{" * 5000, "total = " * 1000, "a=" * 25000, "f([3,1,2]) = " * 300,
    "after line " * 2000, "In the second iteration " * 500 + "total = 3", "тotal = 3; 総 = 4; \u202etotal = 3\u202c",
    "total = '" + "a" * 5000, "total\x00 = \x003", "total = \ud800", "x" * 100_000, "total = 3. " * 9000,
    "f(" + "[" * 300 + "]" * 300 + ") returns 3", "f(99999999999999999999999) returns 3", "def f(:\n" * 500,
    "```" * 900,
    "total = " + "-" * 900 + "1", "f([1e999]) returns 1e999", "len(" * 900, "total" + "[0]" * 900 + " = 1",
    "f([3, 1, 2] returns 4", "total = {}[", "line 99999999999999 total = 3", "the loop runs 999999999999 times",
)  # fmt: skip


@pytest.mark.parametrize("name", ["sums", "written"])
def test_adversarial_texts_end_in_a_small_verdict(name: str) -> None:
    for step in ADVERSARIAL:
        found = verdict(PROBLEMS[name], step, step[:20_000])
        assert isinstance(found, Verdict)
        assert len(json.dumps(verdict_out(found))) < 20_000


def test_evidence_stays_small() -> None:
    lines = "\n".join(f"    x{at} = [{at}] * 5" for at in range(120))
    asked = Problem(
        "9", "?", kind="code", data={"code": f"def f(n):\n{lines}\n    return n\n", "calls": [{"call": "f(2)"}]}
    )
    found = verdict(asked, "x70 is 3")
    assert found.kind.value == "refuted"
    assert len(json.dumps([found.input, found.output])) < 6000
    assert found.output is not None
    assert [line["no"] for line in found.output["lines"] if line["mark"]] == [72]
