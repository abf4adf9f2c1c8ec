"""The trace verifier: what a step says of a run of code, held against a recorded run in the sandbox.

Two kinds of problems: data {"code", "calls"} asks what given code does, and a step says so ("after line 3, total = 6");
data {"tests"} without code asks for a function, and a step that holds one is run on the tests. `programs` and `weigh`
make the same plan from the job, so that outcomes find their calls.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from inference.sandbox.base import Outcome, Program
from inference.types import Claim, Problem, Verdict, VerdictKind
from inference.verifiers import answer
from inference.verifiers.trace import said, shown, written
from inference.verifiers.trace.instrument import instrumented
from inference.verifiers.trace.judge import Finding, Run, judge
from inference.verifiers.trace.record import Failed, record
from inference.verifiers.trace.said import Kind, Said
from inference.verifiers.trace.source import Source, Unfit, call_of, parsed, source
from inference.verifiers.trace.values import Unreadable, cut, read, same
from inference.verifiers.wire import CheckJob

ID = "trace"
VERSION = "1"
MAX_CALLS = 4
TEXT = 160
LEADS = ("the answer is", "the final answer is", "answer:", "final answer:", "returns", "output:", "it returns")


@dataclass(frozen=True, slots=True)
class Plan:
    """What a step says, the calls that it may be about (`scope`), and those to run, these included."""

    source: Source
    statements: tuple[Said, ...]
    scope: tuple[str, ...]
    calls: tuple[str, ...]


class TraceVerifier:
    """Refutes a step that says of a run what the run did not do, or whose function fails a test."""

    id: str = ID
    version: str = VERSION
    params: Mapping[str, object] = MappingProxyType({})

    def applies(self, problem: Problem) -> bool:
        """Whether the problem holds code to run or tests to run a written function on."""
        return bool(_code(problem).strip() or written.tests_of(problem.data))

    def programs(self, job: CheckJob) -> tuple[Program, ...]:
        """Return the traced runs that a step is about, or the tests of its function; none where nothing is said."""
        try:
            if not _code(job.problem).strip():
                return (written.program(job.step, job.prefix, written.tests_of(job.problem.data)),)
            plan = planned(job)
            return tuple(instrumented(plan.source.text, call) for call in plan.calls)
        except Unfit:
            return ()

    def weigh(self, job: CheckJob) -> Verdict:
        """Return the verdict on a step by what came of its programs."""
        try:
            if not _code(job.problem).strip():
                return _tested(job)
            return _traced(planned(job), job.runs)
        except (Unfit, Failed) as problem:
            return _undecided(str(problem))

    def check(self, problem: Problem, prefix: Sequence[str], step: str) -> Verdict:
        """Return the verdict without any run, which decides nothing."""
        return self.weigh(CheckJob(ID, problem, tuple(prefix), step))

    def check_answer(self, problem: Problem, given: str) -> Verdict:
        """Compare two values of Python; what is none is compared as text and numbers are."""
        try:
            ours, theirs = read(_bare(given)), read(_bare(problem.answer))
        except Unreadable:
            return answer.check_answer(_bare(given), problem.answer)
        equal = same(ours, theirs)
        detail = f"{cut(_bare(given), 60)} {'equals' if equal else 'is not'} {cut(_bare(problem.answer), 60)}"
        return Verdict(VerdictKind.SUPPORTED if equal else VerdictKind.REFUTED, ID, VERSION, (), detail)


def planned(job: CheckJob) -> Plan:
    """Return the statements of a step and the calls to run for them; Unfit when there is nothing to run or to say.

    A step is about the calls that it names; else about the one named last before it and the problem's own, the first
    for what is said of "the" run.
    """
    code = source(_code(job.problem))
    statements = tuple(said.statements(job.step, code, "\n".join(job.prefix)))
    if not statements:
        raise Unfit("the step says nothing of a run that could be looked up")
    own = [_expression(test.call, code) for test in written.tests_of(job.problem.data)]
    named = said.calls_in(job.step, code)
    before = [call for step in job.prefix[-6:] for call in said.calls_in(step, code)]
    known = [call for call in named if call in own]
    scope = tuple(dict.fromkeys(known or [*named, *before[-1:], *own]))[:MAX_CALLS] or ("",)
    said_of = [each.subject for each in statements if each.kind is Kind.CALL]
    calls = tuple(dict.fromkeys([*scope, *said_of]))[: MAX_CALLS + 2]
    return Plan(code, statements, scope, calls)


def _traced(plan: Plan, outcomes: Sequence[Outcome]) -> Verdict:
    if len(outcomes) != len(plan.calls):
        return _undecided("the code was not run")
    runs = [Run(call, record(outcome)) for call, outcome in zip(plan.calls, outcomes, strict=True)]
    about = [run for run in runs if run.call in plan.scope]
    findings = [judge(each, runs if each.kind is Kind.CALL else about, plan.source) for each in plan.statements]
    kind = next(
        (kind for kind in (VerdictKind.REFUTED, VerdictKind.SUPPORTED) if any(f.verdict is kind for f in findings)),
        VerdictKind.UNDECIDED,
    )
    telling = next((finding for finding in findings if finding.verdict is kind), findings[0])
    run = next((run for run in runs if run.call == telling.said.subject), about[0])
    return Verdict(
        kind, ID, VERSION, tuple(map(_claim, findings)), _message(kind, findings),
        input={"call": cut(run.call, TEXT), "sandbox": outcomes[0].sandbox},
        output=shown.evidence(run, plan.source, _marked(telling, plan.source)),
    )  # fmt: skip


def _tested(job: CheckJob) -> Verdict:
    tests = written.tests_of(job.problem.data)
    if not job.runs:
        written.program(job.step, job.prefix, tests)
        return _undecided("the tests were not run")
    kind, message, claims, rows = written.weighed(tests, job.runs[0])
    return Verdict(
        kind, ID, VERSION, claims, message,
        input={"code": cut(written.code_in(job.step), 2000), "sandbox": job.runs[0].sandbox}, output={"tests": rows},
    )  # fmt: skip


def _claim(finding: Finding) -> Claim:
    at = finding.said
    words = {Kind.TIMES: "passes: ", Kind.RAISE: "raises ", Kind.PRINT: "prints "}.get(at.kind, "returns ")
    text = f"{at.subject} = {at.value}" if at.subject and at.kind is not Kind.TIMES else f"{words}{at.value}"
    place = "" if at.place.where == "anywhere" else f", {at.place.words()}"
    # What holds at the very place that is named needs no more words.
    detail = "" if place and finding.verdict is VerdictKind.SUPPORTED else finding.detail
    return Claim(cut(text + place, TEXT), finding.verdict, cut(detail, 2 * TEXT), at.start, at.end)


def _marked(finding: Finding, code: Source) -> list[int]:
    line = code.starts.get(finding.said.place.number) if finding.said.place.where in ("line", "before") else None
    return [line] if line else list(finding.lines[:4])


def _message(kind: VerdictKind, findings: Sequence[Finding]) -> str:
    same_kind = [finding for finding in findings if finding.verdict is kind]
    if kind is VerdictKind.SUPPORTED:
        return f"{len(same_kind)} of {len(findings)} statements hold in the run"
    return cut("; ".join(finding.detail for finding in same_kind), 600)


def _expression(call: str, code: Source) -> str:
    """Return a call of the problem spelt the one way; one that is more than a call stays as it is."""
    spelt = call_of(call, code.functions)
    if spelt is None:
        written.compile_check(call)
        parsed(call)
    return spelt or " ".join(call.split())


def _code(problem: Problem) -> str:
    code: Any = problem.data.get("code", "")
    return code if isinstance(code, str) else ""


def _bare(text: str) -> str:
    """Return an answer without what people put around it: backticks, "the answer is", a full stop."""
    text = text.strip()[:2000].strip("`$ ").rstrip(".").strip("` ")
    for lead in (
        "the answer is",
        "the final answer is",
        "answer:",
        "final answer:",
        "returns",
        "output:",
        "it returns",
    ):
        if text.lower().startswith(lead):
            return text[len(lead) :].strip().strip("`").strip()
    return text


def _undecided(message: str) -> Verdict:
    return Verdict(VerdictKind.UNDECIDED, ID, VERSION, (), message)
