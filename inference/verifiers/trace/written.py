"""A function that a step holds, run on the tests of its problem. Knows nothing about tracing."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from inference.sandbox.base import Outcome, Program, RunEnding
from inference.types import Claim, VerdictKind
from inference.verifiers.trace.judge import lacking
from inference.verifiers.trace.record import value_of
from inference.verifiers.trace.source import OWN, Unfit, parsed, source
from inference.verifiers.trace.values import Unreadable, cut, read, same

MAX_TESTS = 20
MAX_SHOWN = 6
TEXT = 120
RESULT = f"{OWN}_result"
_LANGUAGE = re.compile(r"^[A-Za-z0-9]{0,12}[ \t]*+\n")
_BEGIN = re.compile(r"^(?:def|import|from|class|@)\b", re.M)


@dataclass(frozen=True, slots=True)
class Test:
    """One test of a problem: an expression, and what it should give as a JSON value."""

    call: str
    result: Any


def tests_of(data: Mapping[str, Any]) -> tuple[Test, ...]:
    """Return the tests that a problem holds under "tests" or "calls"; what has no text to call is left out."""
    rows = data.get("tests") or data.get("calls") or ()
    if not isinstance(rows, list | tuple):
        return ()
    kept = [row for row in rows[:MAX_TESTS] if isinstance(row, Mapping) and isinstance(row.get("call"), str)]
    return tuple(Test(row["call"][:500], row.get("result")) for row in kept if row["call"].strip())


def code_in(text: str) -> str:
    """Return the Python that a step holds: its fenced blocks, or from its first "def" as far as it can be read."""
    blocks = text.split("```")[1:60:2]
    if blocks:
        return "\n\n".join(_LANGUAGE.sub("", block).rstrip() for block in blocks)
    begin = _BEGIN.search(text)
    lines = text[begin.start() :].split("\n")[:200] if begin else []
    for last in range(len(lines), max(0, len(lines) - 12), -1):
        code = "\n".join(lines[:last])
        try:
            parsed(code)
        except Unfit:
            continue
        return code
    return ""


def program(step: str, prefix: Sequence[str], tests: Sequence[Test]) -> Program:
    """Return a program that runs the tests on the code of a step (and of the steps before it); Unfit when none can."""
    code = code_in(step)
    if not code.strip():
        raise Unfit("the step holds no function")
    defined = source(code).functions
    earlier = [each for each in map(code_in, prefix[-4:]) if each and parsed(each)]
    whole = "\n\n".join([*earlier, code])
    parsed(whole)
    if not any(re.search(rf"\b{re.escape(name)}\(", test.call) for name in defined for test in tests):
        raise Unfit(f"no test calls {', '.join(defined)[:80] or 'what the step defines'}")
    lines = [whole, f"{OWN}_found = []"]
    for test in tests:
        call = " ".join(test.call.split())
        compile_check(call)
        lines += [
            "try:",
            f"    {OWN}_found.append(['value', repr({call})[:400]])",
            f"except Exception as {OWN}_error:",
            f"    {OWN}_found.append(['error', type({OWN}_error).__name__ + ': ' + str({OWN}_error)[:100]])",
        ]
    return Program("\n".join([*lines, f"{RESULT} = {OWN}_found"]), RESULT)


def compile_check(call: str) -> None:
    """Raise Unfit for a test that is no expression."""
    tree = parsed(f"({call})")
    if len(tree.body) != 1:
        raise Unfit(f"the test {cut(call, 60)} is no expression")


def weighed(
    tests: Sequence[Test], outcome: Outcome
) -> tuple[VerdictKind, str, tuple[Claim, ...], list[dict[str, Any]]]:
    """Return the verdict, its sentence, a claim a test (failing ones first) and the evidence rows."""
    if outcome.ending is not RunEnding.OK or not isinstance(outcome.value, list):
        return VerdictKind.UNDECIDED, _not_run(outcome), (), []
    rows = [_row(test, found) for test, found in zip(tests, outcome.value, strict=False)]
    rows.sort(key=lambda row: ("refuted", "undecided", "supported").index(row["verdict"]))
    claims = tuple(Claim(cut(row["call"], TEXT), VerdictKind(row["verdict"]), row["why"]) for row in rows[:MAX_SHOWN])
    passed = sum(row["verdict"] == "supported" for row in rows)
    if not rows:
        return VerdictKind.UNDECIDED, "the run left no results", (), []
    kind = VerdictKind(rows[0]["verdict"])
    return kind, f"{passed} of {len(rows)} tests pass", claims, rows[:MAX_SHOWN]


def _not_run(outcome: Outcome) -> str:
    said = cut(outcome.error, 200)
    return f"the tests were not run through: {said or outcome.ending.value}"


def _row(test: Test, found: Any) -> dict[str, Any]:
    """Return a test's line of evidence; an error that may be the sandbox's own decides nothing."""
    how, text = (str(each) for each in found) if isinstance(found, list) and len(found) == 2 else ("", "")
    row: dict[str, Any] = {
        "call": cut(test.call, TEXT),
        "expected": cut(repr(test.result), TEXT),
        "got": cut(text, TEXT),
    }
    if how == "error":
        verdict = "undecided" if lacking(text) else "refuted"
        raised = f"{row['call']} raises {row['got']}, expected {row['expected']}"
        return {**row, "got": f"raises {row['got']}", "verdict": verdict, "why": raised}
    try:
        verdict = "supported" if as_expected(test.result, value_of(text)) else "refuted"
    except Unreadable:
        verdict = "undecided"
    row["got"] = f"gives {row['got']}"
    why = {"supported": row["got"], "refuted": f"{row['call']} {row['got']}, expected {row['expected']}"}
    return {**row, "verdict": verdict, "why": why.get(verdict, "its value cannot be compared")}


def as_expected(expected: Any, found: Any) -> bool:
    """Return whether a value is what a test's JSON says; JSON has no tuples, and only texts as keys."""
    if isinstance(found, dict) and isinstance(expected, Mapping):
        texts = {str(key): value for key, value in found.items()}
        return texts.keys() == expected.keys() and all(as_expected(expected[key], texts[key]) for key in texts)
    if isinstance(found, set) and isinstance(expected, list):
        return len(found) == len(expected) and all(any(same(a, b) for b in found) for a in expected)
    if isinstance(expected, str) and not isinstance(found, str):
        try:
            return same(read(expected), found)
        except Unreadable:
            return False
    if isinstance(expected, list) and isinstance(found, list | tuple):
        return len(expected) == len(found) and all(map(as_expected, expected, found))
    return same(expected, found)
