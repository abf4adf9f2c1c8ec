"""The units verifier: statements with quantities, their dimensions and values. Knows nothing about pools or rows.

Text is lexed (tokens), cut into links and sums (extract), each side is read to a size (parser, quantity) with what the
table knows of units and held against the other (judge, names); telling words what came of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from inference.types import Problem, Verdict
from inference.verifiers.answer import check_answer, clean
from inference.verifiers.units.extract import Statements
from inference.verifiers.units.judge import Outcome, bare_agreement, judge
from inference.verifiers.units.table import words
from inference.verifiers.units.telling import Finding, link_finding, sum_finding, verdict_of

MAX_ANSWER = 200


class UnitsVerifier:
    """Refutes a step whose quantities do not fit; "supported" only says that units and numbers agree."""

    id: str = "units"
    version: str = "1"
    params: Mapping[str, object] = MappingProxyType({})

    def __init__(self) -> None:
        words()

    def applies(self, problem: Problem) -> bool:
        """Whether it is a problem with quantities."""
        return problem.kind in ("units", "physics")

    def check(self, problem: Problem, prefix: Sequence[str], step: str) -> Verdict:
        """Return the verdict on `step`; offsets of claims are into it."""
        return verdict_of(self.id, self.version, findings(step), step)

    def check_answer(self, problem: Problem, given: str) -> Verdict:
        """Return whether the quantity given is the problem's, in whatever unit; other answers as everywhere."""
        finding = answer_finding(given, problem.answer)
        if finding is None:
            return replace(check_answer(given, problem.answer), verifier=self.id, version=self.version)
        return verdict_of(self.id, self.version, [finding], given)


def findings(step: str) -> list[Finding]:
    """Return what a step states about quantities, each with its verdict, in the order of the text."""
    stated = Statements(step)
    found = [sum_finding(side, step) for side in stated.sums]
    for link in stated.links:
        finding = link_finding(link, judge(link, stated.tokens), step)
        found += [finding] if finding is not None else []
    return sorted(found, key=lambda each: each.claim.start)


def answer_finding(given: str, reference: str) -> Finding | None:
    """Return two final answers held against each other, None where one is no quantity with a unit."""
    ours, theirs = (clean(each).rpartition("=")[2].strip() for each in (given, reference))
    if not ours or not theirs or max(len(ours), len(theirs)) > MAX_ANSWER or "\n" in ours + theirs:
        return None
    line = f"{ours} = {theirs}"
    stated = Statements(line)
    if len(stated.links) != 1 or stated.links[0].left is None or not stated.links[0].clean:
        return None
    link = stated.links[0]
    judged = judge(link, stated.tokens)
    if link.left is not None and link.left.notes.unitless != link.right.notes.unitless:
        # Which unit a bare number means is not sure, unless it is the same number.
        agree = bare_agreement(link.left, link.right) >= Outcome.ROUNDED
        judged = replace(judged, outcome=Outcome.BARE if agree else Outcome.UNKNOWN)
    elif judged.outcome in (Outcome.UNKNOWN, Outcome.CLOSE):
        return None
    return link_finding(link, judged, line)
